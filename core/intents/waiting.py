"""What was wished before and has not begun: a second wish about the same thing is carried out by the same task, which
reads what is wanted when it runs.
"""

from __future__ import annotations

from hostdeck.core.domain.pipeline import PlannedTask
from hostdeck.core.domain.vocabulary import TaskStatus
from hostdeck.core.store.db import LOCKED, is_postgres
from hostdeck.core.store.work_models import Service, Task

NOT_BEGUN = (TaskStatus.WAITING, TaskStatus.QUEUED)


def waiting_task(row: Service, planned: PlannedTask) -> Task | None:
    """The task of that action on that target which has not begun, held so that nobody begins it meanwhile. None where
    there is none: one that runs has read what was wanted before, one that is put off may be put off for long."""
    live = Task.select().where(
        Task.service == row,
        Task.action == planned.action,
        Task.target == planned.target,
        Task.server == planned.server.id,
        Task.status.in_(NOT_BEGUN),
        Task.expects.is_null(),
    )
    task: Task | None = (live.for_update(LOCKED) if is_postgres() else live).first()
    return task
