"""The newest reading of what is inside a service, and its items as the comparison takes them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from hostdeck.core.domain.actions import Action
from hostdeck.core.domain.item_specs import spec_of
from hostdeck.core.domain.items import ItemStatus
from hostdeck.core.domain.resync import READ, Standing
from hostdeck.core.domain.vocabulary import TaskStatus
from hostdeck.core.store.item_models import Item
from hostdeck.core.store.work_models import Run, Task


def last_reading(service: int) -> tuple[dict[str, Any], datetime] | None:
    """Everything that the last resync of a service read, of all its accounts; None before the first whole one."""
    reading = Task.select(Task.run).where(Task.service == service, Task.action == Action.SERVICE_RESYNC)
    for row in Run.select().where(Run.id.in_(reading)).order_by(Run.id.desc()):
        tasks = list(Task.select().where(Task.run == row))
        if all(task.status is TaskStatus.SUCCESS and task.result for task in tasks):
            inside: dict[str, Any] = {}
            for task in tasks:
                inside |= task.result["inside"]
            return inside, max(task.finished_at for task in tasks)
    return None


def standing_items(service: int) -> tuple[Standing, ...]:
    """Items that the node should have; what is about to go is not held against it."""
    rows = Item.select().where(Item.service == service, Item.kind.in_(list(READ)))
    staying = rows.where(Item.status != ItemStatus.REMOVING).order_by(Item.id)
    return tuple(Standing(row.id, row.kind, row.name, spec_of(row.kind, row.wanted)) for row in staying)
