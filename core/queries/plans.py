"""A plan with what the nodes have said of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hostdeck.core.domain.action_names import Action
from hostdeck.core.domain.order_plan import PlannedTaskView
from hostdeck.core.domain.plan_reading import NEW_KEY, brings_new_key
from hostdeck.core.domain.vocabulary import TaskStatus
from hostdeck.core.domain.wishes import WishPlan
from hostdeck.core.store.plans import still_reading, told_by_position
from hostdeck.core.store.work_models import Run, Task


def refusal_of(run: int) -> str | None:
    """Why a change of product did not come to be, in the words of the check that refused it; None where it did."""
    row = Run.get_or_none(Run.id == run)
    outcome = None if row is None else (row.detail or {}).get("outcome")
    if outcome == "overtaken":
        return "another wish has taken the service over"
    if outcome != "refused":
        return None
    ended = (TaskStatus.FAILED, TaskStatus.CANCELLED)
    check = Task.select().where(Task.run == row, Task.status.in_(ended)).order_by(Task.status.desc(), Task.id).first()
    return str(check.error) if check is not None else "a check did not pass"


@dataclass(frozen=True, slots=True)
class PlanRead:
    """A plan's tasks with what the nodes have said of them so far. `over`: nothing more will come; `unread` are the
    servers that have not told of every task."""

    tasks: tuple[PlannedTaskView, ...]
    over: bool
    unread: tuple[str, ...]

    @property
    def read(self) -> bool:
        """Whether it is known whole, so that it may be held to."""
        return self.over and not self.unread


def plan_view(plan: WishPlan, number: int) -> WishPlan:
    """`plan` as the rows have it now, with the commands that plan `number` has read so far."""
    seen = tasks_view(plan.tasks, number)
    return plan.model_copy(update={"tasks": seen.tasks, "plan": number, "read": seen.read, "unread": seen.unread})


def tasks_view(tasks: Sequence[PlannedTaskView], number: int) -> PlanRead:
    """The tasks with what plan `number` has read so far."""
    # First: what is told after this was asked is shown, but never what is not told taken for all there is.
    over = not still_reading(number)
    told = told_by_position(number)
    seen = tuple(
        task.model_copy(update={"commands": read.commands, "note": read.note})
        if (read := told.get(task.position))
        else task
        for task in tasks
    )
    if brings_new_key((task.action, task.commands or ()) for task in seen):
        sure = {number for number, read in told.items() if read.certain}
        seen = tuple(_of_new_key(task) if task.position in sure else task for task in seen)
    unread = dict.fromkeys(task.server for task in seen if task.commands is None)
    return PlanRead(seen, over, tuple(unread))


def _of_new_key(task: PlannedTaskView) -> PlannedTaskView:
    """Where the zone would stop with an error, that is what has to be said."""
    return task.model_copy(update={"note": NEW_KEY}) if task.action == Action.DNS_DEPLOY_ZONE else task
