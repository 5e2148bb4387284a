"""A plan with what the nodes have said of it."""

from __future__ import annotations

from collections.abc import Sequence

from hostdeck.core.domain.order_plan import PlannedTaskView
from hostdeck.core.domain.vocabulary import TaskStatus
from hostdeck.core.domain.wishes import WishPlan
from hostdeck.core.store.plans import still_reading, told_by_position
from hostdeck.core.store.work_models import Run, Task


def refusal_of(run: int) -> str | None:
    """Why a change of product was refused, in the words of the check that did; None where it was not."""
    row = Run.get_or_none(Run.id == run)
    if row is None or (row.detail or {}).get("outcome") != "refused":
        return None
    ended = (TaskStatus.FAILED, TaskStatus.CANCELLED)
    check = Task.select().where(Task.run == row, Task.status.in_(ended)).order_by(Task.status.desc(), Task.id).first()
    return str(check.error) if check is not None else "a check did not pass"


def plan_view(plan: WishPlan, number: int) -> WishPlan:
    """`plan` as the rows have it now, with the commands that plan `number` has read so far."""
    tasks, read = tasks_view(plan.tasks, number)
    return plan.model_copy(update={"tasks": tasks, "plan": number, "read": read})


def tasks_view(tasks: Sequence[PlannedTaskView], number: int) -> tuple[tuple[PlannedTaskView, ...], bool]:
    """The tasks with what plan `number` has read so far, and whether that is all."""
    told = told_by_position(number)
    seen = (
        task.model_copy(update={"commands": read.commands, "note": read.note})
        if (read := told.get(task.position))
        else task
        for task in tasks
    )
    return tuple(seen), not still_reading(number)
