"""Scratch accounts of backups that are tried: one trial at a time, and none is left when it was stopped."""

from __future__ import annotations

from datetime import datetime, timedelta

from hostdeck.core.domain.action_args import OwnedUserArgs
from hostdeck.core.domain.actions import ACTIONS
from hostdeck.core.domain.trials import END, TRY
from hostdeck.core.domain.vocabulary import PENDING, Role, RunKind, ServiceStatus, TaskStatus
from hostdeck.core.errors import Conflict
from hostdeck.core.store.db import LOCKED, is_postgres, transaction
from hostdeck.core.store.work_models import Run, Service, Task

MOVING = (*PENDING, TaskStatus.RUNNING)
STOPPED = (TaskStatus.FAILED, TaskStatus.CANCELLED)
YOUNG = timedelta(days=7)
"""What was stopped longer ago has been seen to."""


def refuse_second(service: int, role: Role) -> None:
    """Conflict [BKP_BUSY] while the account of a trial is in use: two would take each other's results."""
    of_role = Task.action.in_([TRY[role].value, END[role].value])
    if busy := Task.get_or_none(Task.service == service, of_role, Task.status.in_(MOVING)):
        word = "restored into" if busy.action == TRY[role] else "cleared from"
        text = f"{busy.target} is being {word} a scratch account already, task #{busy.id}; see how it ends"
        raise Conflict("backup", text, "BKP_BUSY")


def refuse_beside_another(task: Task) -> None:
    """As `refuse_second`, where the task is a trial."""
    role = next((role for role, action in TRY.items() if action == task.action), None)
    if role is not None:
        refuse_second(task.service_id, role)


def end_stopped(now: datetime) -> list[int]:
    """Has the account removed of every trial that has failed or was cancelled after it had begun, once. Returns the
    tasks' ids."""
    return [number for role in TRY for task in _stopped(role, now) if (number := _end(role, task))]


def _stopped(role: Role, now: datetime) -> list[Task]:
    rows = Task.select().where(
        Task.action == TRY[role].value, Task.status.in_(STOPPED), Task.claim_no > 0, Task.finished_at > now - YOUNG
    )
    return [row for row in rows if not _is_seen_to(role, row)]


def _is_seen_to(role: Role, task: Task) -> bool:
    later = (Task.service == task.service_id) & (Task.server == task.server_id) & (Task.id != task.id)
    ended = Task.action.in_([END[role].value, TRY[role].value])
    return bool(Task.select(Task.id).where(later, ended, Task.created_at >= task.finished_at).exists())


def _end(role: Role, task: Task) -> int | None:
    with transaction():
        service = Service.select().where(Service.id == task.service_id)
        # Another worker's round looks at the same moment.
        service = (service.for_update(LOCKED) if is_postgres() else service).get()
        if service.status is ServiceStatus.TERMINATED or _is_seen_to(role, task):
            return None
        args = OwnedUserArgs(**{name: task.args[name] for name in OwnedUserArgs.model_fields})
        row = Task.create(
            run=Run.create(kind=RunKind.ITEM, service=service),
            service=service,
            server=task.server_id,
            action=END[role],
            target=args.user,
            args=args.model_dump(mode="json"),
            changing=ACTIONS[END[role]].changing,
            status=TaskStatus.QUEUED,
            max_attempts=ACTIONS[END[role]].max_attempts,
        )
        return int(row.id)
