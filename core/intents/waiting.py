"""What was wished before and has not begun: a second wish about the same thing is carried out by the same task, which
reads what is wanted when it runs.
"""

from __future__ import annotations

from hostdeck.core.domain.pipeline import PlannedTask
from hostdeck.core.domain.vocabulary import PENDING, TaskStatus
from hostdeck.core.errors import Conflict
from hostdeck.core.store.db import LOCKED, is_postgres
from hostdeck.core.store.work_models import Service, Task


def waiting_task(row: Service, planned: PlannedTask) -> Task | None:
    """The live task of that action on that target, held so that nobody begins it meanwhile; None where there is none.
    Conflict while it runs: it may have read what was wanted before."""
    live = Task.select().where(
        Task.service == row,
        Task.action == planned.action,
        Task.target == planned.target,
        Task.server == planned.server.id,
        Task.status.in_([*PENDING, TaskStatus.RUNNING]),
    )
    task: Task | None = (live.for_update(LOCKED) if is_postgres() else live).first()
    if task is not None and task.status is TaskStatus.RUNNING:
        text = f"task #{task.id} is at work on {planned.target} on {planned.server.name}; try again when it has ended"
        raise Conflict("service", text, "ITEM_BUSY")
    return task
