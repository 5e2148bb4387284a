"""A plan with what the nodes have said of it."""

from __future__ import annotations

from hostdeck.core.domain.wishes import WishPlan
from hostdeck.core.store.plans import still_reading, told_by_position


def plan_view(plan: WishPlan, number: int) -> WishPlan:
    """`plan` as the rows have it now, with the commands that plan `number` has read so far."""
    told = told_by_position(number)
    tasks = tuple(
        task.model_copy(update={"commands": read.commands, "note": read.note})
        if (read := told.get(task.position))
        else task
        for task in plan.tasks
    )
    return plan.model_copy(update={"tasks": tasks, "plan": number, "read": not still_reading(number)})
