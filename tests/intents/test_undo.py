"""`z`: what one's own last wish has queued and nobody has begun is taken back, and nothing is left half-way."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.conftest import add_fleet

from hostdeck.core.domain.config_wishes import Push
from hostdeck.core.domain.items import ItemKind, ItemStatus
from hostdeck.core.domain.records import read_record
from hostdeck.core.domain.vocabulary import FINAL, ServiceStatus, Target, TaskStatus
from hostdeck.core.domain.wishes import Wish
from hostdeck.core.errors import Conflict, Refused
from hostdeck.core.intents.base import Door
from hostdeck.core.intents.bulk import apply
from hostdeck.core.intents.forms import OrderForm
from hostdeck.core.intents.group_config import set_config
from hostdeck.core.intents.items import add_item, change_item, remove_item, reset_password
from hostdeck.core.intents.life import ask_nodes, grant, resume
from hostdeck.core.intents.records import add, edit_zone
from hostdeck.core.intents.services import place_order
from hostdeck.core.intents.undo import Undone, undo
from hostdeck.core.queries.undo import Undoable, undoable
from hostdeck.core.settings import Settings
from hostdeck.core.store import runs
from hostdeck.core.store.fields import utcnow
from hostdeck.core.store.fleet_models import Audit, Server
from hostdeck.core.store.item_models import Item
from hostdeck.core.store.work_models import Account, Certificate, Run, Service, Task

DOMAIN = "customer.test"
OPS1, OPS2 = Door("ops1", reserved_ok=True), Door("ops2", reserved_ok=True)
Wished = Callable[[int], object]


def ordered(door: Door = OPS1) -> int:
    add_fleet()
    return place_order(door, OrderForm(DOMAIN, "basic"))


def end(*, status: TaskStatus = TaskStatus.SUCCESS) -> None:
    for task in list(Task.select().where(Task.status.not_in(list(FINAL)))):
        Task.update(status=status, attempts=1, started_at=utcnow(), finished_at=utcnow()).where(
            Task.id == task.id
        ).execute()
        runs.follow(Task.get_by_id(task.id), utcnow())


def built() -> int:
    service = ordered()
    end()
    assert Service.get_by_id(service).status is ServiceStatus.ACTIVE
    return service


def begin_one() -> Task:
    task: Task = Task.select().where(Task.status == TaskStatus.QUEUED).order_by(Task.id.desc()).get()
    Task.update(status=TaskStatus.RUNNING, attempts=1, started_at=utcnow()).where(Task.id == task.id).execute()
    return task


def seen(actor: str = "ops1") -> Undoable:
    found = undoable(actor)
    assert found is not None
    return found


def undone(door: Door = OPS1) -> Undone:
    return undo(door, seen(door.actor).wish)


def moving() -> int:
    return Task.select().where(Task.status.not_in(list(FINAL))).count()


def picture(service: int) -> tuple[object, ...]:
    """All that a wish may change of a service."""
    row = Service.get_by_id(service)
    certificates = [(one.kind, one.state, one.failures) for one in Certificate.select().order_by(Certificate.id)]
    items = [(one.name, one.wanted, one.status, one.error, one.secret) for one in Item.select().order_by(Item.id)]
    return row.run, row.status, row.error, certificates, items


@pytest.mark.parametrize("wish", [Wish.SUSPEND, Wish.REDEPLOY, Wish.HARD_REDEPLOY, Wish.TERMINATE, Wish.CHANGE_PRODUCT])
def test_a_wish_that_has_not_begun_leaves_the_service_as_it_was(any_store: Settings, wish: Wish) -> None:
    from hostdeck.core.intents.forms import ProductForm
    from hostdeck.core.intents.products import add_product

    service = built()
    add_product(OPS2, ProductForm("more", "eu", "split", ("web", "mail", "dns")))
    add_item(OPS1, service, ItemKind.MAILBOX, "info", {})
    end()
    Item.update(status=ItemStatus.ACTIVE, ours=True, seen_at=utcnow(), secret=None).execute()
    before = picture(service)
    grant(OPS1, service, wish, DOMAIN, product="more" if wish is Wish.CHANGE_PRODUCT else "")
    assert picture(service) != before
    count = seen().count
    done = undone()
    assert len(done.cancelled) == count > 0
    assert done.became == f"{DOMAIN} is active as before"
    assert picture(service) == before
    assert moving() == 0
    assert Service.get_by_id(service).product.name == "basic"


def test_an_opening_that_is_taken_back_leaves_it_suspended(store: Settings) -> None:
    service = built()
    grant(OPS1, service, Wish.SUSPEND)
    end()
    grant(OPS1, service, Wish.UNSUSPEND)
    undone()
    assert Service.get_by_id(service).status is ServiceStatus.SUSPENDED


def test_what_a_wish_had_stopped_goes_on_when_it_is_taken_back(any_store: Settings) -> None:
    service = ordered(OPS2)
    waiting = {task.id: task.status for task in Task.select()}
    grant(OPS1, service, Wish.TERMINATE, DOMAIN)
    undone()
    assert {task.id: task.status for task in Task.select().where(Task.id.in_(list(waiting)))} == waiting
    assert Service.get_by_id(service).status in (ServiceStatus.PENDING, ServiceStatus.DEPLOYING)
    assert Run.get_by_id(Service.get_by_id(service).run).finished_at is None


def test_a_mailbox_that_was_on_its_way_goes_on_too(any_store: Settings) -> None:
    service = built()
    deed = add_item(OPS2, service, ItemKind.MAILBOX, "info", {})
    before = picture(service)
    grant(OPS1, service, Wish.TERMINATE, DOMAIN)
    assert Task.get_by_id(deed.task).status is TaskStatus.CANCELLED
    undone()
    assert Task.get_by_id(deed.task).status is TaskStatus.QUEUED
    assert picture(service) == before
    assert Run.get_by_id(Task.get_by_id(deed.task).run_id).finished_at is None


def test_an_order_of_which_nothing_has_begun_is_gone_with_its_places(any_store: Settings) -> None:
    service = ordered()
    add_item(OPS2, service, ItemKind.MAILBOX, "info", {})
    done = undone()
    assert done.became == f"the order of {DOMAIN} is gone; its name is free"
    assert Service.get_by_id(service).status is ServiceStatus.TERMINATED
    assert [row.accounts for row in Server.select()] == [0] * Server.select().count()
    assert not Account.select().exists()
    assert not Item.select().exists()
    assert moving() == 0
    assert place_order(OPS1, OrderForm(DOMAIN, "basic")) != service


def test_what_has_begun_stays_and_is_said_and_the_service_is_not_left_deploying(any_store: Settings) -> None:
    service = built()
    grant(OPS1, service, Wish.REDEPLOY)
    running = begin_one()
    assert [task.id for task in seen().stays] == [running.id]
    done = undone()
    assert done.stays == (running.id,)
    assert Task.get_by_id(running.id).status is TaskStatus.RUNNING
    assert Service.get_by_id(service).status is ServiceStatus.ERROR
    assert "undone by ops1" in Service.get_by_id(service).error
    assert resume(OPS1, service) == len(done.cancelled)


def test_where_all_has_begun_nothing_is_taken_back(store: Settings) -> None:
    built()
    assert seen().count == 0
    with pytest.raises(Conflict, match="has begun or ended already"):
        undone()


def test_only_ones_own_wish_is_undone(store: Settings) -> None:
    service = built()
    grant(OPS2, service, Wish.SUSPEND)
    assert seen("ops1").intent == "service.create"
    with pytest.raises(Conflict, match="was ops2's wish"):
        undo(OPS1, seen("ops2").wish)
    with pytest.raises(Refused, match="read-only"):
        undo(Door("ops2", read_only=True), seen("ops2").wish)
    assert undoable("ops3") is None


def test_a_wish_of_a_number_is_found_whoevers_it_was(store: Settings) -> None:
    service = built()
    grant(OPS2, service, Wish.SUSPEND)
    theirs = seen("ops2").wish
    found = undoable("ops1", wish=theirs)
    assert found is not None
    assert (found.wish, found.actor, found.intent) == (theirs, "ops2", "service.suspend")
    assert undoable("ops1", wish=theirs + 999) is None


def test_a_plan_is_no_wish(store: Settings) -> None:
    service = built()
    grant(OPS1, service, Wish.SUSPEND)
    wish = seen().wish
    ask_nodes(OPS1, service, Wish.TERMINATE)
    assert seen().wish == wish


def item() -> Item:
    found: Item = Item.get()
    return found


def test_a_mailbox_that_was_not_begun_is_no_row_any_more(any_store: Settings) -> None:
    add_item(OPS1, built(), ItemKind.MAILBOX, "info", {})
    done = undone()
    assert (len(done.cancelled), done.became) == (1, "cancelled what had not begun")
    assert not Item.select().exists()


CHANGES: dict[str, Wished] = {
    "changed": lambda service: change_item(OPS1, service, ItemKind.MAILBOX, "info", {"quota": "77"}),
    "removed": lambda service: remove_item(OPS1, service, ItemKind.MAILBOX, "info"),
    "password": lambda service: reset_password(OPS1, service, ItemKind.MAILBOX, "info"),
}


@pytest.mark.parametrize("wished", CHANGES.values(), ids=CHANGES)
def test_a_mailbox_is_what_it_was_before_a_wish_about_it(store: Settings, wished: Wished) -> None:
    service = built()
    add_item(OPS1, service, ItemKind.MAILBOX, "info", {})
    end()
    Item.update(status=ItemStatus.ACTIVE, ours=True, seen_at=utcnow(), secret=None).execute()
    before = picture(service)
    wished(service)
    assert picture(service) != before
    undone()
    assert picture(service) == before


def test_the_first_change_of_a_website_leaves_no_row_behind(store: Settings) -> None:
    change_item(OPS1, built(), ItemKind.WEBSITE, "", {"force_https": "yes"})
    assert Item.select().exists()
    undone()
    assert not Item.select().exists()


def test_a_bulk_action_keeps_what_has_begun(any_store: Settings) -> None:
    built()
    set_config(OPS1, "eu", Target.ALL, {"THEME": "flat"})
    run = apply(OPS1, "eu", Push.ALL, canary=1)
    first = Task.select().where(Task.run == run).order_by(Task.id).get()
    Task.update(status=TaskStatus.SUCCESS, attempts=1, result={"before": {"THEME": "dark"}}).where(
        Task.id == first.id
    ).execute()
    undone()
    left = {task.id: task.status for task in Task.select().where(Task.run == run)}
    assert left.pop(first.id) is TaskStatus.SUCCESS
    assert set(left.values()) == {TaskStatus.CANCELLED}
    assert Run.get_by_id(run).finished_at is not None
    assert apply(OPS1, "eu", Push.ALL) != run


def test_a_retry_is_taken_back_too(store: Settings) -> None:
    service = ordered()
    end(status=TaskStatus.FAILED)
    resume(OPS1, service)
    count = seen().count
    assert (seen().intent, count) == ("service.resume", moving())
    undone()
    assert moving() == 0
    assert Service.get_by_id(service).status is ServiceStatus.ERROR


def test_edits_of_a_zone_have_an_undo_of_their_own(store: Settings) -> None:
    edit_zone(OPS1, built(), add(read_record(DOMAIN, "shop", "A", "192.0.2.9")), "add shop")
    with pytest.raises(Conflict, match="on its service's DNS tab"):
        undone()
    assert Audit.select().where(Audit.intent == "wish.undo").count() == 0
