"""Backups of a service's accounts on pretend nodes: taken, listed, rotated, deleted, and put back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from tests.queue.conftest import error_of, make_due, run_all_due
from tests.simfleet import hestia, register, sim_fleet

from hostdeck.core.domain.action_args import ResyncArgs
from hostdeck.core.domain.action_names import Action
from hostdeck.core.domain.findings import Finding
from hostdeck.core.domain.items import ItemKind, ItemStatus
from hostdeck.core.domain.naming import mark_name
from hostdeck.core.domain.pipeline import PlannedTask
from hostdeck.core.domain.vocabulary import Role, RunKind, ServiceId, ServiceStatus, TaskStatus
from hostdeck.core.domain.wishes import Wish
from hostdeck.core.drivers.base import NodeDriver
from hostdeck.core.errors import Conflict, NotFound
from hostdeck.core.intents.backups import remove_backup, take_backup
from hostdeck.core.intents.base import Door
from hostdeck.core.intents.forms import OrderForm, ProductForm
from hostdeck.core.intents.life import grant
from hostdeck.core.intents.products import add_product
from hostdeck.core.intents.runs import write_tasks
from hostdeck.core.intents.services import place_order
from hostdeck.core.settings import Settings
from hostdeck.core.sim.fleet import SimFleet
from hostdeck.core.steps.backup import read_backups
from hostdeck.core.steps.base import REGISTRY, Reading
from hostdeck.core.store.fleet_models import Server
from hostdeck.core.store.item_models import Item
from hostdeck.core.store.nodes import node_of
from hostdeck.core.store.work_models import Account, Run, Service, Task
from hostdeck.queue.runner import Runner

DOMAIN = "customer.test"
WEB = "customer-test-web"


@pytest.fixture
def service(runner: Runner, door: Door, fleet: SimFleet) -> int:
    register(door, fleet)
    return ordered(runner, door, "basic")


def ordered(runner: Runner, door: Door, product: str, domain: str = DOMAIN) -> int:
    service = place_order(door, OrderForm(domain, product))
    run_all_due(runner)
    assert Service.get_by_id(service).status is ServiceStatus.ACTIVE, error_of(service)
    return service


def rows() -> list[Item]:
    return list(Item.select().where(Item.kind == ItemKind.BACKUP.value).order_by(Item.id))


def task(number: int) -> Task:
    return Task.get_by_id(number)


def nightly(fleet: SimFleet, name: str, ago: timedelta = timedelta()) -> None:
    """What the node takes by itself, so long ago."""
    account = hestia(fleet, name)
    user = next(user for user in account.book.users if user.startswith("customer-test"))
    now = account.clock
    account.clock = lambda: datetime.now(UTC) - ago
    assert account.run(["v-backup-user", user]).exit == 0
    account.clock = now


def run_queues(fleet: SimFleet, runner: Runner, *names: str) -> None:
    for name in names:
        hestia(fleet, name).run_backup_queue()
    make_due()
    run_all_due(runner)


def ran(fleet: SimFleet, command: str, name: str = "web01") -> list[tuple[str, ...]]:
    return [step.argv[1:] for step in fleet[name].journal if step.argv[0].endswith(f"/{command}")]


def test_each_account_of_a_split_service_is_backed_up_and_its_archive_says_what_is_in_it(
    runner: Runner, door: Door, fleet: SimFleet, service: int
) -> None:
    begun = take_backup(door, service)
    assert [row.name.partition(" at ")[0] for row in rows()] == ["web", "mail"]
    assert begun.said[0] == f"web01: 5 backups of {WEB} are kept, 0 are there"
    run_all_due(runner)
    assert [task(number).status for number in begun.tasks] == [TaskStatus.RETRYING] * 2
    assert "queued on web01" in (task(begun.tasks[0]).error or "")
    assert {row.status for row in rows()} == {ItemStatus.PENDING}
    run_queues(fleet, runner, "web01", "mx01")
    assert [task(number).status for number in begun.tasks] == [TaskStatus.SUCCESS] * 2
    web, mail = rows()
    assert web.name.startswith(f"{WEB}.20")
    assert web.name.endswith(".tar")
    assert (web.status, web.ours, web.error, mail.status) == (ItemStatus.ACTIVE, True, None, ItemStatus.ACTIVE)
    assert (web.known["archive"], web.known["size_mb"]) == (web.name, 1)
    assert web.known["contents"]["web"] == [DOMAIN]
    assert mail.known["contents"]["mail"] == [DOMAIN]
    assert len(ran(fleet, "v-schedule-user-backup")) == 1


def test_a_success_with_an_empty_list_is_no_backup(runner: Runner, door: Door, fleet: SimFleet, service: int) -> None:
    begun = take_backup(door, service, Role.WEB)
    run_all_due(runner)
    book = hestia(fleet, "web01").book
    book.queues["backup"].clear()
    make_due()
    run_all_due(runner)
    assert task(begun.tasks[0]).status is TaskStatus.RETRYING
    assert len(ran(fleet, "v-schedule-user-backup")) == 2
    assert rows()[0].status is ItemStatus.PENDING


def test_a_second_wish_meanwhile_is_refused_and_one_queued_by_others_is_taken(
    runner: Runner, door: Door, fleet: SimFleet, service: int
) -> None:
    fleet["web01"].account.run(["v-schedule-user-backup", WEB])
    begun = take_backup(door, service, Role.WEB)
    run_all_due(runner)
    assert ran(fleet, "v-schedule-user-backup") == []
    with pytest.raises(Conflict, match="on its way"):
        take_backup(door, service)
    run_queues(fleet, runner, "web01")
    assert task(begun.tasks[0]).status is TaskStatus.SUCCESS
    assert rows()[0].ours


def test_the_nights_backups_have_rows_too_and_go_when_the_node_drops_them(
    runner: Runner, door: Door, fleet: SimFleet, service: int
) -> None:
    for hours in (60, 48, 36, 24, 12):
        nightly(fleet, "web01", timedelta(hours=hours))
    take_backup(door, service, Role.WEB)
    run_all_due(runner)
    run_queues(fleet, runner, "web01")
    assert len(rows()) == 5
    oldest = min(rows(), key=lambda row: row.known["taken_at"])
    assert [row.ours for row in sorted(rows(), key=lambda row: row.known["taken_at"])] == [False] * 4 + [True]
    begun = take_backup(door, service, Role.WEB)
    assert begun.said == (f"web01: 5 backups of {WEB} are kept; {oldest.name} goes for the new one",)
    hestia(fleet, "web01").clock = lambda: datetime.now(UTC) + timedelta(seconds=2)
    run_all_due(runner)
    run_queues(fleet, runner, "web01")
    assert len(rows()) == 5
    assert oldest.name not in {row.name for row in rows()}


def test_a_backup_is_deleted_from_its_node_and_its_row_goes(
    runner: Runner, door: Door, fleet: SimFleet, service: int
) -> None:
    nightly(fleet, "web01", timedelta(hours=12))
    take_backup(door, service, Role.WEB)
    run_all_due(runner)
    run_queues(fleet, runner, "web01")
    ours = next(row for row in rows() if row.ours)
    (number,) = remove_backup(door, service, ours.name)
    run_all_due(runner)
    assert task(number).status is TaskStatus.SUCCESS, task(number).error
    assert task(number).action == "web.removeBackup"
    assert [row.ours for row in rows()] == [False]
    assert len(hestia(fleet, "web01").book.archives) == 1
    remove_backup(door, service, f"#{rows()[0].id}")
    run_all_due(runner)
    assert rows() == []
    assert hestia(fleet, "web01").book.archives == {}
    with pytest.raises(NotFound, match="no backup"):
        remove_backup(door, service, "nothing.tar")


def test_one_that_is_deleted_before_it_was_taken_leaves_what_the_node_takes_alone(
    runner: Runner, door: Door, fleet: SimFleet, service: int
) -> None:
    take_backup(door, service, Role.WEB)
    run_all_due(runner)
    remove_backup(door, service, rows()[0].name)
    run_all_due(runner)
    assert rows()[0].status is ItemStatus.REMOVING
    run_queues(fleet, runner, "web01")
    make_due()
    run_all_due(runner)
    archives = hestia(fleet, "web01").book.archives
    assert len(archives) == 1
    assert [f"/backup/{row.name}" for row in rows()] in ([], list(archives))


def test_an_answer_that_is_lost_queues_nothing_twice(runner: Runner, door: Door, fleet: SimFleet, service: int) -> None:
    fleet["web01"].faults.add("v-schedule-user-backup=drop-after*1")
    begun = take_backup(door, service, Role.WEB)
    run_all_due(runner)
    make_due()
    run_all_due(runner)
    run_queues(fleet, runner, "web01")
    assert task(begun.tasks[0]).status is TaskStatus.SUCCESS, task(begun.tasks[0]).error
    assert len(ran(fleet, "v-schedule-user-backup")) == 1


def test_a_product_without_backups_says_what_to_do(runner: Runner, door: Door, fleet: SimFleet) -> None:
    register(door, fleet)
    add_product(door, ProductForm("none", "eu", "split", tuple(Role), {"web_backups": "0"}))
    service = ordered(runner, door, "none")
    with pytest.raises(Conflict, match="web_backups of 1 or more"):
        take_backup(door, service)
    assert rows() == []
    assert len(take_backup(door, service, Role.MAIL).tasks) == 1


def test_a_nameservers_account_has_none(runner: Runner, door: Door, fleet: SimFleet, service: int) -> None:
    with pytest.raises(Conflict, match="no dns account"):
        take_backup(door, service, Role.DNS)


def test_a_suspended_account_says_how_its_backup_may_be_taken(
    runner: Runner, door: Door, fleet: SimFleet, service: int
) -> None:
    grant(door, service, Wish.SUSPEND)
    run_all_due(runner)
    begun = take_backup(door, service, Role.WEB)
    run_all_due(runner)
    assert task(begun.tasks[0]).status is TaskStatus.FAILED
    assert "POLICY_BACKUP_SUSPENDED_USERS yes" in (task(begun.tasks[0]).error or "")
    assert rows()[0].status is ItemStatus.ERROR
    fleet["web01"].account.run(["v-change-sys-config-value", "POLICY_BACKUP_SUSPENDED_USERS", "yes"])
    again = take_backup(door, service, Role.WEB)
    run_all_due(runner)
    run_queues(fleet, runner, "web01")
    assert task(again.tasks[0]).status is TaskStatus.SUCCESS, task(again.tasks[0]).error
    assert [row.status for row in rows()] == [ItemStatus.ACTIVE]


def test_somebody_elses_account_is_neither_backed_up_nor_its_archive_deleted(
    runner: Runner, door: Door, fleet: SimFleet, service: int
) -> None:
    take_backup(door, service, Role.WEB)
    run_all_due(runner)
    run_queues(fleet, runner, "web01")
    fleet["web01"].account.run(["v-change-user-name", WEB, "somebody else"])
    (number,) = remove_backup(door, service, rows()[0].name)
    run_all_due(runner)
    assert "OWN_FOREIGN" in (task(number).error or "")
    assert len(hestia(fleet, "web01").book.archives) == 1


def test_a_unified_service_has_one_set_of_backups(runner: Runner, door: Door, store: Settings) -> None:
    with sim_fleet(("all01", "ns01")) as fleet:
        register(door, fleet)
        add_product(door, ProductForm("one", "eu", "unified", tuple(Role), {"account_backups": "3"}))
        service = ordered(runner, door, "one")
        begun = take_backup(door, service, Role.MAIL)
        assert "3 backups of" in begun.said[0]
        run_all_due(runner)
        run_queues(fleet, runner, "all01")
        (row,) = rows()
        assert (row.wanted["role"], row.known["contents"]["mail"]) == ("web", [DOMAIN])


def test_a_hard_redeploy_does_not_make_an_old_backup_anew(
    runner: Runner, door: Door, fleet: SimFleet, service: int
) -> None:
    take_backup(door, service, Role.WEB)
    run_all_due(runner)
    run_queues(fleet, runner, "web01")
    grant(door, service, Wish.HARD_REDEPLOY, DOMAIN)
    for _ in range(3):
        make_due()
        run_all_due(runner)
    assert Service.get_by_id(service).status is ServiceStatus.ACTIVE, error_of(service)
    assert len(ran(fleet, "v-schedule-user-backup")) == 1


class ReadBackups(Reading[ResyncArgs]):
    """A reading of an account that is about its backups alone."""

    async def read(self, node: NodeDriver) -> tuple[Finding, ...]:
        return (await read_backups(node, self.args.user, self.args.mark, self.args.roles[0], self.world.server),)


def test_a_reading_of_the_account_brings_the_rows_up_to_date(
    runner: Runner, door: Door, fleet: SimFleet, service: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(REGISTRY, Action.SERVICE_RESYNC, ReadBackups)
    account = Account.get(Account.username == WEB)
    mark = mark_name(ServiceId(service), account.nonce)
    args = ResyncArgs(user=WEB, mark=mark, domain=DOMAIN, roles=(Role.WEB,))

    def read() -> Task:
        node = node_of(Server.get_by_id(account.server_id))
        run = Run.create(kind=RunKind.ITEM, service=service)
        write_tasks(Service.get_by_id(service), run, [PlannedTask("read", Action.SERVICE_RESYNC, WEB, node, args)])
        run_all_due(runner)
        return Task.get(Task.run == run)

    for hours in (30, 6):
        nightly(fleet, "web01", timedelta(hours=hours))
    assert read().status is TaskStatus.SUCCESS
    old, young = sorted(rows(), key=lambda row: row.known["taken_at"])
    assert (old.status, old.ours, old.known["contents"]["web"]) == (ItemStatus.ACTIVE, False, [DOMAIN])
    fleet["web01"].account.run(["v-delete-user-backup", WEB, old.name])
    read()
    assert [row.id for row in rows()] == [young.id]
    fleet["web01"].account.run(["v-change-user-name", WEB, "somebody else"])
    assert "OWN_FOREIGN" in (read().error or "")
    assert [row.id for row in rows()] == [young.id]
