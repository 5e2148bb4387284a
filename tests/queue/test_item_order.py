"""What is wished of a service that is being built, closed, changed or taken apart, carried to its end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from tests.queue.conftest import make_due, run_all_due
from tests.queue.test_deploy import changing, order
from tests.simfleet import hestia, register, sim_fleet

from hostdeck.core.domain.action_names import Action
from hostdeck.core.domain.items import ItemKind, ItemStatus
from hostdeck.core.domain.records import read_record
from hostdeck.core.domain.vocabulary import Role, RunKind, ServiceStatus, TaskStatus
from hostdeck.core.domain.wishes import Wish
from hostdeck.core.errors import Conflict
from hostdeck.core.intents.backups import remove_backup, restore_backup, take_backup
from hostdeck.core.intents.base import Door
from hostdeck.core.intents.items import add_item, change_item
from hostdeck.core.intents.life import grant
from hostdeck.core.intents.records import add, edit_zone, undo_edit
from hostdeck.core.intents.resync import resync, settle
from hostdeck.core.intents.work import cancel
from hostdeck.core.settings import Settings
from hostdeck.core.sim.fleet import SimFleet
from hostdeck.core.store.fields import utcnow
from hostdeck.core.store.item_models import Item
from hostdeck.core.store.work_models import Record, Run, Service, Task
from hostdeck.queue.runner import Runner

DOMAIN, WEB = "customer.test", "customer-test-web"
JOB = {"schedule": "*/5 * * * *", "command": "php run.php"}


@pytest.fixture
def fleet(store: Settings, door: Door) -> Iterator[SimFleet]:
    with sim_fleet(("web01", "mx01", "ns01")) as nodes:
        register(door, nodes)
        yield nodes


@pytest.fixture
def service(fleet: SimFleet, runner: Runner, door: Door) -> int:
    number = order(door)
    run_all_due(runner)
    assert Service.get().status is ServiceStatus.ACTIVE
    return number


def test_what_is_ordered_while_the_account_is_built_is_made_once_it_stands(
    fleet: SimFleet, runner: Runner, door: Door
) -> None:
    number = order(door)
    deed = add_item(door, number, ItemKind.MAILBOX, "info", {})
    edit = edit_zone(door, number, add(read_record(DOMAIN, "shop", "A", "192.0.2.9")), "add shop")
    assert Task.get_by_id(deed.task).status is TaskStatus.WAITING
    run_all_due(runner)
    assert Item.get().status is ItemStatus.ACTIVE, Item.get().error
    assert {Task.get_by_id(task).status for task in edit.tasks} == {TaskStatus.SUCCESS}


def test_what_waited_for_a_deployment_that_another_took_the_place_of_is_let_go(
    fleet: SimFleet, runner: Runner, door: Door
) -> None:
    number = order(door)
    add_item(door, number, ItemKind.MAILBOX, "info", {})
    cancel(door, Task.get(Task.action == Action.WEB_CREATE_PACKAGE).id)
    grant(door, number, Wish.REDEPLOY)
    run_all_due(runner)
    make_due()
    run_all_due(runner)
    assert not Task.select().where(Task.status == TaskStatus.WAITING).exists()
    assert Item.get().status is ItemStatus.ACTIVE, Item.get().error


def test_nothing_is_put_into_a_service_whose_termination_has_begun(
    fleet: SimFleet, runner: Runner, door: Door, service: int
) -> None:
    grant(door, service, Wish.TERMINATE, typed=DOMAIN)
    Service.update(status=ServiceStatus.ERROR).execute()
    assert Run.get_by_id(Service.get().run).kind is RunKind.TERMINATE
    with pytest.raises(Conflict, match="the termination of"):
        add_item(door, service, ItemKind.FTP, "anna", {})
    with pytest.raises(Conflict, match="termination"):
        edit_zone(door, service, add(read_record(DOMAIN, "shop", "A", "192.0.2.9")), "add shop")


def test_a_service_that_is_closed_meanwhile_keeps_what_is_inside_it_as_it_is(
    fleet: SimFleet, runner: Runner, door: Door, service: int
) -> None:
    add_item(door, service, ItemKind.CRON, "", JOB)
    run_all_due(runner)
    deed = change_item(door, service, ItemKind.CRON, f"#{Item.get().id}", {"command": "php other.php"})
    later = {"status": TaskStatus.RETRYING, "not_before": utcnow() + timedelta(hours=1)}
    Task.update(**later).where(Task.id == deed.task).execute()
    grant(door, service, Wish.SUSPEND)
    run_all_due(runner)
    assert Service.get().status is ServiceStatus.SUSPENDED
    before = changing(fleet)
    make_due()
    run_all_due(runner)
    task = Task.get_by_id(deed.task)
    assert (task.status, task.attempts) == (TaskStatus.RETRYING, 0)
    assert "is suspended" in task.error
    assert changing(fleet) == before


def test_a_backup_that_was_never_taken_goes_without_touching_the_nights(
    fleet: SimFleet, runner: Runner, door: Door, service: int
) -> None:
    begun = take_backup(door, service, Role.WEB)
    Task.update(status=TaskStatus.FAILED, error="the node is away").where(Task.id.in_(begun.tasks)).execute()
    Item.update(status=ItemStatus.ERROR).execute()
    web = fleet["web01"].account
    web.run(["v-backup-user", WEB])
    before = web.run(["v-list-user-backups", WEB, "json"]).stdout
    remove_backup(door, service, f"#{begun.items[0]}")
    run_all_due(runner)
    assert WEB in before
    assert web.run(["v-list-user-backups", WEB, "json"]).stdout == before
    assert not Item.select().where(Item.id == begun.items[0]).exists()


def test_an_account_does_not_go_while_a_restore_of_it_is_queued(
    fleet: SimFleet, runner: Runner, door: Door, service: int
) -> None:
    take_backup(door, service, Role.WEB)
    for _ in range(2):
        run_all_due(runner)
        hestia(fleet, "web01").run_backup_queue()
        make_due()
    run_all_due(runner)
    restore_backup(door, service, Item.get().name, {}, sure=True)
    run_all_due(runner)
    grant(door, service, Wish.TERMINATE, typed=DOMAIN)
    run_all_due(runner)
    going = Task.get(Task.action == Action.WEB_REMOVE_USER)
    assert (going.status, going.attempts) == (TaskStatus.RETRYING, 0)
    assert "a restore of" in going.error
    hestia(fleet, "web01").run_backup_queue()
    make_due()
    run_all_due(runner)
    assert Service.get().status is ServiceStatus.TERMINATED
    assert WEB not in fleet["web01"].account.run(["v-list-users", "json"]).stdout


def test_undo_takes_back_its_own_edit_alone(fleet: SimFleet, runner: Runner, door: Door, service: int) -> None:
    edit_zone(door, service, add(read_record(DOMAIN, "shop", "A", "192.0.2.9")), "add shop")
    Record.update(value="v=DKIM1; k=rsa; p=NEW").where(Record.value.contains("DKIM1")).execute()
    undo_edit(door, service)
    assert Record.select().where(Record.value.contains("p=NEW")).exists()
    assert not Record.select().where(Record.name == "shop").exists()


def test_an_edit_that_somebody_has_changed_since_is_not_taken_back(
    fleet: SimFleet, runner: Runner, door: Door, service: int
) -> None:
    edit_zone(door, service, add(read_record(DOMAIN, "shop", "A", "192.0.2.9")), "add shop")
    Record.update(value="192.0.2.10").where(Record.name == "shop").execute()
    with pytest.raises(Conflict, match="was changed since"):
        undo_edit(door, service)
    assert Record.get(Record.name == "shop").value == "192.0.2.10"


def test_adopting_leaves_alone_what_is_still_on_its_way(
    fleet: SimFleet, runner: Runner, door: Door, service: int
) -> None:
    resync(door, service)
    run_all_due(runner)
    add_item(door, service, ItemKind.MAILBOX, "late", {})
    assert settle(door, service, adopt=True) == ()
    assert Item.get().name == "late"
    run_all_due(runner)
    assert Item.get().status is ItemStatus.ACTIVE


def test_a_job_the_node_would_not_keep_is_told_and_not_adopted(
    fleet: SimFleet, runner: Runner, door: Door, service: int
) -> None:
    web = fleet["web01"].account
    web.run(["v-add-cron-job", WEB, "0", "3", "*", "*", "*", "find . -exec rm {} \\;"])
    resync(door, service)
    run_all_due(runner)
    assert settle(door, service, adopt=True) == ()
    assert not Item.select().exists()


def test_a_newer_wish_keeps_a_row_from_being_called_done(
    fleet: SimFleet, runner: Runner, door: Door, service: int
) -> None:
    add_item(door, service, ItemKind.CRON, "", JOB)
    run_all_due(runner)
    first = change_item(door, service, ItemKind.CRON, f"#{Item.get().id}", {"suspended": "yes"})
    Task.update(status=TaskStatus.RETRYING, not_before=utcnow() + timedelta(hours=1)).where(
        Task.id == first.task
    ).execute()
    second = change_item(door, service, ItemKind.CRON, f"#{Item.get().id}", {"suspended": "no"})
    Task.update(not_before=None).where(Task.id == first.task).execute()
    Task.update(status=TaskStatus.RETRYING, not_before=utcnow() + timedelta(hours=1)).where(
        Task.id == second.task
    ).execute()
    run_all_due(runner)
    assert Task.get_by_id(first.task).status is TaskStatus.SUCCESS
    assert Item.get().status is ItemStatus.PENDING
