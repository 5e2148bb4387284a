"""Wishes about what another wish is still waiting for: the task that has not begun takes both with it."""

from __future__ import annotations

import pytest
from tests.conftest import add_fleet

from hostdeck.core.domain.items import ItemKind
from hostdeck.core.domain.records import read_record, zone_lines
from hostdeck.core.domain.vocabulary import ServiceStatus, TaskStatus
from hostdeck.core.errors import Conflict
from hostdeck.core.intents import records
from hostdeck.core.intents.base import Door
from hostdeck.core.intents.forms import OrderForm
from hostdeck.core.intents.items import add_item, change_item
from hostdeck.core.intents.services import place_order
from hostdeck.core.queries.items import items
from hostdeck.core.settings import Settings
from hostdeck.core.store.item_models import Item
from hostdeck.core.store.work_models import Service, Task


@pytest.fixture
def service(any_store: Settings, door: Door) -> int:
    """A service that stands, with nothing left to do."""
    add_fleet()
    number = place_order(door, OrderForm("customer.com", "basic"))
    Task.update(status=TaskStatus.SUCCESS).execute()
    Service.update(status=ServiceStatus.ACTIVE).execute()
    return number


def values(service: int) -> set[tuple[str, str]]:
    return {(row.name, row.field("value")) for row in items(service, ItemKind.RECORD)}


def test_a_second_change_that_nobody_has_begun_is_carried_out_by_the_same_task(service: int, door: Door) -> None:
    made = add_item(door, service, ItemKind.CRON, "", {"schedule": "0 3 * * *", "command": "true"})
    Task.update(status=TaskStatus.SUCCESS).execute()
    first = change_item(door, service, ItemKind.CRON, f"#{made.item}", {"suspended": "yes"})
    second = change_item(door, service, ItemKind.CRON, f"#{made.item}", {"suspended": "no"})
    assert first.task == second.task == Item.get().task
    assert Item.get().wanted["suspended"] is False
    assert items(service, ItemKind.CRON)[0].service == service


def test_a_change_while_the_task_runs_is_a_task_of_its_own_behind_it(service: int, door: Door) -> None:
    made = add_item(door, service, ItemKind.CRON, "", {"schedule": "0 3 * * *", "command": "true"})
    Task.update(status=TaskStatus.SUCCESS).execute()
    first = change_item(door, service, ItemKind.CRON, f"#{made.item}", {"suspended": "yes"})
    Task.update(status=TaskStatus.RUNNING).where(Task.id == first.task).execute()
    second = change_item(door, service, ItemKind.CRON, f"#{made.item}", {"suspended": "no"})
    assert second.task != first.task
    assert Item.get().task == second.task
    assert Item.get().wanted["suspended"] is False


def test_edits_of_a_zone_that_nobody_has_published_go_with_the_tasks_that_wait(service: int, door: Door) -> None:
    before = values(service)
    made = [read_record("customer.com", name, "A", "192.0.2.9") for name in ("shop", "blog")]
    tasks = {records.edit_zone(door, service, records.add(record), "add").tasks for record in made}
    assert [len(numbers) for numbers in tasks] == [2]
    assert records.plan_undo(door, service).difference == (f"- {zone_lines([made[1]])[0]}",)
    assert len(values(service)) == len(before) + 2
    records.undo_edit(door, service)
    records.undo_edit(door, service)
    assert values(service) == before
    with pytest.raises(Conflict, match="nothing was changed"):
        records.plan_undo(door, service)


def test_a_zone_that_is_still_being_built_is_published_as_it_was_edited_meanwhile(
    any_store: Settings, door: Door
) -> None:
    add_fleet()
    number = place_order(door, OrderForm("customer.com", "basic"))
    count = Task.select().count()
    shop = read_record("customer.com", "shop", "A", "192.0.2.9")
    deed = records.edit_zone(door, number, records.add(shop), "add shop")
    assert Task.select().count() == count
    assert {Task.get_by_id(task).action for task in deed.tasks} == {"dns.deployZone"}
