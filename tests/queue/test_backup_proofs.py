"""Proving on pretend nodes that a backup could be put back: nothing is changed there, whatever comes of it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.queue.conftest import run_all_due
from tests.queue.test_backups_items import WEB, nightly, ordered, run_queues
from tests.queue.test_deploy import changing
from tests.simfleet import hestia, register

from hostdeck.core.domain.items import ItemKind, ItemStatus
from hostdeck.core.domain.vocabulary import Role, TaskStatus
from hostdeck.core.errors import Conflict
from hostdeck.core.intents.backup_proofs import prove_backup
from hostdeck.core.intents.backups import take_backup
from hostdeck.core.intents.base import Door
from hostdeck.core.intents.items import add_item
from hostdeck.core.queries.items import items
from hostdeck.core.sim.fleet import SimFleet
from hostdeck.core.store.item_models import Item
from hostdeck.core.store.work_models import Task
from hostdeck.queue.runner import Runner


@pytest.fixture
def service(runner: Runner, door: Door, fleet: SimFleet) -> int:
    """A service with a database and two mailboxes, and a backup of each account."""
    register(door, fleet)
    service = ordered(runner, door, "basic")
    add_item(door, service, ItemKind.DATABASE, "shop", {})
    for name in ("info", "sales"):
        add_item(door, service, ItemKind.MAILBOX, name, {})
    run_all_due(runner)
    take_backup(door, service)
    run_all_due(runner)
    run_queues(fleet, runner, "web01", "mx01")
    return service


def backup(role: Role) -> Item:
    rows = Item.select().where(Item.kind == ItemKind.BACKUP.value, Item.status == ItemStatus.ACTIVE)
    return next(row for row in rows if row.wanted["role"] == role)


def proved(runner: Runner, door: Door, service: int, role: Role) -> Task:
    (task,) = prove_backup(door, service, f"#{backup(role).id}")
    run_all_due(runner)
    row: Task = Task.get_by_id(task)
    return row


def test_each_accounts_archive_is_read_through_and_its_row_says_what_is_in_it(
    runner: Runner, door: Door, fleet: SimFleet, service: int
) -> None:
    before = changing(fleet)
    web, mail = (proved(runner, door, service, role) for role in (Role.WEB, Role.MAIL))
    assert [(row.action, row.status) for row in (web, mail)] == [
        ("web.proveBackup", TaskStatus.SUCCESS), ("mail.proveBackup", TaskStatus.SUCCESS),
    ]  # fmt: skip
    assert changing(fleet) == before
    shown = {row.field("role"): row.field("proven") for row in items(service, ItemKind.BACKUP)}
    assert [shown[role]["words"] for role in ("web", "mail")] == ["1 site, 1 database", "2 mailboxes"]
    assert shown["web"]["error"] is None
    assert web.result["sha256"] == shown["web"]["sha256"]


def test_what_is_proven_stays_known_while_the_node_lists_the_archive(
    runner: Runner, door: Door, fleet: SimFleet, service: int
) -> None:
    proved(runner, door, service, Role.WEB)
    proven = backup(Role.WEB).name
    nightly(fleet, "web01", timedelta(minutes=-30))
    take_backup(door, service, Role.WEB)
    run_all_due(runner)
    run_queues(fleet, runner, "web01")
    rows = {row.name: row.field("proven") for row in items(service, ItemKind.BACKUP) if row.field("role") == "web"}
    assert len(rows) > 1
    assert [name for name, shown in rows.items() if shown] == [proven]


@pytest.mark.parametrize(
    ("broken", "words"),
    [("archive", "the archive ends before its end"), ("dump", f"db {WEB}_shop can't be read to its end")],
)
def test_one_that_could_not_be_put_back_fails_its_task_and_says_so_in_its_row(
    runner: Runner, door: Door, fleet: SimFleet, service: int, broken: str, words: str
) -> None:
    hestia(fleet, "web01").machine.broken.add(broken)
    task = proved(runner, door, service, Role.WEB)
    assert (task.status, "[BKP_BROKEN]" in task.error, words in task.error) == (TaskStatus.FAILED, True, True)
    row = backup(Role.WEB)
    assert (row.known["proven"]["error"], row.known["proven"]["words"]) == (words, "")
    assert (row.status, row.error) == (ItemStatus.ACTIVE, None)
    hestia(fleet, "web01").machine.broken.clear()
    assert proved(runner, door, service, Role.WEB).status is TaskStatus.SUCCESS
    assert backup(Role.WEB).known["proven"]["error"] is None


def test_nobody_elses_account_is_looked_into(runner: Runner, door: Door, fleet: SimFleet, service: int) -> None:
    hestia(fleet, "web01").book.users[WEB].conf["NAME"] = "somebody else"
    task = proved(runner, door, service, Role.WEB)
    assert task.status is TaskStatus.FAILED
    assert "proven" not in backup(Role.WEB).known


def test_what_can_not_be_read_is_refused(door: Door, service: int) -> None:
    row = backup(Role.WEB)
    prove_backup(door, service, row.name)
    with pytest.raises(Conflict, match="is being read already"):
        prove_backup(door, service, row.name)
    Item.update(known=row.known | {"path": None}).where(Item.id == row.id).execute()
    with pytest.raises(Conflict, match="lies elsewhere"):
        prove_backup(door, service, row.name)
    Item.update(known={}).where(Item.id == row.id).execute()
    with pytest.raises(Conflict, match="not been taken yet"):
        prove_backup(door, service, row.name)
