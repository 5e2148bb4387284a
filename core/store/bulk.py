"""What follows in a bulk action from a task that has moved: where too much has failed, the rest is cancelled and what
was changed is put back, in the transaction that settles the task.
"""

from __future__ import annotations

from datetime import datetime

from hostdeck.core.domain.action_args import ConfigArgs
from hostdeck.core.domain.action_names import Action
from hostdeck.core.domain.actions import ACTIONS
from hostdeck.core.domain.bulk import BulkTask, call_off, is_called_off
from hostdeck.core.domain.vocabulary import PENDING, RunKind, TaskStatus
from hostdeck.core.store.work_models import Run, Task

CALLED_OFF = "the bulk action was called off: too much of it has failed"


_ASKED = (Task.id, Task.server, Task.action, Task.status, Task.target, Task.args, Task.result)
"""Of each task at each one's end: a row has four times as many columns."""


def tasks_of(run: Run) -> list[BulkTask]:
    canaries = set((run.detail or {}).get("canary", ()))
    return [
        BulkTask(
            id=row.id,
            server=row.server_id or 0,
            action=Action(row.action),
            status=row.status,
            restore=is_restore(row),
            canary=row.target in canaries,
            changed=bool((row.result or {}).get("before")),
        )
        for row in Task.select(*_ASKED).where(Task.run == run).order_by(Task.id)
    ]


def is_restore(row: Task) -> bool:
    return row.action == Action.SERVER_APPLY_CONFIG and bool(row.args.get("restore"))


def follow(run: Run, now: datetime) -> None:
    if run.kind is not RunKind.BULK:
        return
    detail = run.detail or {}
    if detail.get("undone"):
        return  # what has begun of it stays: its operator has seen that
    tasks = tasks_of(run)
    if not detail.get("called_off"):
        if not is_called_off(tasks, detail["abort"]):
            return
        Run.update(detail=detail | {"called_off": True}).where(Run.id == run.id).execute()
    todo = call_off(tasks)
    if todo.cancel:
        Task.update(status=TaskStatus.CANCELLED, error=CALLED_OFF, finished_at=now).where(
            Task.id.in_(todo.cancel), Task.status.in_(list(PENDING))
        ).execute()
    if todo.stop:
        Task.update(cancel_asked=True).where(Task.id.in_(todo.stop), Task.status == TaskStatus.RUNNING).execute()
    for task_id in todo.put_back:
        _put_back(run, Task.get_by_id(task_id))


def _put_back(run: Run, task: Task) -> None:
    if task.server_id is None:
        return
    spec = ACTIONS[Action.SERVER_APPLY_CONFIG]
    args = ConfigArgs(group=task.args["group"], values=task.result["before"], restore=True)
    Task.create(
        run=run,
        server=task.server_id,
        action=Action.SERVER_APPLY_CONFIG,
        target=task.target,
        args=args.model_dump(mode="json"),
        status=TaskStatus.QUEUED,
        max_attempts=spec.max_attempts,
    )
