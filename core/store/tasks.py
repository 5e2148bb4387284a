"""A task's moves: claim, renew, settle, lapse. Each is one transaction, and each write is fenced by the claim's number:
a worker that slept through its lease can no longer change anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from peewee import fn

from hostdeck.core.domain.action_names import Action
from hostdeck.core.domain.findings import Finding
from hostdeck.core.domain.lifecycle import LAPSES, LONGEST_WAIT
from hostdeck.core.domain.vocabulary import (
    FINAL,
    TaskId,
    TaskStatus,
)
from hostdeck.core.store import findings, runs, tickets
from hostdeck.core.store.clock import LeaseTime
from hostdeck.core.store.db import transaction
from hostdeck.core.store.due import due_between, next_for_server, release, server_is_free
from hostdeck.core.store.kept import Kept
from hostdeck.core.store.work_models import Task

LEASE = 60.0
"""Seconds a claim lasts without a renewal."""

MARGIN = 15.0
"""Seconds before the lease's end at which its holder starts no new effect."""


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to write about a task, until another claim of it."""

    task: TaskId
    number: int
    worker: int


@dataclass(frozen=True, slots=True)
class ClaimedTask:
    """A task just claimed, with what its step needs of the row. `attempt` counts from 1."""

    claim: Claim
    action: Action
    target: str
    args: dict[str, Any]
    service: int | None
    server: int | None
    attempt: int
    max_attempts: int
    snoozes: int
    snoozed_since: datetime | None
    expects: list[str] | None = None


@dataclass(frozen=True, slots=True)
class Success:
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Skipped:
    """Not meant for this node; the reason in words."""

    why: str


@dataclass(frozen=True, slots=True)
class Retry:
    """Again after `delay` seconds; `spent` False gives the attempt back (the step never began)."""

    error: str
    delay: float
    spent: bool
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Failure:
    error: str
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Cancelled:
    findings: tuple[Finding, ...] = ()


Outcome = Success | Skipped | Retry | Failure | Cancelled


def claim(task_id: int, worker: int, *, at: LeaseTime, now: datetime) -> ClaimedTask | None:
    """Takes the task if it is due, its server has no changing task under way and is neither quarantined nor parked by
    its breaker; None otherwise.

    All conditions stand in the one UPDATE, so two workers never both get it.
    """
    with transaction():
        runs.lock(task_id)
        far = Task.not_before.db_value(now + timedelta(seconds=LONGEST_WAIT))
        lease = {"worker": worker, "epoch": at.epoch, "until": at.now + LEASE}
        if not _CLAIM.changed(task=task_id, now=Task.not_before.db_value(now), far=far, **lease):
            return None
        task = Task.get_by_id(task_id)
        if task.service_id is not None:
            runs.refresh_service(task.service_id)
        return ClaimedTask(
            claim=Claim(TaskId(task.id), task.claim_no, worker),
            action=Action(task.action),
            target=task.target,
            args=task.args,
            service=task.service_id,
            server=task.server_id,
            attempt=task.attempts,
            max_attempts=task.max_attempts,
            snoozes=task.snoozes,
            snoozed_since=task.snoozed_since,
            expects=task.expects,
        )


def _claim(task: Any, worker: Any, epoch: Any, until: Any, now: Any, far: Any) -> Any:
    return Task.update(
        status=TaskStatus.RUNNING,
        claim_no=Task.claim_no + 1,
        attempts=Task.attempts + 1,
        worker=worker,
        lease_epoch=epoch,
        lease_until=until,
        started_at=fn.COALESCE(Task.started_at, now),
        not_before=None,
        woken=False,
    ).where(Task.id == task, due_between(now, far), ~Task.cancel_asked, server_is_free(now))


_CLAIM = Kept(_claim)


def _asked_to_stop(task_id: int) -> bool:
    return bool(Task.get_by_id(task_id).cancel_asked)


@dataclass(frozen=True, slots=True)
class Renewal:
    """`held` False: the lease is lost, write nothing more. `cancel`: an operator asked to stop between commands."""

    held: bool
    cancel: bool


def renew(held: Claim, at: LeaseTime) -> Renewal:
    with transaction():
        changed = _mine(Task.update(lease_until=at.now + LEASE, lease_epoch=at.epoch), held).execute()
        if not changed:
            return Renewal(False, False)
        return Renewal(True, Task.get_by_id(held.task).cancel_asked)


def _mine(query: Any, held: Claim) -> Any:
    return query.where(
        Task.id == held.task,
        Task.claim_no == held.number,
        Task.worker == held.worker,
        Task.status == TaskStatus.RUNNING,
    )


@dataclass(frozen=True, slots=True)
class Settled:
    """`wake`: tasks that became due, or whose server became free, by this settling."""

    wake: tuple[TaskId, ...]


def settle(held: Claim, outcome: Outcome, *, now: datetime) -> Settled | None:
    """Writes what became of the claimed task and all that follows: tasks it unblocks, follow-ups, the service's
    status, the run's end. None when the lease has passed to another worker; then nothing was written."""
    with transaction():
        runs.lock(held.task)
        if isinstance(outcome, Retry) and _asked_to_stop(held.task):
            outcome = Cancelled(outcome.findings)
        values = _values(outcome, now)
        if not _mine(Task.update(**values), held).execute():
            return None
        task = Task.get_by_id(held.task)
        for finding in getattr(outcome, "findings", ()):
            findings.keep(task, finding, now)
        wake: list[TaskId] = []
        if task.status in FINAL:
            wake += release(task.run_id)
        runs.follow(task, now)
        tickets.follow(task, now)
        wake += next_for_server(task.server_id, now)
        return Settled(tuple(dict.fromkeys(wake)))


def note(held: Claim, found: Sequence[Finding], *, now: datetime) -> bool:
    """Writes what the rows must say while the task still runs. False when the lease is lost; then nothing was
    written. NotYet where the rows refuse it."""
    with transaction():
        runs.lock(held.task)
        # The task's own row is written although nothing in it changes: that is what holds it until the commit.
        if not _HOLD.changed(task=held.task, number=held.number, worker=held.worker):
            return False
        task = Task.get_by_id(held.task)
        for finding in found:
            findings.keep(task, finding, now)
        return True


_HOLD = Kept(lambda task, number, worker: _mine(Task.update(claim_no=Task.claim_no), Claim(task, number, worker)))


def _values(outcome: Outcome, now: datetime) -> dict[str, Any]:
    values: dict[str, Any] = {"worker": None, "lease_until": None, "lease_epoch": None, "woken": False, "lapses": 0}
    match outcome:
        case Success():
            return values | {"status": TaskStatus.SUCCESS, "error": None, "finished_at": now}
        case Skipped(why):
            return values | {"status": TaskStatus.SKIPPED, "error": why, "finished_at": now}
        case Failure(error):
            return values | {"status": TaskStatus.FAILED, "error": error, "finished_at": now}
        case Cancelled():
            return values | {"status": TaskStatus.CANCELLED, "error": "cancelled", "finished_at": now}
        case Retry(error, delay, spent, _):
            values |= {"status": TaskStatus.RETRYING, "error": error, "not_before": now + timedelta(seconds=delay)}
            if spent:
                return values | {"snoozes": 0, "snoozed_since": None}
            since = fn.COALESCE(Task.snoozed_since, now.replace(tzinfo=None))
            return values | {"attempts": Task.attempts - 1, "snoozes": Task.snoozes + 1, "snoozed_since": since}


def lapse(at: LeaseTime, now: datetime, dead_workers: Iterable[int] = ()) -> Sequence[TaskId]:
    """Gives back the tasks whose lease ran out, or whose worker is known to be dead: due at once, attempt given
    back; the tenth time in a row the task has failed."""
    dead = list(dead_workers)
    gone = (Task.lease_epoch != at.epoch) | (Task.lease_until < at.now) | Task.worker.in_(dead)
    freed: list[TaskId] = []
    for task in list(Task.select().where(Task.status == TaskStatus.RUNNING, gone)):
        values: dict[str, Any] = {
            "worker": None,
            "lease_until": None,
            "lease_epoch": None,
            "woken": False,
            "lapses": task.lapses + 1,
            "attempts": max(0, task.attempts - 1),
        }
        if task.lapses + 1 >= LAPSES:
            words = f"the worker died {LAPSES} times in a row while it ran this task; look at its log, then retry"
            values |= {"status": TaskStatus.FAILED, "error": words, "finished_at": now}
        elif task.cancel_asked:
            values |= {"status": TaskStatus.CANCELLED, "error": "cancelled", "finished_at": now}
        else:
            values |= {"status": TaskStatus.RETRYING, "not_before": None}
        with transaction():
            runs.lock(task.id)
            mine = (Task.id == task.id) & (Task.claim_no == task.claim_no) & (Task.status == TaskStatus.RUNNING) & gone
            if Task.update(**values).where(mine).execute():
                freed.append(TaskId(task.id))
                runs.follow(task, now)
                tickets.follow(Task.get_by_id(task.id), now)
    return freed
