"""What the nodes have said of a plan."""

from __future__ import annotations

from hostdeck.core.domain.plan_reading import Read, read_of
from hostdeck.core.domain.vocabulary import FINAL
from hostdeck.core.store.work_models import Run, Task


def told_of(plan: int) -> dict[str, Read]:
    """What has been read so far, by the planned tasks' keys."""
    return read_of(task.result for task in Task.select(Task.result).where(Task.run == plan))


def told_by_position(plan: int) -> dict[int, Read]:
    """The same by the tasks' positions in the plan, which counts from 1."""
    run = Run.get_or_none(Run.id == plan)
    keys = run.detail["keys"] if run is not None else []
    told = told_of(plan)
    return {number: told[key] for number, key in enumerate(keys, 1) if key in told}


def still_reading(plan: int) -> bool:
    return bool(Task.select().where(Task.run == plan, Task.status.not_in(list(FINAL))).exists())
