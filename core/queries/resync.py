"""What the last reading of a service showed to differ."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from hostdeck.core.domain.action_names import Action
from hostdeck.core.domain.items import ItemKind
from hostdeck.core.domain.order_plan import View
from hostdeck.core.domain.resync import Verdict, differences
from hostdeck.core.domain.vocabulary import FINAL, TaskStatus
from hostdeck.core.queries.services import service_id
from hostdeck.core.store.db import connection
from hostdeck.core.store.inside import last_reading, passed_over, standing_items
from hostdeck.core.store.work_models import Task


class DifferenceView(View):
    """`adoptable`: the rows could say what the node has."""

    kind: ItemKind
    name: str
    verdict: Verdict
    item: int | None
    wanted: dict[str, Any]
    found: dict[str, Any]
    words: str
    adoptable: bool


class ResyncView(View):
    """`read_at` None: never read; then nothing is known to differ. `reading` are tasks that read it just now, `failed`
    is why the newest reading is none."""

    service: int
    read_at: datetime | None
    differences: tuple[DifferenceView, ...]
    reading: tuple[int, ...] = ()
    failed: str | None = None


def resync_view(key: int | str) -> ResyncView:
    """The rows of now against the newest whole reading."""
    with connection():
        number = service_id(key)
        newest = _newest(number)
        moving = tuple(task.id for task in newest if task.status not in FINAL)
        failed = next((f"task #{task.id}: {task.error}" for task in newest if task.status is TaskStatus.FAILED), None)
        reading = last_reading(number)
        if reading is None:
            return ResyncView(service=number, read_at=None, differences=(), reading=moving, failed=failed)
        told = differences(standing_items(number), reading[0], passed_over(number, reading[1]))
        views = tuple(
            DifferenceView(
                kind=one.kind, name=one.name, verdict=one.verdict, item=one.item, wanted=dict(one.wanted),
                found=dict(one.found), words=one.words, adoptable=one.adoptable,
            )
            for one in told
        )  # fmt: skip
        return ResyncView(service=number, read_at=reading[1], differences=views, reading=moving, failed=failed)


def _newest(service: int) -> list[Task]:
    """The tasks of the newest reading, one for each account."""
    readings = Task.select().where(Task.service == service, Task.action == Action.SERVICE_RESYNC.value)
    last = readings.order_by(Task.id.desc()).first()
    return list(readings.where(Task.run == last.run_id).order_by(Task.id)) if last else []
