"""Restores on pretend nodes: queued once, waited for, believed by the node's own log."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from tests.queue.conftest import make_due, run_all_due
from tests.queue.test_backups_items import DOMAIN, WEB, ordered, ran, rows, run_queues, task
from tests.simfleet import hestia, register

from hostdeck.core.domain.vocabulary import Role, TaskStatus
from hostdeck.core.domain.wishes import Wish
from hostdeck.core.errors import Conflict, Invalid
from hostdeck.core.intents.backups import restore_backup, take_backup
from hostdeck.core.intents.base import Door
from hostdeck.core.intents.life import grant
from hostdeck.core.sim.fleet import SimFleet
from hostdeck.core.store.db import connection
from hostdeck.core.store.work_models import Task
from hostdeck.queue.runner import Runner

SCHEDULE = "v-schedule-user-restore"
MAIL = "customer-test-mail"


@pytest.fixture
def service(runner: Runner, door: Door, fleet: SimFleet) -> int:
    """With a database and a mailbox, and a backup of each account that holds them."""
    register(door, fleet)
    service = ordered(runner, door, "basic")
    add_database(fleet)
    fleet["mx01"].account.run(["v-add-mail-account", MAIL, DOMAIN, "anna", "a secret word"])
    take_backup(door, service)
    run_all_due(runner)
    run_queues(fleet, runner, "web01", "mx01")
    return service


def add_database(fleet: SimFleet) -> None:
    assert fleet["web01"].account.run(["v-add-database", WEB, "shop", "shop", "a secret word"]).exit == 0


def databases(fleet: SimFleet) -> list[str]:
    return [row["DB"] for row in hestia(fleet, "web01").book.users[WEB].db]


def archive(role: str = "web") -> str:
    return next(row.name for row in rows() if row.wanted["role"] == role)


def lose(fleet: SimFleet) -> None:
    assert fleet["web01"].account.run(["v-delete-database", WEB, f"{WEB}_shop"]).exit == 0
    assert databases(fleet) == []


def test_a_lost_database_comes_back_and_only_what_the_account_is_for_is_touched(
    runner: Runner, door: Door, fleet: SimFleet, service: int
) -> None:
    lose(fleet)
    (number,) = restore_backup(door, service, archive(), sure=True)
    run_all_due(runner)
    assert (task(number).action, task(number).status) == ("web.restoreBackup", TaskStatus.RETRYING)
    assert "queued on web01" in (task(number).error or "")
    assert task(number).attempts == 0
    run_queues(fleet, runner, "web01")
    assert task(number).status is TaskStatus.SUCCESS, task(number).error
    assert databases(fleet) == [f"{WEB}_shop"]
    assert task(number).result["archive"] == archive()
    ((_, _, web, dns, mail, db, cron, udir),) = ran(fleet, SCHEDULE)
    assert (web, dns, mail, db, cron, udir) == ("", "no", "no", "", "", "")


def test_the_mail_domains_mailboxes_come_back_on_their_own_node(
    runner: Runner, door: Door, fleet: SimFleet, service: int
) -> None:
    fleet["mx01"].account.run(["v-delete-mail-account", MAIL, DOMAIN, "anna"])
    (number,) = restore_backup(door, service, archive("mail"), sure=True)
    run_all_due(runner)
    run_queues(fleet, runner, "mx01")
    assert task(number).status is TaskStatus.SUCCESS, task(number).error
    boxes = hestia(fleet, "mx01").book.users[MAIL].mailboxes[DOMAIN]
    assert [row["ACCOUNT"] for row in boxes] == ["anna"]
    assert ran(fleet, SCHEDULE) == []


def test_one_part_alone_is_put_back(runner: Runner, door: Door, fleet: SimFleet, service: int) -> None:
    lose(fleet)
    (number,) = restore_backup(door, service, archive(), {"db": f"{WEB}_shop"}, sure=True)
    run_all_due(runner)
    run_queues(fleet, runner, "web01")
    assert task(number).status is TaskStatus.SUCCESS, task(number).error
    assert ran(fleet, SCHEDULE)[0][2:] == ("no", "no", "no", f"{WEB}_shop", "no", "no")


@pytest.mark.parametrize("fault", ["drop-before", "drop-after"])
def test_an_answer_that_is_lost_restores_once(
    runner: Runner, door: Door, fleet: SimFleet, service: int, fault: str
) -> None:
    fleet["web01"].faults.add(f"{SCHEDULE}={fault}*1")
    (number,) = restore_backup(door, service, archive(), sure=True)
    for _ in range(2):
        run_all_due(runner)
        make_due()
    run_queues(fleet, runner, "web01")
    assert task(number).status is TaskStatus.SUCCESS, task(number).error
    done = [line for line in hestia(fleet, "web01").book.system_log if " v-restore-user " in line]
    assert len(done) == 1


def test_a_restore_of_before_the_wish_is_not_this_one_and_each_wish_is_carried(
    runner: Runner, door: Door, fleet: SimFleet, service: int
) -> None:
    account = hestia(fleet, "web01")
    now = account.clock
    account.clock = lambda: datetime.now(UTC) - timedelta(minutes=5)
    account.run(["v-restore-user", WEB, archive()])
    account.clock = now
    lose(fleet)
    (number,) = restore_backup(door, service, archive(), sure=True)
    with pytest.raises(Conflict, match="is being restored already"):
        restore_backup(door, service, archive(), sure=True)
    run_all_due(runner)
    assert task(number).status is TaskStatus.RETRYING
    run_queues(fleet, runner, "web01")
    assert databases(fleet) == [f"{WEB}_shop"]


def test_a_node_whose_clock_is_wrong_is_believed_all_the_same(
    runner: Runner, door: Door, fleet: SimFleet, service: int
) -> None:
    hestia(fleet, "web01").clock = lambda: datetime.now(UTC) - timedelta(hours=3)
    (number,) = restore_backup(door, service, archive(), sure=True)
    run_all_due(runner)
    assert task(number).status is TaskStatus.RETRYING
    run_queues(fleet, runner, "web01")
    assert task(number).status is TaskStatus.SUCCESS, task(number).error


def test_a_node_under_load_is_asked_again_once_it_has_given_up(
    runner: Runner, door: Door, fleet: SimFleet, service: int
) -> None:
    lose(fleet)
    hestia(fleet, "web01").broken.add("load")
    (number,) = restore_backup(door, service, archive(), sure=True)
    run_all_due(runner)
    run_queues(fleet, runner, "web01")
    assert task(number).status is TaskStatus.RETRYING
    assert len(ran(fleet, SCHEDULE)) == 2
    hestia(fleet, "web01").broken.discard("load")
    run_queues(fleet, runner, "web01")
    assert task(number).status is TaskStatus.SUCCESS, task(number).error
    assert databases(fleet) == [f"{WEB}_shop"]


def test_a_failure_says_why_and_that_the_node_keeps_trying(
    runner: Runner, door: Door, fleet: SimFleet, service: int
) -> None:
    (number,) = restore_backup(door, service, archive(), sure=True)
    run_all_due(runner)
    fleet["web01"].account.run(["v-suspend-user", WEB])
    run_queues(fleet, runner, "web01")
    assert task(number).status is TaskStatus.FAILED
    for word in ("the account is suspended", "still in the node's queue", "BKP_RESTORE"):
        assert word in (task(number).error or "")


def test_an_archive_that_has_gone_meanwhile_is_not_restored(
    runner: Runner, door: Door, fleet: SimFleet, service: int
) -> None:
    (number,) = restore_backup(door, service, archive(), sure=True)
    fleet["web01"].account.run(["v-delete-user-backup", WEB, archive()])
    run_all_due(runner)
    assert "BKP_GONE" in (task(number).error or "")
    assert ran(fleet, SCHEDULE) == []


def test_another_restore_of_the_account_is_waited_for(
    runner: Runner, door: Door, fleet: SimFleet, service: int
) -> None:
    account = hestia(fleet, "web01")
    account.clock = lambda: datetime.now(UTC) + timedelta(seconds=5)
    account.run(["v-backup-user", WEB])
    other = account.book.users[WEB].backups[-1]["BACKUP"]
    assert other != archive()
    account.run([SCHEDULE, WEB, other])
    (number,) = restore_backup(door, service, archive(), sure=True)
    run_all_due(runner)
    assert "another restore" in (task(number).error or "")
    run_queues(fleet, runner, "web01")
    run_queues(fleet, runner, "web01")
    assert task(number).status is TaskStatus.SUCCESS, task(number).error


def test_what_can_not_be_is_refused_before_anything_is_written(
    runner: Runner, door: Door, fleet: SimFleet, service: int
) -> None:
    with pytest.raises(Invalid, match="CONFIRM"):
        restore_backup(door, service, archive())
    for parts, said in (
        ({"db": "nothing_here"}, "holds no db nothing_here"),
        ({"mail": "*"}, "mail is not what this account is for"),
        ({"dns": "*"}, "undo what was published"),
        ({"web": "a b"}, "names with commas"),
        ({"rest": "*"}, "no part of a backup"),
    ):
        with pytest.raises(Invalid, match=said):
            restore_backup(door, service, archive(), parts, sure=True)
    take_backup(door, service, Role.WEB)
    pending = next(row.name for row in rows() if not row.known)
    with pytest.raises(Conflict, match="not been taken yet"):
        restore_backup(door, service, pending, sure=True)
    grant(door, service, Wish.SUSPEND)
    run_all_due(runner)
    with pytest.raises(Conflict, match="open it first"):
        restore_backup(door, service, archive(), sure=True)
    assert ran(fleet, SCHEDULE) == []


def test_an_archive_of_another_account_is_not_restored_whoever_lists_it(
    runner: Runner, door: Door, fleet: SimFleet, service: int
) -> None:
    """The node would drop the databases of the account that the archive is named after."""
    row = hestia(fleet, "web01").book.users[WEB].backups[-1]
    row["BACKUP"] = other = row["BACKUP"].replace(WEB, "neighbour")
    (number,) = restore_backup(door, service, archive(), sure=True)
    with connection():
        named = Task.get_by_id(number)
        named.args |= {"archive": other}
        named.save()
    run_all_due(runner)
    assert "BKP_FOREIGN" in (task(number).error or "")
    assert ran(fleet, SCHEDULE) == []


def test_somebody_elses_account_is_not_restored(runner: Runner, door: Door, fleet: SimFleet, service: int) -> None:
    fleet["web01"].account.run(["v-change-user-name", WEB, "somebody else"])
    (number,) = restore_backup(door, service, archive(), sure=True)
    run_all_due(runner)
    assert "OWN_FOREIGN" in (task(number).error or "")
    assert ran(fleet, SCHEDULE) == []
