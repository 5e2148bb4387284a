"""Backups that are tried: one trial of an account at a time, and none goes on when it was stopped."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from hostdeck.core.domain.action_args import EndTrialArgs
from hostdeck.core.domain.actions import ACTIONS
from hostdeck.core.domain.trials import END, TRY
from hostdeck.core.domain.vocabulary import DONE, PENDING, Role, RunKind, ServiceStatus, TaskStatus
from hostdeck.core.errors import Conflict
from hostdeck.core.store.db import LOCKED, is_postgres, transaction
from hostdeck.core.store.work_models import Run, Service, Task

MOVING = (*PENDING, TaskStatus.RUNNING)
STOPPED = (TaskStatus.FAILED, TaskStatus.CANCELLED)
YOUNG = timedelta(days=7)
"""What was stopped longer ago has been seen to."""

AGAIN = timedelta(hours=1)
"""So long after a removal that failed the next one is tried."""


def refuse_second(service: int, role: Role) -> None:
    """Conflict [BKP_BUSY] while a trial of that account is under way: two would take each other's results."""
    if busy := _moving(service, role):
        what = "is being restored for trial already" if busy.action == TRY[role] else "is being ended"
        text = f"{busy.target} {what}, task #{busy.id}; see how it ends"
        raise Conflict("backup", text, "BKP_BUSY")


def refuse_beside_another(task: Task) -> None:
    """As `refuse_second`, where the task is a trial."""
    role = next((role for role, action in TRY.items() if action == task.action), None)
    if role is not None:
        refuse_second(task.service_id, role)


def _moving(service: int, role: Role) -> Task | None:
    of_role = Task.action.in_([TRY[role].value, END[role].value])
    found: Task | None = Task.get_or_none(Task.service == service, of_role, Task.status.in_(MOVING))
    return found


def end_stopped(now: datetime) -> list[int]:
    """Has every trial ended on its node that has failed or was cancelled after it had begun. Returns the tasks' ids."""
    return [number for role in TRY for task in _stopped(role, now) if (number := _end(role, task.id, now))]


def _stopped(role: Role, now: datetime) -> list[Task]:
    rows = Task.select().where(Task.action == TRY[role].value, _is_stopped(), Task.finished_at > now - YOUNG)
    return [row for row in rows if _is_left(role, row, now)]


def _is_stopped() -> Any:
    return Task.status.in_(STOPPED) & (Task.claim_no > 0)


def _is_left(role: Role, task: Task, now: datetime) -> bool:
    """Whether no other is under way, and nobody has ended it since this claim of the task."""
    if _moving(task.service_id, role) is not None:
        return False
    removals = Task.select().where(Task.service == task.service_id, Task.action == END[role].value)
    of_this = [row for row in removals if row.args["ends"] == [task.id, task.claim_no]]
    return not any(row.status in DONE or row.finished_at > now - AGAIN for row in of_this)


def _end(role: Role, number: int, now: datetime) -> int | None:
    with transaction():
        task = Task.get_or_none(Task.id == number, _is_stopped())
        if task is None:
            return None
        service = Service.select().where(Service.id == task.service_id)
        # Another worker's round looks at the same moment, and so does who wishes for a trial.
        service = (service.for_update(LOCKED) if is_postgres() else service).get()
        if service.status is ServiceStatus.TERMINATED or not _is_left(role, task, now):
            return None
        args = EndTrialArgs(trial=task.args["trial"], ends=(task.id, task.claim_no))
        action = END[role]
        row = Task.create(
            run=Run.create(kind=RunKind.ITEM, service=service),
            service=service,
            server=task.server_id,
            action=action,
            target=args.trial,
            args=args.model_dump(mode="json"),
            changing=ACTIONS[action].changing,
            status=TaskStatus.QUEUED,
            max_attempts=ACTIONS[action].max_attempts,
        )
        return int(row.id)
