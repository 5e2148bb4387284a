"""What an operator's last wish has queued, so that it can be taken back while it has not begun."""

from __future__ import annotations

from typing import Any

from peewee import fn

from hostdeck.core.domain.vocabulary import RunKind, TaskStatus
from hostdeck.core.store.fleet_models import Audit
from hostdeck.core.store.work_models import Run, Task

NOT_BEGUN = (TaskStatus.WAITING, TaskStatus.QUEUED)
AGAIN = ("service.resume", "task.retry", "task.retry_all")
"""Wishes that queue tasks of earlier runs anew; their lines name them."""


def last_wish(actor: str) -> Audit | None:
    """The line of the last wish of theirs that queued anything; plans change nothing and are passed over."""
    mine = Audit.actor == actor[:128]
    made = Run.select(Run.id).where(Run.asked == Audit.id, Run.kind != RunKind.PLAN)
    newest = Audit.select().where(mine, fn.EXISTS(made) | Audit.intent.in_(AGAIN)).order_by(Audit.id.desc())
    found: Audit | None = newest.first()
    return found


def runs_of(line: Audit) -> list[Run]:
    return list(Run.select().where(Run.asked == line.id, Run.kind != RunKind.PLAN).order_by(Run.id))


def queued_by(line: Audit) -> Any:
    """The condition of the tasks that a wish has queued."""
    runs = Run.select(Run.id).where(Run.asked == line.id, Run.kind != RunKind.PLAN)
    again = [int(number) for number in line.detail.get("tasks", ())] if line.intent in AGAIN else []
    return Task.run.in_(runs) | Task.id.in_(again)


def not_begun() -> Any:
    """The condition of a task of which nothing has happened since it was queued."""
    return Task.status.in_(NOT_BEGUN) & (Task.attempts == 0) & ~Task.cancel_asked
