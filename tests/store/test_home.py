"""The home and the database: what is made, what is refused, and that a refused file is left as it was."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from peewee import IntegrityError
from tests.conftest import add_server

from hostdeck.core.domain.action_names import Action
from hostdeck.core.domain.vocabulary import RunKind, TaskStatus
from hostdeck.core.errors import Refused, UnsafeHome, UnusableDatabase
from hostdeck.core.settings import Settings, load_settings
from hostdeck.core.store import db
from hostdeck.core.store.base import database
from hostdeck.core.store.db import close_store, connection, open_store, transaction
from hostdeck.core.store.fleet_models import Group
from hostdeck.core.store.home import check_home, make_home
from hostdeck.core.store.seal import make_worker_key, publish_key, read_worker_key
from hostdeck.core.store.work_models import Run, Task


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_new_home_is_closed_to_everybody_else(settings: Settings) -> None:
    make_home(settings)
    assert mode(settings.home) == 0o700
    assert mode(settings.worker_key) == 0o600
    assert mode(settings.home / "hostdeck.db") == 0o600


def test_making_a_home_again_keeps_its_key_and_its_rows(settings: Settings) -> None:
    make_home(settings)
    key = settings.worker_key.read_bytes()
    with connection(), transaction():
        Group.create(name="eu")
    make_home(settings)
    assert settings.worker_key.read_bytes() == key
    with connection():
        assert Group.select().count() == 1


@pytest.mark.parametrize("name", ["", "hostdeck.db", "worker.key"])
def test_a_home_that_others_can_read_is_refused_with_the_mend(settings: Settings, name: str) -> None:
    make_home(settings)
    path = settings.home / name
    path.chmod(mode(path) | 0o044)
    with pytest.raises(UnsafeHome, match=r"is open to others; run: chmod [67]00 ") as refused:
        check_home(settings)
    assert refused.value.exit_code == 77


def test_a_key_behind_a_link_is_refused(settings: Settings, tmp_path: Path) -> None:
    make_home(settings)
    settings.worker_key.rename(tmp_path / "elsewhere")
    settings.worker_key.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UnsafeHome, match="must be a plain file"):
        read_worker_key(settings.worker_key)


def test_a_database_sealed_for_another_key_is_refused(settings: Settings) -> None:
    make_home(settings)
    settings.worker_key.unlink()
    with pytest.raises(Refused, match="sealed for another key"):
        make_home(settings)


def test_f38_a_missing_database_says_how_to_make_one(settings: Settings) -> None:
    with pytest.raises(Refused, match=f"run 'hostdeck --home {settings.home} init'") as refused:
        open_store(settings)
    assert refused.value.exit_code == 4
    assert not settings.home.exists()


def test_f38_a_corrupt_database_is_left_as_it_is(settings: Settings) -> None:
    make_home(settings)
    close_store()
    path = settings.home / "hostdeck.db"
    path.write_bytes(b"not a database at all, " * 500)
    before = path.read_bytes()
    with pytest.raises(UnusableDatabase, match="restore it from a backup") as refused:
        open_store(settings)
    close_store()
    assert refused.value.exit_code == 78
    assert path.read_bytes() == before


def test_f38_a_newer_database_is_refused(any_home: Settings) -> None:
    with connection():
        database.execute_sql("INSERT INTO schema_migration (name, applied) VALUES ('9999_x', '2030-01-01 00:00:00')")
    with pytest.raises(UnusableDatabase, match="written by a newer hostdeck"):
        open_store(any_home)


def test_an_older_database_names_the_command_that_mends_it(any_home: Settings) -> None:
    with connection():
        database.execute_sql("DELETE FROM schema_migration")
    with pytest.raises(Refused, match="run 'hostdeck init'") as refused:
        open_store(any_home)
    assert refused.value.exit_code == 4


def test_two_that_migrate_at_once_do_not_meet(settings: Settings) -> None:
    command = [sys.executable, "-W", "ignore", "-m", "hostdeck", "--home", str(settings.home), "init"]
    settings.home.mkdir(mode=0o700)
    crew = [subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) for _ in range(3)]
    said = [process.communicate(timeout=60)[1] for process in crew]
    assert [process.returncode for process in crew] == [0, 0, 0], said


def test_two_that_migrate_postgresql_at_once_do_not_meet(tmp_path: Path, postgres_url: str) -> None:
    homes = [tmp_path / "a", tmp_path / "b"]
    environment = os.environ | {"HOSTDECK_DATABASE_URL": postgres_url}
    key = load_settings(homes[0], environ={}).worker_key
    crew = []
    for home in homes:
        home.mkdir(mode=0o700)
    make_worker_key(key)
    (homes[1] / "worker.key").write_bytes(key.read_bytes())
    (homes[1] / "worker.key").chmod(0o600)
    for home in homes:
        command = [sys.executable, "-W", "ignore", "-m", "hostdeck", "--home", str(home), "init"]
        crew.append(subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE))
    said = [process.communicate(timeout=60)[1] for process in crew]
    assert [process.returncode for process in crew] == [0, 0], said


def test_there_is_one_live_task_for_one_thing_on_one_server(any_store: Settings) -> None:
    server = add_server("web09")

    def create(status: TaskStatus) -> None:
        with transaction():
            run = Run.create(kind=RunKind.SERVER)
            Task.create(run=run, server=server, action=Action.WEB_CREATE_USER, target="a", status=status)

    create(TaskStatus.SUCCESS)
    create(TaskStatus.QUEUED)
    with pytest.raises(IntegrityError):
        create(TaskStatus.WAITING)
    create(TaskStatus.FAILED)


def test_the_version_moves_with_another_connections_commit_and_not_otherwise(any_store: Settings) -> None:
    before = db.version()
    assert db.version() == before
    url = any_store.database_url or None
    code = (
        "from pathlib import Path; from hostdeck.core.settings import load_settings;"
        "from hostdeck.core.store.db import *; from hostdeck.core.store.fleet_models import Group;"
        f"open_store(load_settings(Path({str(any_store.home)!r}), {{'database_url': {url!r}}}));\n"
        "with connection(), transaction(): Group.create(name='eu')"
    )
    subprocess.run([sys.executable, "-c", code], check=True, env=os.environ | {"HOSTDECK_HOME": ""})
    assert db.version() != before


def test_publishing_the_same_key_twice_is_fine(store: Settings) -> None:
    publish_key(read_worker_key(store.worker_key))


def test_a_postgresql_address_is_read_whole(tmp_path: Path) -> None:
    url = "postgresql://u:p%40ss@db.example.net:6432/deck?sslmode=verify-full&sslrootcert=/etc/ca.pem"
    found = db._postgres_options(url)
    assert found == {
        **{"user": "u", "password": "p@ss", "host": "db.example.net", "port": "6432", "dbname": "deck"},
        **{"sslmode": "verify-full", "sslrootcert": "/etc/ca.pem", "connect_timeout": 10},
    }
    assert db._postgres_options(f"{url}&connect_timeout=3")["connect_timeout"] == "3"
    assert "p@ss" not in repr(load_settings(tmp_path, {"database_url": url}, environ={}))
    assert "p%40ss" not in repr(load_settings(tmp_path, {"database_url": url}, environ={}))
