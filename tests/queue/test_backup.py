"""A last backup before a termination removes anything, taken by the node's own queue."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from tests.provider import sell, settle_in
from tests.queue.conftest import error_of, make_due, run_all_due, statuses
from tests.simfleet import register, sim_fleet

from hostdeck.core.domain.action_names import Action
from hostdeck.core.domain.vocabulary import Role, ServiceStatus, TaskStatus
from hostdeck.core.domain.wishes import Wish
from hostdeck.core.drivers.language import BackupFacts, UserListing
from hostdeck.core.errors import Invalid
from hostdeck.core.intents.base import Door
from hostdeck.core.intents.forms import OrderForm, ProductForm
from hostdeck.core.intents.life import grant, plan_wish
from hostdeck.core.intents.products import add_product
from hostdeck.core.intents.services import place_order
from hostdeck.core.intents.work import retry
from hostdeck.core.settings import Settings
from hostdeck.core.sim.fleet import SimFleet
from hostdeck.core.sim.node import SimNode
from hostdeck.core.steps.backup import EnsureBackup
from hostdeck.core.steps.base import make_step
from hostdeck.core.store.work_models import Service, Task
from hostdeck.queue.runner import Runner

DOMAIN = "customer.test"
TIERS = ("web01", "mx01", "ns01")


@pytest.fixture
def fleet(store: Settings) -> Iterator[SimFleet]:
    with sim_fleet(TIERS) as fleet:
        yield fleet


def built(door: Door, runner: Runner, fleet: SimFleet, mode: str = "split") -> int:
    register(door, fleet)
    add_product(door, ProductForm("kept", "eu", mode, tuple(Role), {"final_backup": "yes"}))
    service = place_order(door, OrderForm(DOMAIN, "kept"))
    run_all_due(runner)
    assert status(service) is ServiceStatus.ACTIVE, error_of(service)
    return service


def status(service: int) -> ServiceStatus:
    return Service.get_by_id(service).status


def archives(node: SimNode) -> list[str]:
    return sorted(node.account.book.archives)  # type: ignore[attr-defined]


def run_queue(node: SimNode) -> list[str]:
    ran: list[str] = node.account.run_backup_queue()  # type: ignore[attr-defined]
    return ran


def backup_task(service: int, action: str) -> Task:
    return Task.get((Task.service == service) & (Task.action == action))


def users(node: SimNode) -> str:
    return node.account.run(["v-list-users", "plain"]).stdout


def test_a_termination_waits_for_the_backup_takes_one_and_then_removes(
    runner: Runner, door: Door, fleet: SimFleet
) -> None:
    service = built(door, runner, fleet)
    grant(door, service, Wish.TERMINATE, DOMAIN)
    for _ in range(3):
        run_all_due(runner)
        make_due()
    web = backup_task(service, "web.takeBackup")
    assert (web.status, web.attempts) == (TaskStatus.RETRYING, 0)
    assert "queued on web01" in (web.error or "")
    assert statuses(service)["web.removeUser@web01"] is TaskStatus.WAITING
    assert "customer-test-web" in users(fleet["web01"])
    assert statuses(service)["dns.removeUser@ns01"] is TaskStatus.SUCCESS
    assert len(run_queue(fleet["web01"])) == len(run_queue(fleet["mx01"])) == 1
    make_due()
    run_all_due(runner)
    assert status(service) is ServiceStatus.TERMINATED, error_of(service)
    assert "customer-test-web" not in users(fleet["web01"])
    for name, role in (("web01", "web"), ("mx01", "mail")):
        assert len(archives(fleet[name])) == 1
        assert archives(fleet[name])[0].startswith(f"/backup/customer-test-{role}.20")
        scheduled = [ran for ran in fleet[name].journal if ran.argv[0].endswith("v-schedule-user-backup")]
        assert len(scheduled) == 1
    assert archives(fleet["ns01"]) == []


def test_a_backup_of_before_the_wish_does_not_count_and_one_already_queued_does(
    runner: Runner, door: Door, fleet: SimFleet
) -> None:
    service = built(door, runner, fleet)
    node = fleet["web01"].account
    now = node.clock  # type: ignore[attr-defined]
    node.clock = lambda: datetime.now(UTC) - timedelta(minutes=5)  # type: ignore[attr-defined]
    node.run(["v-backup-user", "customer-test-web"])
    node.clock = now  # type: ignore[attr-defined]
    node.run(["v-schedule-user-backup", "customer-test-web"])
    grant(door, service, Wish.TERMINATE, DOMAIN)
    run_all_due(runner)
    assert backup_task(service, "web.takeBackup").status is TaskStatus.RETRYING
    assert not [ran for ran in fleet["web01"].journal if ran.argv[0].endswith("v-schedule-user-backup")]
    run_queue(fleet["web01"])
    make_due()
    run_all_due(runner)
    assert statuses(service)["web.removeUser@web01"] is TaskStatus.SUCCESS
    assert len(archives(fleet["web01"])) == 2


@pytest.mark.parametrize("ahead", [timedelta(hours=3), timedelta(hours=-3)])
def test_a_node_whose_clock_is_wrong_takes_its_backup_all_the_same(
    runner: Runner, door: Door, fleet: SimFleet, ahead: timedelta
) -> None:
    service = built(door, runner, fleet)
    for name in ("web01", "mx01"):
        fleet[name].account.clock = lambda: datetime.now(UTC) + ahead  # type: ignore[attr-defined]
    grant(door, service, Wish.TERMINATE, DOMAIN)
    run_all_due(runner)
    assert backup_task(service, "web.takeBackup").status is TaskStatus.RETRYING
    for name in ("web01", "mx01"):
        run_queue(fleet[name])
    make_due()
    run_all_due(runner)
    assert status(service) is ServiceStatus.TERMINATED, error_of(service)


def test_an_archive_that_is_listed_but_not_there_is_none(runner: Runner, door: Door, fleet: SimFleet) -> None:
    service = built(door, runner, fleet)
    grant(door, service, Wish.TERMINATE, DOMAIN)
    run_all_due(runner)
    run_queue(fleet["web01"])
    fleet["web01"].account.book.archives.clear()  # type: ignore[attr-defined]
    make_due()
    run_all_due(runner)
    assert statuses(service)["web.removeUser@web01"] is TaskStatus.WAITING
    assert len(run_queue(fleet["web01"])) == 1


def test_a_suspended_account_is_not_removed_without_its_backup_and_the_way_out_is_said(
    runner: Runner, door: Door, fleet: SimFleet
) -> None:
    service = built(door, runner, fleet)
    grant(door, service, Wish.SUSPEND)
    run_all_due(runner)
    grant(door, service, Wish.TERMINATE, DOMAIN)
    run_all_due(runner)
    assert status(service) is ServiceStatus.ERROR
    assert "POLICY_BACKUP_SUSPENDED_USERS yes" in error_of(service)
    assert "customer-test-web" in users(fleet["web01"])
    for name in ("web01", "mx01"):
        fleet[name].account.run(["v-change-sys-config-value", "POLICY_BACKUP_SUSPENDED_USERS", "yes"])
    for action in ("web.takeBackup", "mail.takeBackup"):
        retry(door, backup_task(service, action).id)
    run_all_due(runner)
    for name in ("web01", "mx01"):
        run_queue(fleet[name])
    make_due()
    run_all_due(runner)
    assert status(service) is ServiceStatus.TERMINATED, error_of(service)


def test_an_account_that_may_have_no_backup_says_so(runner: Runner, door: Door, fleet: SimFleet) -> None:
    service = built(door, runner, fleet)
    conf = fleet["web01"].account.book.users["customer-test-web"].conf  # type: ignore[attr-defined]
    conf["BACKUPS"] = "0"
    grant(door, service, Wish.TERMINATE, DOMAIN)
    run_all_due(runner)
    assert "its package allows none" in error_of(service)
    assert "BKP_OFF" in error_of(service)
    assert "customer-test-web" in users(fleet["web01"])


def test_somebody_elses_account_of_that_name_is_not_backed_up(runner: Runner, door: Door, fleet: SimFleet) -> None:
    service = built(door, runner, fleet)
    fleet["web01"].account.run(["v-change-user-name", "customer-test-web", "somebody else"])
    grant(door, service, Wish.TERMINATE, DOMAIN)
    run_all_due(runner)
    assert "somebody else" in error_of(service)
    assert run_queue(fleet["web01"]) == []


def test_what_was_never_built_needs_no_backup(runner: Runner, door: Door, fleet: SimFleet) -> None:
    register(door, fleet)
    add_product(door, ProductForm("kept", "eu", "split", tuple(Role), {"final_backup": "yes"}))
    service = place_order(door, OrderForm(DOMAIN, "kept"))
    grant(door, service, Wish.TERMINATE, DOMAIN)
    run_all_due(runner)
    assert status(service) is ServiceStatus.TERMINATED, error_of(service)
    assert statuses(service)["web.takeBackup@web01"] is TaskStatus.SKIPPED


def test_the_plan_says_that_a_backup_is_taken_first(runner: Runner, door: Door, fleet: SimFleet) -> None:
    service = built(door, runner, fleet)
    plan = plan_wish(door, service, Wish.TERMINATE)
    assert "web01: a backup of customer-test-web is taken first, and stays on the node" in plan.leaves
    by_action = {task.action: task for task in plan.tasks}
    assert by_action["web.takeBackup"].position in by_action["web.removeUser"].after
    assert "web.takeBackup" not in {task.action for task in plan_wish(door, service, Wish.HARD_REDEPLOY).tasks}


def test_without_it_nothing_waits(runner: Runner, door: Door, fleet: SimFleet) -> None:
    register(door, fleet)
    service = place_order(door, OrderForm(DOMAIN, "basic"))
    run_all_due(runner)
    assert plan_wish(door, service, Wish.TERMINATE).leaves == ()
    grant(door, service, Wish.TERMINATE, DOMAIN)
    run_all_due(runner)
    assert status(service) is ServiceStatus.TERMINATED, error_of(service)
    assert archives(fleet["web01"]) == []


def test_a_sold_name_whose_last_backup_could_never_be_taken_is_refused(
    runner: Runner, door: Door, fleet: SimFleet
) -> None:
    settle_in(fleet)
    register(door, fleet)
    sell(door)
    limits = {"final_backup": "yes"}
    with pytest.raises(Invalid, match="web_backups is 0"):
        add_product(door, ProductForm("never", "eu", "vanity", tuple(Role), limits | {"web_backups": "0"}))
    add_product(door, ProductForm("kept", "eu", "vanity", tuple(Role), limits))
    form = OrderForm("", "kept", options={"web_backups": "0"}, fields={"vanity_name": "anna"})
    with pytest.raises(Invalid, match="web_backups is 0"):
        place_order(door, form)
    assert not Service.select().exists()


def test_the_plan_of_a_sold_name_says_that_its_mailbox_is_in_no_backup(
    runner: Runner, door: Door, fleet: SimFleet
) -> None:
    settle_in(fleet)
    register(door, fleet)
    sell(door)
    add_product(door, ProductForm("kept", "eu", "vanity", tuple(Role), {"final_backup": "yes"}))
    service = place_order(door, OrderForm("", "kept", fields={"vanity_name": "anna"}))
    (line,) = plan_wish(door, service, Wish.TERMINATE).leaves
    assert "the website's account only, mailbox anna@names.test is deleted without one" in line


@pytest.mark.parametrize(("age", "left"), [(0, 0), (1, 0), (2, 1), (300, 1)])
def test_an_age_in_whole_seconds_may_be_one_too_many_and_no_more(
    monkeypatch: pytest.MonkeyPatch, age: int, left: int
) -> None:
    """The wish is six tenths of a second old; an archive made after it can seem a second old."""
    monkeypatch.setattr("hostdeck.core.steps.backup.time.time", lambda: 1000.6)
    args = {"user": "customer-test-web", "mark": "hdk 1 87001546", "since": 1000.0}
    step = make_step(Action.WEB_TAKE_BACKUP, args, SimpleNamespace(server="web01"))  # type: ignore[arg-type]
    assert isinstance(step, EnsureBackup)
    step.question()
    user = UserListing("hdk 1 87001546", "hdk-1", "owner@customer.test", False)
    assert len(step.decide(BackupFacts(user, True, False, False, {"one.tar": age}))) == left
