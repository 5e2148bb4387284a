"""What is inside a service on its nodes, read and held against the rows."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.queue.conftest import run_all_due
from tests.queue.test_deploy import changing, order
from tests.simfleet import register, sim_fleet

from hostdeck.core.domain.items import ItemKind, ItemStatus
from hostdeck.core.domain.resync import Verdict
from hostdeck.core.domain.vocabulary import ServiceStatus, TaskStatus
from hostdeck.core.errors import Conflict
from hostdeck.core.intents.base import Door
from hostdeck.core.intents.resync import resync, settle
from hostdeck.core.queries.resync import resync_view
from hostdeck.core.settings import Settings
from hostdeck.core.sim.fleet import SimFleet
from hostdeck.core.store.item_models import Item
from hostdeck.core.store.work_models import Service, Task
from hostdeck.queue.runner import Runner

WEB, MAIL, DOMAIN = "customer-test-web", "customer-test-mail", "customer.test"


@pytest.fixture
def fleet(store: Settings, runner: Runner, door: Door) -> Iterator[SimFleet]:
    """Two nodes with one active service, in which somebody has been at work in the panel."""
    with sim_fleet(("web01", "mx01")) as nodes:
        register(door, nodes)
        order(door)
        run_all_due(runner)
        assert Service.get().status is ServiceStatus.ACTIVE
        yield nodes


def in_the_panel(fleet: SimFleet) -> None:
    web, mail = fleet["web01"].account, fleet["mx01"].account
    for ran in (
        web.run(["v-add-database", WEB, "shop", "shop", "a-long-password"]),
        web.run(["v-add-cron-job", WEB, "*/5", "*", "*", "*", "*", "php run.php"]),
        web.run(["v-add-web-domain-ftp", WEB, DOMAIN, "anna", "a-long-password", "/public_html"]),
        mail.run(["v-add-mail-account", MAIL, DOMAIN, "info", "a-long-password", "512"]),
    ):
        assert ran.exit == 0, ran


def read(runner: Runner, door: Door) -> dict[tuple[str, str], Verdict]:
    tasks = resync(door, Service.get().id)
    run_all_due(runner)
    assert all(Task.get_by_id(number).status is TaskStatus.SUCCESS for number in tasks)
    return {(one.kind, one.name): one.verdict for one in resync_view(Service.get().id).differences}


FOREIGN = {
    ("cron", "*/5 * * * * php run.php"): Verdict.FOREIGN,
    ("database", "shop"): Verdict.FOREIGN,
    ("ftp", "anna"): Verdict.FOREIGN,
    ("mailbox", "info"): Verdict.FOREIGN,
}


def test_what_was_made_in_the_panel_is_told_and_nothing_is_changed(fleet: SimFleet, runner: Runner, door: Door) -> None:
    in_the_panel(fleet)
    before = changing(fleet)
    assert read(runner, door) == FOREIGN
    assert changing(fleet) == before
    assert not Item.select().exists()


def test_adopted_items_are_rows_of_ours_with_what_the_node_has(fleet: SimFleet, runner: Runner, door: Door) -> None:
    in_the_panel(fleet)
    read(runner, door)
    assert len(settle(door, Service.get().id, adopt=True)) == 4
    box = Item.get(Item.kind == ItemKind.MAILBOX)
    assert (box.ours, box.status, box.wanted["quota"]) == (True, ItemStatus.ACTIVE, "512")
    assert read(runner, door) == {}


def test_a_row_that_the_node_lacks_is_missing_and_one_that_differs_is_told_field_by_field(
    fleet: SimFleet, runner: Runner, door: Door
) -> None:
    in_the_panel(fleet)
    read(runner, door)
    settle(door, Service.get().id, adopt=True)
    fleet["mx01"].account.run(["v-change-mail-account-quota", MAIL, DOMAIN, "info", "100"])
    fleet["web01"].account.run(["v-delete-database", WEB, f"{WEB}_shop"])
    assert read(runner, door) == {
        ("mailbox", "info"): Verdict.DIFFERS,
        ("database", "shop"): Verdict.MISSING,
    }
    told = {one.kind: one.words for one in resync_view(Service.get().id).differences}
    assert told == {"mailbox": "quota: wanted 512, is 100", "database": "not on the node"}


def test_one_difference_is_settled_alone_and_what_was_put_right_since_differs_no_more(
    fleet: SimFleet, runner: Runner, door: Door
) -> None:
    in_the_panel(fleet)
    read(runner, door)
    service = Service.get().id
    with pytest.raises(Conflict, match="read it again"):  # it was looked at before another reading came
        settle(door, service, adopt=True, only=(ItemKind.MAILBOX, "info", Verdict.MISSING))
    (settled,) = settle(door, service, adopt=True, only=(ItemKind.MAILBOX, "info", Verdict.FOREIGN))
    assert (settled.name, Item.select().count()) == ("info", 1)
    with pytest.raises(Conflict, match="read it again"):
        settle(door, service, adopt=True, only=(ItemKind.MAILBOX, "info", Verdict.FOREIGN))
    fleet["mx01"].account.run(["v-change-mail-account-quota", MAIL, DOMAIN, "info", "100"])
    assert read(runner, door)["mailbox", "info"] is Verdict.DIFFERS
    settle(door, service, adopt=False, only=(ItemKind.MAILBOX, "info", Verdict.DIFFERS))
    assert ("mailbox", "info") not in {(one.kind, one.name) for one in resync_view(service).differences}
    run_all_due(runner)
    view = resync_view(service)
    assert ("mailbox", "info") not in {(one.kind, one.name) for one in view.differences}
    (box,) = fleet["mx01"].account.book.users[MAIL].mailboxes[DOMAIN]
    assert (box["QUOTA"], view.reading, view.failed) == ("512", (), None)


def test_a_reading_on_its_way_and_one_that_failed_are_told(fleet: SimFleet, runner: Runner, door: Door) -> None:
    service = Service.get().id
    tasks = resync(door, service)
    assert (resync_view(service).reading, resync_view(service).read_at) == (tasks, None)
    Task.update(status=TaskStatus.FAILED, error="mx01: no answer").where(Task.id == tasks[-1]).execute()
    Task.update(status=TaskStatus.SUCCESS).where(Task.id == tasks[0]).execute()
    assert resync_view(service).failed == f"task #{tasks[-1]}: mx01: no answer"


def test_nothing_is_settled_that_was_not_read(fleet: SimFleet, door: Door) -> None:
    with pytest.raises(Conflict, match="was not read yet"):
        settle(door, Service.get().id, adopt=True)
