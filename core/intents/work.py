"""Wishes about tasks and settings."""

from __future__ import annotations

from typing import Any

from hostdeck.core.domain.config_wishes import Push
from hostdeck.core.domain.lifecycle import ON_THE_WAY
from hostdeck.core.domain.settings_keys import check_setting
from hostdeck.core.domain.vocabulary import DONE, RunKind, ServiceStatus, TaskStatus
from hostdeck.core.errors import Conflict, NotFound
from hostdeck.core.intents.base import Door
from hostdeck.core.store import trials
from hostdeck.core.store.bulk import is_restore
from hostdeck.core.store.due import release
from hostdeck.core.store.fields import utcnow
from hostdeck.core.store.fleet_models import Setting
from hostdeck.core.store.runs import follow, lock
from hostdeck.core.store.work_models import Run, Task, TaskAfter

RETRIED = (TaskStatus.FAILED, TaskStatus.CANCELLED)
PLAN_MOVED = "[PLAN_MOVED]"
CANCELLABLE = (TaskStatus.WAITING, TaskStatus.QUEUED, TaskStatus.RETRYING)


def retry(door: Door, task_id: int) -> None:
    """A failed or cancelled task is queued again and its attempts start over; a retrying one is due at once. Anything
    else is refused with what it is."""
    with door.change("task.retry", f"task #{task_id}") as change:
        lock(task_id)
        task = _task(task_id)
        change.object = f"task #{task_id} {task.action} {task.target}"
        change.detail = {"tasks": [task_id]}
        if task.status is TaskStatus.RETRYING:
            Task.update(not_before=None, woken=False, cancel_asked=False).where(Task.id == task_id).execute()
            follow(task, utcnow())
            return
        if task.status not in RETRIED:
            text = f"#{task_id} is {task.status}; only a failed, cancelled or retrying task can be retried"
            raise Conflict("task", text, "TASK_STATE")
        refuse_old_run(task)
        requeue(task)


def requeue(task: Task) -> None:
    """Back into the queue with all its attempts, or to waiting where something it needs is not done."""
    values: dict[str, Any] = {"attempts": 0, "lapses": 0, "snoozes": 0, "snoozed_since": None}
    if PLAN_MOVED in (task.error or ""):
        # Whoever retries it has read what is there now: the plan it was accepted with holds it no longer.
        values["expects"] = None
    values |= {"error": None, "finished_at": None, "not_before": None, "woken": False, "cancel_asked": False}
    values["status"] = TaskStatus.WAITING if _is_held(task.id) else TaskStatus.QUEUED
    Task.update(**values).where(Task.id == task.id, Task.status.in_(RETRIED)).execute()
    follow(task, utcnow())


def _is_held(task_id: int) -> bool:
    """Whether something it waits for is not done yet: a task cancelled while it waited."""
    unmet = TaskAfter.select().join(Task, on=(TaskAfter.needs == Task.id))
    return bool(unmet.where(TaskAfter.task == task_id, Task.status.not_in(list(DONE))).exists())


def refuse_old_run(task: Task) -> None:
    trials.refuse_beside_another(task)
    run = Run.get_by_id(task.run_id)
    if run.kind is RunKind.BULK and run.detail.get("called_off") and not is_restore(task):
        again = f"hostdeck group apply {run.detail['group']} --to {run.detail['to']}"
        raise Conflict("task", f"the bulk action of #{task.id} was called off; ask anew: {again}", "TASK_OLD")
    if run.kind is RunKind.BULK and run.detail.get("to") != Push.STATUS and _is_overtaken(task):
        again = f"hostdeck group apply {run.detail['group']} --to {run.detail['to']}"
        raise Conflict("task", f"a later bulk action has been at {task.target}; ask anew: {again}", "TASK_OLD")
    if run.kind in ON_THE_WAY and task.service.run != task.run_id:
        raise Conflict("task", f"#{task.id} belongs to an earlier run of {task.service.domain}", "TASK_OLD")
    current = Run.get_or_none(Run.id == task.service.run) if task.service_id else None
    if current is not None and current.kind is RunKind.TERMINATE and current.id != task.run_id:
        raise Conflict("task", f"the termination of {task.service.domain} has begun", "TASK_OLD")
    if task.service_id and task.service.status is ServiceStatus.TERMINATED:
        raise Conflict("task", f"{task.service.domain} is terminated", "TASK_OLD")


def _is_overtaken(task: Task) -> bool:
    """Whether a later bulk action has told its server the same kind of thing: this one would put the old back."""
    same = (Task.server == task.server_id) & (Task.action == task.action) & (Task.run > task.run_id)
    return bool(Task.select().join(Run).where(same, Run.kind == RunKind.BULK).exists())


def cancel(door: Door, task_id: int) -> None:
    """Cancels what has not begun; marks a running task, which stops when the command under way has ended (commands
    on a node are never cut in half)."""
    with door.change("task.cancel", f"task #{task_id}") as change:
        lock(task_id)
        task = _task(task_id)
        change.object = f"task #{task_id} {task.action} {task.target}"
        if task.status is TaskStatus.RUNNING:
            Task.update(cancel_asked=True).where(Task.id == task_id).execute()
            change.result = "asked to stop"
            return
        values = {"status": TaskStatus.CANCELLED, "error": "cancelled", "finished_at": utcnow()}
        if not Task.update(**values).where(Task.id == task_id, Task.status.in_(CANCELLABLE)).execute():
            raise Conflict("task", f"#{task_id} is {task.status}; it can't be cancelled any more", "TASK_STATE")
        follow(task, utcnow())
        release(task.run_id)


def _task(task_id: int) -> Task:
    task = Task.get_or_none(Task.id == task_id)
    if task is None:
        raise NotFound("task", f"there is no task #{task_id}")
    return task


def set_setting(door: Door, key: str, value: str) -> None:
    with door.change("setting.set", key) as change:
        value = check_setting(key, value)
        change.detail = {"value": value}
        Setting.insert(key=key, value=value).on_conflict(
            conflict_target=[Setting.key], update={Setting.value: value}
        ).execute()
