"""A bulk action while it runs and after: how far it is, and what became of it on each server."""

from __future__ import annotations

from datetime import datetime

from hostdeck.core.domain.action_names import Action
from hostdeck.core.domain.actions import label
from hostdeck.core.domain.bulk import EVERYTHING, WORDS, BulkPlan, Only, Skipped
from hostdeck.core.domain.config_wishes import Push
from hostdeck.core.domain.order_plan import View
from hostdeck.core.domain.vocabulary import FINAL, RunKind, TaskStatus
from hostdeck.core.errors import NotFound
from hostdeck.core.store.bulk import is_restore
from hostdeck.core.store.groups import group_called, known_only, plan_of
from hostdeck.core.store.work_models import Run, Task


class BulkStep(View):
    """A task of it. `restore`: puts back what stood there before it was called off. `changed`: the keys it changed."""

    task: int
    server: str
    label: str
    status: TaskStatus
    canary: bool
    restore: bool
    changed: dict[str, tuple[str, str]]
    error: str | None


class BulkRun(View):
    """`state`: running, done, failed, or called off."""

    id: int
    group: str
    to: Push
    words: str
    canary: tuple[str, ...]
    abort: int
    state: str
    done: int
    total: int
    failed: int
    steps: tuple[BulkStep, ...]
    skipped: tuple[Skipped, ...]
    created_at: datetime
    finished_at: datetime | None

    @property
    def ok(self) -> bool:
        return self.state == "done"


def bulk_plan(group: str, to: Push, only: Only = EVERYTHING) -> BulkPlan:
    """What telling the group's servers would come to, by what they were last seen to have."""
    row = group_called(group)
    return plan_of(row, known_only(row, only), to, 0, 1, only)


def bulk_run(number: int) -> BulkRun:
    row = Run.get_or_none(Run.id == number, Run.kind == RunKind.BULK)
    if row is None:
        raise NotFound("run", f"there is no bulk action {number}")
    return _view(row)


def last_run(group: str) -> BulkRun | None:
    """The group's newest, if there ever was one."""
    for row in Run.select().where(Run.kind == RunKind.BULK).order_by(Run.id.desc()).limit(50):
        if row.detail.get("group") == group:
            return _view(row)
    return None


def _view(row: Run) -> BulkRun:
    detail = row.detail
    canary = tuple(detail.get("canary", ()))
    steps = [_step(task, canary) for task in Task.select().where(Task.run == row).order_by(Task.id)]
    ended = [step for step in steps if step.status in FINAL]
    failed = [step for step in steps if step.status is TaskStatus.FAILED]
    undone = any(step.status is TaskStatus.CANCELLED for step in steps)
    state = "running"
    if len(ended) == len(steps):
        state = "called off" if detail.get("called_off") else "failed" if failed or undone else "done"
    to = Push(detail["to"])
    return BulkRun(
        id=row.id,
        group=detail["group"],
        to=to,
        words=WORDS[to],
        canary=canary,
        abort=detail["abort"],
        state=state,
        done=len(ended),
        total=len(steps),
        failed=len(failed),
        steps=tuple(steps),
        skipped=tuple(Skipped(server=server, why=why) for server, why in detail.get("skipped", ())),
        created_at=row.created_at,
        finished_at=row.finished_at,
    )


def _step(task: Task, canary: tuple[str, ...]) -> BulkStep:
    told = task.result or {}
    before, after = told.get("before", {}), told.get("after", {})
    words = "Putting back what was there" if is_restore(task) else label(task.action)
    return BulkStep(
        task=task.id,
        server=task.target,
        label=words,
        status=task.status,
        canary=task.target in canary or task.action == Action.SERVER_CHECK_HEALTH,
        restore=is_restore(task),
        changed={key: (value, after.get(key, value)) for key, value in before.items()},
        error=task.error or None,
    )
