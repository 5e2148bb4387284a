"""Retrying many failed tasks at once: exactly those that were shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hostdeck.core.domain.vocabulary import TaskStatus
from hostdeck.core.errors import Conflict, Refused
from hostdeck.core.intents.base import Door
from hostdeck.core.intents.runs import hold_servers
from hostdeck.core.intents.work import refuse_old_run, requeue
from hostdeck.core.store.db import LOCKED, is_postgres
from hostdeck.core.store.work_models import Run, Task

MOST = 1000
"""So many in one transaction; what is more is left for the next time."""


@dataclass(frozen=True, slots=True)
class Retried:
    """`queued` are tasks' numbers, `passed_over` those that were left alone, each with the reason."""

    queued: tuple[int, ...]
    passed_over: tuple[tuple[int, str], ...]


def retry_all(door: Door, tasks: Sequence[int]) -> Retried:
    """Queues the given failed tasks again, in one transaction. One that has moved since, or whose run is an earlier
    one, is left alone and told. Conflict [TASK_STATE] where none is left to be retried."""
    numbers = sorted(set(tasks))[:MOST]
    with door.change("task.retry_all", f"{len(numbers)} tasks") as change:
        _hold(numbers)
        queued, passed_over = [], []
        for task in list(Task.select().where(Task.id.in_(numbers)).order_by(Task.id)):
            if reason := _why_not(task):
                passed_over.append((task.id, reason))
            else:
                requeue(task)
                queued.append(task.id)
        if not queued:
            first = passed_over[0][1] if passed_over else "there is no such task any more"
            raise Conflict("task", f"none of {len(numbers)} tasks can be retried: {first}", "TASK_STATE")
        change.detail = {"tasks": queued, "passed_over": [number for number, _ in passed_over]}
        return Retried(tuple(queued), tuple(passed_over))


def _hold(numbers: Sequence[int]) -> None:
    """All servers, then all runs, each in their order: as whoever moves one of these tasks does."""
    if not is_postgres():
        return
    rows = list(Task.select(Task.server_id, Task.run_id).where(Task.id.in_(numbers)).tuples())
    hold_servers({server for server, _ in rows if server is not None})
    runs = Run.select(Run.id).where(Run.id.in_({run for _, run in rows}))
    list(runs.order_by(Run.id).for_update(LOCKED))


def _why_not(task: Task) -> str:
    if task.status is not TaskStatus.FAILED:
        return f"#{task.id} is {task.status} by now"
    try:
        refuse_old_run(task)
    except Refused as refused:
        return refused.text
    return ""
