"""A change of product is the service's once every check has passed, and is gone without a trace where one has not, or
where another wish has taken the service over meanwhile; decided in the transaction that settles a check.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from hostdeck.core.domain.action_names import Action
from hostdeck.core.domain.vocabulary import DONE, FINAL, PENDING, RunKind, TaskStatus
from hostdeck.core.store import certificates, items
from hostdeck.core.store.db import LOCKED, is_postgres
from hostdeck.core.store.item_models import Item
from hostdeck.core.store.work_models import Run, Service, Task, TaskAfter

CHECKS = (Action.WEB_CHECK_LIMITS, Action.MAIL_CHECK_LIMITS, Action.MAIL_CHECK_MAILBOX)


def remembered(service: Service, runs: Sequence[int], about: Iterable[int]) -> dict[str, Any]:
    """What granting a wish takes from the service, as its run has to know it to give it back: the run before, the
    tasks of `runs` that are stopped (by id, with status and error), the rows of certificates, and those of the items
    that its own tasks are `about`."""
    moving = Task.select().where(Task.run.in_(runs), Task.status.in_([*PENDING, TaskStatus.RUNNING]))
    return {
        "before": service.run,
        "stopped": {str(task.id): [task.status, task.error] for task in moving},
        "certificates": certificates.kept(service.id),
        "items": items.kept(Item.select().where(Item.service == service, Item.id.in_(list(about)))),
    }


def overtake(run_id: int) -> None:
    """Another wish takes the service over; nothing of an undecided change comes to count after that."""
    run = Run.get_by_id(run_id)
    if _is_undecided(run):
        _decide(run, "overtaken")


def settle_change(run: Run, now: datetime) -> None:
    if not _is_undecided(run):
        return
    if Service.get_by_id(run.service_id).run != run.id:
        _decide(run, "overtaken")
        return
    checks = [task.status for task in Task.select().where(Task.run == run, Task.action.in_(list(CHECKS)))]
    if all(status in DONE for status in checks):
        detail = run.detail
        Service.update(product=detail["product"], limits=detail["limits"], origin=detail["origin"]).where(
            Service.id == run.service_id
        ).execute()
        _decide(run, "accepted")
    elif any(status in FINAL and status not in DONE for status in checks):
        why = "a check before it has refused the change"
        Task.update(status=TaskStatus.CANCELLED, error=why, finished_at=now).where(
            Task.run == run, Task.status.in_(list(PENDING))
        ).execute()
        give_back(run, now)
        _decide(run, "refused")


def _is_undecided(run: Run) -> bool:
    return run.kind is RunKind.CHANGE and not run.detail.get("outcome")


def _decide(run: Run, outcome: str) -> None:
    Run.update(detail=run.detail | {"outcome": outcome}).where(Run.id == run.id).execute()


def take_back(run: Run, now: datetime) -> None:
    """The wish of `run` was undone before anything of it began; an undecided change that it had overtaken goes on."""
    if run.kind is RunKind.CHANGE:
        _decide(run, "undone")
    before = Run.get_by_id(run.detail["before"])
    if before.kind is RunKind.CHANGE and before.detail.get("outcome") == "overtaken":
        left = {key: value for key, value in before.detail.items() if key != "outcome"}
        Run.update(detail=left).where(Run.id == before.id).execute()
    give_back(run, now)


def give_back(run: Run, now: datetime) -> None:
    """The service goes on with the run before, as if the wish of this one had never been granted."""
    before, stopped = run.detail["before"], run.detail.get("stopped", {})
    if is_postgres():
        # Whoever settles a task of that run meanwhile would release what waits for it, and not see these waiting.
        list(Run.select(Run.id).where(Run.id == before).for_update(LOCKED))
    theirs = Task.id.in_([int(task_id) for task_id in stopped])
    Task.update(cancel_asked=False).where(theirs, Task.status == TaskStatus.RUNNING).execute()
    for task in list(Task.select().where(theirs, Task.status == TaskStatus.CANCELLED)):
        status, error = stopped[str(task.id)]
        values = {"status": TaskStatus(status), "error": error}
        if status == TaskStatus.RUNNING:
            # It has stopped between two commands, which was no attempt of its own.
            values |= {"status": TaskStatus.QUEUED, "attempts": max(0, task.attempts - 1)}
        elif status == TaskStatus.WAITING and not _is_held(task.id):
            values["status"] = TaskStatus.QUEUED
        Task.update(**values, finished_at=None, woken=False, cancel_asked=False).where(Task.id == task.id).execute()
        items.follow(task.id)
    moving = Task.select(Task.run).where(theirs | (Task.run == before), Task.status.not_in(list(FINAL)))
    Run.update(finished_at=None).where(Run.id.in_(moving)).execute()
    Service.update(run=before).where(Service.id == run.service_id).execute()
    certificates.give_back(run.service_id, before, run.detail.get("certificates", []), now)


def _is_held(task_id: int) -> bool:
    unmet = TaskAfter.select().join(Task, on=(TaskAfter.needs == Task.id))
    return bool(unmet.where(TaskAfter.task == task_id, Task.status.not_in(list(DONE))).exists())
