"""A change of product is the service's once every check has passed, and is gone without a trace on the nodes where one
has not; decided in the transaction that settles a check.
"""

from __future__ import annotations

from datetime import datetime

from hostdeck.core.domain.actions import Action
from hostdeck.core.domain.vocabulary import DONE, FINAL, PENDING, RunKind, TaskStatus
from hostdeck.core.store.work_models import Run, Service, Task

CHECKS = (Action.WEB_CHECK_LIMITS, Action.MAIL_CHECK_LIMITS, Action.MAIL_CHECK_MAILBOX)


def settle_change(run_id: int, now: datetime) -> None:
    run = Run.get_by_id(run_id)
    if run.kind is not RunKind.CHANGE or run.detail.get("outcome"):
        return
    checks = [task.status for task in Task.select().where(Task.run == run, Task.action.in_(list(CHECKS)))]
    if all(status in DONE for status in checks):
        detail = run.detail
        Service.update(product=detail["product"], limits=detail["limits"], origin=detail["origin"]).where(
            Service.id == run.service_id
        ).execute()
        Run.update(detail=detail | {"outcome": "accepted"}).where(Run.id == run.id).execute()
    elif any(status in FINAL and status not in DONE for status in checks):
        why = "a check before it has refused the change"
        Task.update(status=TaskStatus.CANCELLED, error=why, finished_at=now).where(
            Task.run == run, Task.status.in_(list(PENDING))
        ).execute()
        Service.update(run=run.detail["before"]).where(Service.id == run.service_id).execute()
        Run.update(detail=run.detail | {"outcome": "refused"}).where(Run.id == run.id).execute()
