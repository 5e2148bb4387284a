"""The newest reading of what is inside a service, and its items as the comparison takes them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from hostdeck.core.domain.action_names import Action
from hostdeck.core.domain.item_specs import spec_of
from hostdeck.core.domain.items import ItemKind, ItemStatus
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
    """Items that the node should have as they are in the rows; `passed_over` are the others."""
    rows = Item.select().where(Item.service == service, Item.kind.in_(list(READ)))
    settled = rows.where(Item.status.not_in(ON_THE_WAY)).order_by(Item.id)
    return tuple(Standing(row.id, row.kind, row.name, spec_of(row.kind, row.wanted)) for row in settled)


ON_THE_WAY = (ItemStatus.PENDING, ItemStatus.REMOVING)


def passed_over(service: int, read_at: datetime) -> frozenset[tuple[ItemKind, str]]:
    """What is on its way to the node or from it, or was seen there as its row has it since it was read: how it stood
    then says nothing about the row."""
    newer = Item.status.in_(ON_THE_WAY) | ((Item.status == ItemStatus.ACTIVE) & (Item.seen_at > read_at))
    rows = Item.select(Item.kind, Item.name).where(Item.service == service, newer)
    return frozenset((row.kind, row.name) for row in rows)
