"""`service restore`, and what adding and removing backups and certificates say."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.authority import intermediate, leaf
from tests.cli import seed
from tests.cli.conftest import Call

from hostdeck.core.domain.items import ItemKind, ItemStatus
from hostdeck.core.domain.vocabulary import ServiceStatus, TaskStatus
from hostdeck.core.errors import Invalid, Refused
from hostdeck.core.store.db import connection
from hostdeck.core.store.fleet_models import Server
from hostdeck.core.store.item_models import Item
from hostdeck.core.store.work_models import Account, Service, Task
from hostdeck.tui.cli.backups import add_backup, remove_backup
from hostdeck.tui.cli.given import given
from hostdeck.tui.cli.own_certificates import add_certificate, remove_certificate

DOMAIN = "one.example.com"
ARCHIVE = "u1-web.2026-03-01_05-10-02.tar"


@pytest.fixture
def archive(home: Path) -> None:
    """A service with one backup of its website, of 1 March."""
    with connection():
        row = seed.service(DOMAIN, ServiceStatus.ACTIVE, [TaskStatus.SUCCESS] * 6)
        known = {"archive": ARCHIVE, "size_mb": 12, "taken_at": "2026-03-01T05:10:02+00:00"}
        contents = {"web": [DOMAIN], "db": ["u1-web_shop"], "mail": [], "dns": [], "cron": [], "udir": [".ssh"]}
        Item.create(
            service=row,
            server=Server.get(name="web01"),
            kind=ItemKind.BACKUP,
            name=ARCHIVE,
            wanted={"role": "web", "since": 1772341802},
            known=known | {"contents": contents},
            status=ItemStatus.ACTIVE,
            seen_at=datetime(2026, 3, 1, 6, tzinfo=UTC),
        )


@pytest.fixture
def carried(home: Path, archive: None, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, Any, str]]:
    """Calls what a word does, as the words around it will: exit code, the document, and what stands beside it."""

    def call(work: Callable[..., int], *args: Any) -> tuple[int, Any, str]:
        capsys.readouterr()
        given.take({"home": None, "read_only": False, "json": True})
        code = work(*args)
        out, err = capsys.readouterr()
        return code, json.loads(out), err

    return call


def test_proof_says_what_is_in_it_and_changes_nothing(call: Call, archive: None) -> None:
    said = call("service", "restore", DOMAIN, ARCHIVE, "--proof", "--json")
    shown = json.loads(said.out)
    assert (said.code, shown["server"], shown["size_mb"], shown["taken_at"]) == (0, "web01", 12, "2026-03-01T05:10:02Z")
    parts = {part["part"]: (part["count"], part["restored"]) for part in shown["parts"]}
    assert (parts["web"], parts["db"], parts["mail"], parts["dns"]) == ((1, True), (1, True), (0, False), (0, False))
    people = call("service", "restore", "1", "#1", "--proof")
    assert "u1-web_shop" in people.out
    assert "12 MB, taken 2026-03-01" in people.err
    assert f"hostdeck service prove {DOMAIN} {ARCHIVE}" in people.err
    with connection():
        assert not Task.select().where(Task.action == "web.restoreBackup").exists()


def test_the_list_says_where_a_backup_lies_and_what_fetches_it(call: Call, archive: None) -> None:
    (row,) = json.loads(call("service", "items", DOMAIN, "backup", "--json").out)
    assert (row["path"], row["fetch"]) == (f"/backup/{ARCHIVE}", f"scp root@192.0.2.1:/backup/{ARCHIVE} .")
    people = call("service", "items", DOMAIN, "backup")
    assert f"/backup/{ARCHIVE}" in people.out
    assert f"#{row['id']} is fetched with: {row['fetch']}" in people.err


def test_a_proof_is_one_task_and_what_it_showed_stands_in_the_list(call: Call, archive: None) -> None:
    said = call("service", "prove", DOMAIN, ARCHIVE, "--json")
    (task,) = json.loads(said.out)
    assert (said.code, task["action"], task["status"]) == (0, "web.proveBackup", "queued")
    assert call("service", "prove", DOMAIN, "other.tar").code == 3
    with connection():
        args = Task.get_by_id(task["id"]).args
        row = Item.get()
        row.known |= {"proven": {"at": "2026-03-02T10:00:00+00:00", "words": "1 site", "error": None, "sha256": "ab"}}
        row.save()
    assert (args["archive"], args["contents"]["db"], args["row"]) == (ARCHIVE, ["u1-web_shop"], row.id)
    assert "2026-03-02: 1 site" in call("service", "items", DOMAIN, "backup").out
    (shown,) = json.loads(call("service", "items", DOMAIN, "backup", "--json").out)
    assert shown["proven"]["sha256"] == "ab"
    assert "read to its end on 2026-03-02: 1 site" in call("service", "restore", DOMAIN, "#1", "--proof").err


def test_a_trial_is_one_task_and_what_came_back_stands_in_the_list(call: Call, archive: None) -> None:
    said = call("service", "prove", DOMAIN, ARCHIVE, "--scratch", "--json")
    (task,) = json.loads(said.out)
    assert (said.code, task["action"], task["status"]) == (0, "web.tryBackup", "queued")
    assert "is being restored for trial" in call("service", "prove", DOMAIN, ARCHIVE, "--scratch").err
    with connection():
        args = Task.get_by_id(task["id"]).args
        row = Item.get()
        row.known |= {"tried": {"at": "2026-03-02T10:00:00+00:00", "words": "1 site", "error": None, "since": 1}}
        row.save()
        nonce = Account.get(Account.service == 1).nonce
    assert (args["trial"], args["row"]) == (f"1-{nonce}-web", row.id)
    assert "2026-03-02: 1 site" in call("service", "items", DOMAIN, "backup").out
    (shown,) = json.loads(call("service", "items", DOMAIN, "backup", "--json").out)
    assert shown["tried"]["words"] == "1 site"
    assert "restored for trial on 2026-03-02: 1 site" in call("service", "restore", DOMAIN, "#1", "--proof").err


def test_a_restore_wants_a_yes_and_is_then_one_task(call: Call, archive: None) -> None:
    said = call("service", "restore", DOMAIN, ARCHIVE)
    assert said.code == 2
    assert "add --yes to overwrite" in said.err
    said = call("service", "restore", DOMAIN, ARCHIVE, "--part", "db=u1-web_shop", "--yes", "--json")
    (task,) = json.loads(said.out)
    assert (said.code, task["action"], task["server"], task["status"]) == (0, "web.restoreBackup", "web01", "queued")
    with connection():
        args = Task.get_by_id(task["id"]).args
    assert args["parts"] == {
        "web": "no", "dns": "no", "mail": "no", "db": "u1-web_shop", "cron": "no", "udir": "no"
    }  # fmt: skip
    said = call("service", "restore", DOMAIN, ARCHIVE, "--yes")
    assert (said.code, "is being restored already" in said.err) == (4, True)


def test_what_is_not_there_is_said(call: Call, archive: None) -> None:
    assert call("service", "restore", DOMAIN, "other.tar", "--yes").code == 3
    assert call("service", "restore", DOMAIN, "other.tar", "--proof").code == 3
    said = call("service", "restore", DOMAIN, ARCHIVE, "--part", "mail=*", "--yes")
    assert (said.code, "BKP_PART" in said.err) == (2, True)


def test_adding_and_removing_a_backup_are_tasks_and_say_how_many_are_kept(carried: Any) -> None:
    code, tasks, beside = carried(add_backup, DOMAIN, "web", False, 5)
    assert (code, [task["action"] for task in tasks]) == (0, ["web.takeBackup"])
    assert "5 backups of u1-web are kept, 1 are there" in beside
    code, tasks, _ = carried(remove_backup, DOMAIN, ARCHIVE, False, 5)
    assert (code, [task["action"] for task in tasks]) == (0, ["web.removeBackup"])
    with pytest.raises(Invalid, match="web, mail, dns"):
        carried(add_backup, DOMAIN, "ftp", False, 5)


def test_a_certificate_is_read_from_files_and_its_key_is_shown_nowhere(carried: Any, tmp_path: Path) -> None:
    issued = leaf(DOMAIN)
    files = [tmp_path / name for name in ("crt", "key", "chain")]
    for file, text in zip(files, (issued.pem, issued.key, intermediate().pem), strict=True):
        file.write_text(text)
    code, tasks, beside = carried(add_certificate, DOMAIN, *files, "web", False, 5)
    assert (code, [task["action"] for task in tasks]) == (0, ["ssl.installCustom"])
    assert "does not cover www.one.example.com" in beside
    with connection():
        row = Item.get(Item.kind == ItemKind.CERTIFICATE.value)
        assert "PRIVATE" not in json.dumps([row.wanted, row.known, row.secret])
    code, tasks, _ = carried(remove_certificate, DOMAIN, "", False, 5)
    assert (code, tasks[0]["action"]) == (0, "ssl.removeCustom")
    files[1].write_text(leaf(DOMAIN).key)
    with pytest.raises(Invalid, match="CRT_KEY_OTHER"):
        carried(add_certificate, DOMAIN, *files, "web", False, 5)


def test_read_only_changes_nothing(call: Call, archive: None, tmp_path: Path) -> None:
    said = call("--read-only", "service", "restore", DOMAIN, ARCHIVE, "--yes")
    assert said.code == 4
    given.take({"home": None, "read_only": True, "json": False})
    for work in (
        lambda: add_backup(DOMAIN, "", False, 5),
        lambda: remove_backup(DOMAIN, ARCHIVE, False, 5),
        lambda: add_certificate(DOMAIN, tmp_path, tmp_path, None, "", False, 5),
        lambda: remove_certificate(DOMAIN, "", False, 5),
    ):
        given.read_only = True
        with pytest.raises(Refused, match="read-only"):
            work()
    with connection():
        assert Item.get().status is ItemStatus.ACTIVE
        assert Service.select().count() == 1
