"""The doctor's rounds: looks at everything that `core.domain.doctor` judges. It raises for nothing that it finds."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from peewee import PeeweeException

from hostdeck.core.dns.ask import serves
from hostdeck.core.domain import doctor
from hostdeck.core.domain.doctor import Check, failed, ok, refused
from hostdeck.core.errors import HostdeckError
from hostdeck.core.queries.doctor import NameserverRow, rows
from hostdeck.core.settings import Settings, sqlite_path
from hostdeck.core.store.base import database
from hostdeck.core.store.clock import since_boot
from hostdeck.core.store.db import close_store, connection, is_postgres, open_store
from hostdeck.core.store.fields import utcnow
from hostdeck.core.store.home import check_home

UNIT = Path("/etc/systemd/system/hostdeck-worker.service")
RESTORE = "stop the worker, put back a backup of the file, start it again"


def examine(settings: Settings, *, bound: bool = False, look: Callable[[], None] | None = None) -> list[Check]:
    """`bound`: this process has the database open already. `look` is done once the database is open, before its rows
    are read: asking the nodes. Takes seconds; never on a loop."""
    checks = [_home(settings), _file(settings), _room(settings), _terminal()]
    opened = _opens(settings, bound=bound)
    checks.append(opened)
    if opened.state is doctor.State.FAILED:
        return [*checks, _key(settings, None), _queue(settings)]
    try:
        with _connected(bound=bound):
            checks += [_key(settings, _published()), _queue(settings)]
            if look is not None:
                look()
            found = rows()
    except PeeweeException as error:
        return [*checks, failed("database", f"it stopped answering: {error}", RESTORE)]
    checks.append(doctor.worker(found.beats, found.waiting, _starting(settings)))
    checks.append(doctor.clock(utcnow(), found.newest, since_boot()))
    checks += [doctor.server(node) for node in found.nodes]
    if settings.demo:
        return [*checks, ok("nameservers", "the demo's are pretend and answer no DNS")]
    return checks + asyncio.run(_nameservers(found.nameservers, settings.dns_port))


@contextmanager
def _connected(*, bound: bool) -> Iterator[None]:
    try:
        with connection():
            yield
    finally:
        if not bound:
            close_store()


def _home(settings: Settings) -> Check:
    home = settings.home
    try:
        if not home.is_dir():
            return failed("home", f"{home} does not exist", f"make it: {settings.command('init')}")
        check_home(settings)
        if not os.access(home, os.R_OK | os.W_OK | os.X_OK):
            return failed("home", f"{home} can't be written by this user", f"run: chown -R {os.getuid()} {home}")
    except HostdeckError as error:
        return refused("home", str(error).removeprefix("home: "))
    except OSError as error:
        return failed("home", f"{home}: {error.strerror or error}", "run this as the user that hostdeck belongs to")
    return ok("home", f"{home}, yours alone")


def _file(settings: Settings) -> Check:
    path = settings.home / "hostdeck.toml"
    return ok("settings", f"{path} is read" if path.exists() else "no hostdeck.toml; every setting has its default")


def _room(settings: Settings) -> Check:
    place = next((path for path in (settings.home, *settings.home.parents) if path.exists()), Path("/"))
    use = shutil.disk_usage(place)
    return doctor.room(str(place), use.free, use.total)


def _terminal() -> Check:
    here = sys.__stdout__ is not None and sys.__stdout__.isatty()
    size = shutil.get_terminal_size() if here else None
    encoding = getattr(sys.__stdout__, "encoding", "") or ""
    return doctor.terminal(os.environ, (size.columns, size.lines) if size else None, encoding)


def _opens(settings: Settings, *, bound: bool) -> Check:
    path = sqlite_path(settings.database)
    try:
        if not bound:
            open_store(settings, read_only=True)
        with connection():
            if is_postgres():
                row = database.execute_sql(
                    "SELECT current_setting('server_version'), pg_database_size(current_database())"
                )
                version, size = row.fetchone()
                return ok("database", f"PostgreSQL {version} answers, {size / (1 << 20):.1f} MB, its schema is current")
            said = database.execute_sql("PRAGMA quick_check(1)").fetchone()[0]
    except HostdeckError as error:
        return refused("database", str(error).removeprefix("database: "))
    except (PeeweeException, sqlite3.Error) as error:
        return failed("database", f"{path or 'it'} can't be read: {error}", RESTORE)
    if said != "ok":
        return failed("database", f"{path} is damaged: {said}", RESTORE)
    megabytes = path.stat().st_size / (1 << 20) if path else 0
    return ok("database", f"{path}, {megabytes:.1f} MB, whole, its schema is current")


def _published() -> str | None:
    from hostdeck.core.store.fleet_models import Setting
    from hostdeck.core.store.seal import PUBLIC_KEY

    row = Setting.get_or_none(Setting.key == PUBLIC_KEY)
    return row.value if row else None


def _key(settings: Settings, published: str | None) -> Check:
    import base64

    from hostdeck.core.store.seal import read_worker_key

    try:
        private = read_worker_key(settings.worker_key)
    except HostdeckError as error:
        return refused("worker key", str(error).removeprefix("worker key: "))
    except ValueError:
        return failed("worker key", f"{settings.worker_key} holds no key", "put the key back from its backup")
    own = base64.b64encode(private.public_key().public_bytes_raw()).decode()
    if published is not None and published != own:
        text = f"{settings.worker_key} is another key than the one this database is sealed for"
        return failed("worker key", text, "put that key file back from its backup")
    return ok("worker key", f"{settings.worker_key}, yours alone" + (", fits the database" if published else ""))


def _queue(settings: Settings) -> Check:
    path = sqlite_path(settings.queue)
    if path is None:
        url = urlsplit(settings.queue)
        where = (url.hostname or "127.0.0.1", url.port or (6379 if url.scheme.startswith("redis") else 5432))
        try:
            socket.create_connection(where, timeout=5).close()
        except OSError as error:
            return failed("queue", f"{where[0]}:{where[1]}: {error.strerror or error}", "start that server")
        return ok("queue", f"{where[0]}:{where[1]} answers")
    if not path.exists():
        return ok("queue", f"{path} comes with the worker's first start")
    try:
        link = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=5)
        try:
            link.execute("SELECT count(*) FROM sqlite_master").fetchone()
        finally:
            link.close()
    except sqlite3.Error as error:
        mend = f"stop the worker, remove {path}, start it: the queue holds nothing that the database has not"
        return failed("queue", f"{path} can't be read: {error}", mend)
    return ok("queue", f"{path} opens")


def _starting(settings: Settings) -> str:
    if UNIT.exists():
        return f"systemctl start {UNIT.name}; why it ended: journalctl -u {UNIT.name}"
    return f"start it: {settings.command('worker')}; for good: {settings.command('init --systemd')}"


async def _nameservers(known: tuple[NameserverRow, ...], port: int) -> list[Check]:
    told = await asyncio.gather(*(serves(row.ip, port, row.zone) for row in known))
    return [doctor.nameserver(row.name, row.ip, row.zone, *wrong) for row, wrong in zip(known, told, strict=True)]


def unreadable(home: Path, error: str) -> list[Check]:
    """Where the settings themselves can't be read: nothing else can be found without them."""
    mend = f"mend or remove {home / 'hostdeck.toml'}; where it is another user's, run this as that user"
    return [failed("settings", error, mend), _terminal()]
