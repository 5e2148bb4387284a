"""Backups restored for trial on pretend nodes: beside all accounts, and nothing of it stays whatever comes of it."""

from __future__ import annotations

from copy import deepcopy
from datetime import timedelta

import pytest
from tests.queue.conftest import error_of, make_due, run_all_due
from tests.queue.test_backup_proofs import backup, service
from tests.queue.test_backups_items import WEB
from tests.simfleet import hestia

from hostdeck.core.domain.items import ItemKind, ItemStatus
from hostdeck.core.domain.vocabulary import Role, ServiceStatus, TaskStatus
from hostdeck.core.domain.wishes import Wish
from hostdeck.core.errors import Conflict
from hostdeck.core.intents.backup_proofs import try_backup
from hostdeck.core.intents.base import Door
from hostdeck.core.intents.life import grant
from hostdeck.core.intents.retries import retry_all
from hostdeck.core.intents.work import cancel, retry
from hostdeck.core.queries.items import items
from hostdeck.core.sim.fleet import SimFleet
from hostdeck.core.sim.hestia.book import Book
from hostdeck.core.store.fields import utcnow
from hostdeck.core.store.item_models import Item
from hostdeck.core.store.trials import end_stopped
from hostdeck.core.store.work_models import Service, Task
from hostdeck.queue.runner import Runner

__all__ = ["service"]

WHOLE = ["try", "end-trial"]


def tried(runner: Runner, door: Door, service: int, role: Role = Role.WEB) -> Task:
    (number,) = try_backup(door, service, f"#{backup(role).id}")
    run_all_due(runner)
    return task(number)


def task(number: int) -> Task:
    row: Task = Task.get_by_id(number)
    return row


def again(runner: Runner) -> None:
    make_due()
    run_all_due(runner)


def book(fleet: SimFleet, name: str = "web01") -> Book:
    return hestia(fleet, name).book


def sent(fleet: SimFleet, since: int = 0) -> list[str]:
    """The changing commands on web01; a fixed text by its label."""
    node = fleet["web01"]
    argvs = [ran.argv for ran in node.journal if node.account.changes(ran.argv)]
    names = [argv[0].rsplit("/", 1)[-1] for argv in argvs]
    return [argv[5] if name == "bash" else name for argv, name in zip(argvs, names, strict=True)][since:]


def test_each_accounts_archive_is_restored_beside_it_and_its_row_says_what_came_back(
    runner: Runner, door: Door, fleet: SimFleet, service: int
) -> None:
    before, since = deepcopy(book(fleet).users[WEB]), len(sent(fleet))
    web, mail = (tried(runner, door, service, role) for role in (Role.WEB, Role.MAIL))
    assert [(row.action, row.status, row.error) for row in (web, mail)] == [
        ("web.tryBackup", TaskStatus.SUCCESS, None), ("mail.tryBackup", TaskStatus.SUCCESS, None),
    ]  # fmt: skip
    assert sent(fleet, since) == WHOLE
    shown = {row.field("role"): row.field("tried") for row in items(service, ItemKind.BACKUP)}
    assert [shown[role]["words"] for role in ("web", "mail")] == ["1 site, 1 database", "2 mailboxes"]
    assert web.result == shown["web"]
    assert book(fleet).users[WEB] == before
    assert [book(fleet, name).trials for name in ("web01", "mx01")] == [{}, {}]


def test_what_does_not_come_back_fails_its_task_and_says_so_in_its_row(
    runner: Runner, door: Door, fleet: SimFleet, service: int
) -> None:
    machine = hestia(fleet, "web01").machine
    machine.broken.add("dump")
    row = tried(runner, door, service)
    assert (row.status, "[BKP_BROKEN]" in row.error) == (TaskStatus.FAILED, True)
    assert backup(Role.WEB).known["tried"]["error"] == f"db {WEB}_shop did not come back whole"
    assert book(fleet).trials == {}
    machine.broken.clear()
    retry(door, row.id)
    run_all_due(runner)
    assert task(row.id).status is TaskStatus.SUCCESS
    assert backup(Role.WEB).known["tried"]["error"] is None


def test_while_it_goes_on_its_node_is_held_by_nobody_and_it_is_looked_at_again(
    runner: Runner, door: Door, fleet: SimFleet, service: int
) -> None:
    machine = hestia(fleet, "web01").machine
    machine.broken.add("slow")
    row = tried(runner, door, service)
    assert (row.status, row.attempts) == (TaskStatus.RETRYING, 0)
    assert "for trial" in row.error
    with pytest.raises(Conflict, match="is being restored for trial already"):
        try_backup(door, service, f"#{backup(Role.WEB).id}")
    machine.broken.clear()
    since = len(sent(fleet))
    again(runner)
    assert task(row.id).status is TaskStatus.SUCCESS
    assert sent(fleet, since) == ["end-trial"]


@pytest.mark.parametrize("begun", ["begun={since} other.tar", "begun=7 {archive}", "begun={archive}"])
@pytest.mark.parametrize("stands", ["running", "ended"])
def test_what_another_wish_has_left_is_ended_and_never_taken_for_this_ones(
    runner: Runner, door: Door, fleet: SimFleet, service: int, begun: str, stands: str
) -> None:
    """Nobody has that wish any more; a fault that it met may be mended, and its archive another one."""
    machine = hestia(fleet, "web01").machine
    machine.broken.add("slow")
    row = tried(runner, door, service)
    ((name, (ours, *rest)),) = book(fleet).trials.items()
    archive, since = row.args["archive"], row.args["since"]
    assert ours == f"begun={since} {archive}"
    fault = "fault=web site No space left on device"
    book(fleet).trials[name] = [begun.format(since=since, archive=archive), fault, "end=1"]
    if stands == "ended":
        machine.broken.clear()
    sent_before = len(sent(fleet))
    again(runner)
    assert sent(fleet, sent_before)[:2] == ["end-trial", "try"]
    assert book(fleet).trials == ({name: [ours, *rest]} if stands == "running" else {})
    machine.broken.clear()
    again(runner)
    assert (task(row.id).status, book(fleet).trials) == (TaskStatus.SUCCESS, {})


def test_a_node_that_went_down_meanwhile_begins_anew(runner: Runner, door: Door, fleet: SimFleet, service: int) -> None:
    machine = hestia(fleet, "web01").machine
    machine.broken.add("reboot")
    row = tried(runner, door, service)
    assert row.status is TaskStatus.RETRYING
    machine.broken.clear()
    again(runner)
    again(runner)
    assert task(row.id).status is TaskStatus.SUCCESS
    assert book(fleet).trials == {}


@pytest.mark.parametrize("command", sorted(set(WHOLE)))
@pytest.mark.parametrize("kind", ["drop-after", "drop-before", "exit:5", "lie"])
def test_a_line_lost_anywhere_leaves_nothing_behind_in_the_end(
    runner: Runner, door: Door, fleet: SimFleet, service: int, command: str, kind: str
) -> None:
    fleet["web01"].faults.add(f"{command}={kind}*1")
    row = tried(runner, door, service)
    for _ in range(3):
        again(runner)
    if task(row.id).status is TaskStatus.FAILED:
        assert book(fleet).trials == {}
        retry(door, row.id)
        run_all_due(runner)
    assert task(row.id).status is TaskStatus.SUCCESS, task(row.id).error
    assert book(fleet).trials == {}
    assert Service.get_by_id(service).status is ServiceStatus.ACTIVE, error_of(service)


def test_what_has_been_seen_to_come_back_is_not_tried_twice_for_one_wish(
    runner: Runner, door: Door, fleet: SimFleet, service: int
) -> None:
    (number,) = try_backup(door, service, f"#{backup(Role.WEB).id}")
    row, since = backup(Role.WEB), len(sent(fleet))
    said = {"at": "2026-03-02T10:00:00+00:00", "words": "1 site", "error": None, "since": task(number).args["since"]}
    Item.update(known=row.known | {"tried": said}).where(Item.id == row.id).execute()
    run_all_due(runner)
    assert (task(number).status, task(number).result) == (TaskStatus.SUCCESS, said)
    assert sent(fleet, since) == []


def test_an_account_that_is_somebody_elses_by_now_has_nothing_restored(
    runner: Runner, door: Door, fleet: SimFleet, service: int
) -> None:
    book(fleet).users[WEB].values["NAME"] = "them"
    since = len(sent(fleet))
    row = tried(runner, door, service)
    assert (row.status, "[OWN_FOREIGN]" in row.error) == (TaskStatus.FAILED, True)
    assert sent(fleet, since) == []


@pytest.mark.parametrize(("broken", "code"), [("room", "BKP_ROOM"), ("archive gone", "BKP_GONE")])
def test_without_room_or_archive_nothing_is_begun(
    runner: Runner, door: Door, fleet: SimFleet, service: int, broken: str, code: str
) -> None:
    hestia(fleet, "web01").machine.broken.add(broken)
    if code == "BKP_GONE":
        book(fleet).archives.clear()
    since = len(sent(fleet))
    row = tried(runner, door, service)
    assert (row.status, f"[{code}]" in row.error) == (TaskStatus.FAILED, True)
    assert sent(fleet, since) == []


def test_an_archive_that_is_rotated_away_before_it_begins_is_no_broken_one(
    runner: Runner, door: Door, fleet: SimFleet, service: int
) -> None:
    fleet["web01"].faults.add("try=drop-before*1")
    row = tried(runner, door, service)
    assert (row.status, book(fleet).trials) == (TaskStatus.RETRYING, {})
    book(fleet).archives.clear()
    again(runner)
    assert (task(row.id).status, "[BKP_GONE]" in task(row.id).error) == (TaskStatus.FAILED, True)
    assert book(fleet).trials == {}
    assert "tried" not in backup(Role.WEB).known


@pytest.mark.parametrize("wish", [Wish.TERMINATE, Wish.HARD_REDEPLOY])
def test_what_a_stopped_trial_has_left_goes_with_the_service(
    runner: Runner, door: Door, fleet: SimFleet, service: int, wish: Wish
) -> None:
    machine = hestia(fleet, "web01").machine
    machine.broken.add("slow")
    row = tried(runner, door, service)
    cancel(door, row.id)
    run_all_due(runner)
    assert len(book(fleet).trials) == 1
    machine.broken.clear()
    grant(door, service, wish, Service.get_by_id(service).domain)
    again(runner)
    again(runner)
    assert book(fleet).trials == {}
    gone = wish is Wish.TERMINATE
    assert Service.get_by_id(service).status is (ServiceStatus.TERMINATED if gone else ServiceStatus.ACTIVE)
    assert (WEB in book(fleet).users) is not gone


def test_what_the_node_could_not_take_says_nothing_of_the_archive(
    runner: Runner, door: Door, fleet: SimFleet, service: int
) -> None:
    hestia(fleet, "web01").machine.broken.add("full")
    row = tried(runner, door, service)
    assert (row.status, "[BKP_TRIAL]" in row.error) == (TaskStatus.FAILED, True)
    assert "web site: No space left on device. The archive may be whole" in row.error
    assert "tried" not in backup(Role.WEB).known
    assert book(fleet).trials == {}


@pytest.mark.parametrize("how", ["cancelled", "failed"])
def test_the_next_sweep_takes_away_what_a_stopped_trial_has_left_once(
    runner: Runner, door: Door, fleet: SimFleet, service: int, how: str
) -> None:
    hestia(fleet, "web01").machine.broken.add("slow")
    row = tried(runner, door, service)
    assert end_stopped(utcnow()) == []
    if how == "cancelled":
        cancel(door, row.id)
    else:
        Task.update(status=TaskStatus.FAILED, finished_at=utcnow()).where(Task.id == row.id).execute()
    (ending,) = end_stopped(utcnow())
    assert end_stopped(utcnow()) == []
    with pytest.raises(Conflict, match="is being ended"):
        retry(door, row.id)
    run_all_due(runner)
    assert (task(ending).action, task(ending).status) == ("web.endTrial", TaskStatus.SUCCESS)
    assert book(fleet).trials == {}
    assert end_stopped(utcnow()) == []
    hestia(fleet, "web01").machine.broken.clear()
    retry(door, row.id)
    run_all_due(runner)
    assert task(row.id).status is TaskStatus.SUCCESS


def test_nothing_is_taken_away_of_a_trial_that_never_began(
    runner: Runner, door: Door, fleet: SimFleet, service: int
) -> None:
    (number,) = try_backup(door, service, f"#{backup(Role.WEB).id}")
    cancel(door, number)
    assert end_stopped(utcnow()) == []


def test_the_trial_of_another_house_on_the_same_node_is_left_alone(
    runner: Runner, door: Door, fleet: SimFleet, service: int
) -> None:
    book(fleet).trials["7-0ther-web"] = ["begun=7 theirs.tar"]
    assert tried(runner, door, service).status is TaskStatus.SUCCESS
    assert list(book(fleet).trials) == ["7-0ther-web"]


def test_a_removal_that_failed_is_tried_again_an_hour_later(
    runner: Runner, door: Door, fleet: SimFleet, service: int
) -> None:
    hestia(fleet, "web01").machine.broken.add("slow")
    cancel(door, tried(runner, door, service).id)
    (first,) = end_stopped(utcnow())
    Task.update(status=TaskStatus.FAILED, finished_at=utcnow()).where(Task.id == first).execute()
    assert end_stopped(utcnow()) == []
    (second,) = end_stopped(utcnow() + timedelta(minutes=61))
    run_all_due(runner)
    assert task(second).status is TaskStatus.SUCCESS
    assert book(fleet).trials == {}


def test_a_wish_that_was_taken_back_at_once_hides_no_earlier_one(
    runner: Runner, door: Door, fleet: SimFleet, service: int
) -> None:
    hestia(fleet, "web01").machine.broken.add("slow")
    cancel(door, tried(runner, door, service).id)
    (number,) = try_backup(door, service, f"#{backup(Role.WEB).id}")
    assert end_stopped(utcnow()) == []
    cancel(door, number)
    assert len(end_stopped(utcnow())) == 1


def test_a_retried_trial_does_not_run_beside_another(runner: Runner, door: Door, fleet: SimFleet, service: int) -> None:
    hestia(fleet, "web01").machine.broken.add("slow")
    first = tried(runner, door, service)
    cancel(door, first.id)
    tried(runner, door, service)
    with pytest.raises(Conflict, match="is being restored for trial"):
        retry(door, first.id)
    with pytest.raises(Conflict):
        retry_all(door, [first.id])


def test_the_row_stays_as_it_was(runner: Runner, door: Door, fleet: SimFleet, service: int) -> None:
    tried(runner, door, service)
    assert (backup(Role.WEB).status, backup(Role.WEB).error) == (ItemStatus.ACTIVE, None)
