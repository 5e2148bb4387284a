"""Which tasks may be taken now: what is due by its own clock and its needs, and whose server is free and called at."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from peewee import fn

from hostdeck.core.domain.lifecycle import LONGEST_WAIT
from hostdeck.core.domain.vocabulary import DONE, FINAL, ServerStatus, TaskId, TaskStatus
from hostdeck.core.store import breakers
from hostdeck.core.store.db import transaction
from hostdeck.core.store.fleet_models import Server
from hostdeck.core.store.kept import Kept
from hostdeck.core.store.work_models import Task, TaskAfter


def _due(now: datetime) -> Any:
    return due_between(now, now + timedelta(seconds=LONGEST_WAIT))


def due_between(now: Any, far: Any) -> Any:
    """Whether a task's own time has come. A time further away than any wait is a clock that was wrong once."""
    its_time = Task.not_before.is_null() | (Task.not_before <= now) | (Task.not_before > far)
    is_retry_due = (Task.status == TaskStatus.RETRYING) & its_time
    return (Task.status == TaskStatus.QUEUED) | is_retry_due


def server_is_free(now: Any) -> Any:
    """Whether a task's node has no changing task under way, and is called at."""
    other = Task.alias()
    busy = other.select(other.id).where(
        other.server == Task.server, other.status == TaskStatus.RUNNING, other.changing, other.id != Task.id
    )
    return Task.server.is_null() | ~Task.changing | (~fn.EXISTS(busy) & _is_called_at(now))


def _is_called_at(now: Any) -> Any:
    """Whether a task's node is called at, as things are: neither quarantined nor parked. What only reads is asked for
    by a person, who may find out. Past a breaker's pause the first changing task tries, and as a node takes one at a
    time it is the only one."""
    shut = Server.select(Server.id).where(Server.status == ServerStatus.QUARANTINED)
    called = Task.server.not_in(breakers.parked(now)) & Task.server.not_in(shut)
    return Task.server.is_null() | ~Task.changing | called


def release(run_id: int) -> list[TaskId]:
    """Queues the waiting tasks all of whose needs are done: those of the run, and those of other runs that wait for
    some of its. What waits for another run's task only waits until that has ended, however it did: it looks for itself
    at what there is."""
    if _WAITING.first() is None:
        return []  # as at most ends: the long question below takes peewee as long to put as all else of an end
    needed, mine = Task.alias(), Task.alias()
    same = (needed.run == Task.run) & needed.status.not_in(list(DONE))
    other = (needed.run != Task.run) & needed.status.not_in(list(FINAL))
    unmet = (
        TaskAfter.select(TaskAfter.task)
        .join(needed, on=(TaskAfter.needs == needed.id))
        .where(TaskAfter.task == Task.id, same | other)
    )
    for_mine = (
        TaskAfter.select(TaskAfter.task)
        .join(mine, on=(TaskAfter.needs == mine.id))
        .where(TaskAfter.task == Task.id, mine.run == run_id)
    )
    concerned = (Task.run == run_id) | fn.EXISTS(for_mine)
    waiting = Task.select(Task.id).where(concerned, Task.status == TaskStatus.WAITING, ~fn.EXISTS(unmet))
    ready = [TaskId(row.id) for row in waiting]
    if ready:
        Task.update(status=TaskStatus.QUEUED, woken=False).where(
            Task.id.in_(ready), Task.status == TaskStatus.WAITING
        ).execute()
    return ready


_WAITING = Kept(lambda: Task.select(Task.id).where(Task.status == TaskStatus.WAITING).limit(1))
_MOVING = (TaskStatus.QUEUED, TaskStatus.RETRYING)
_MOVING_ON = Kept(lambda server: Task.select(Task.id).where(Task.server == server, Task.status.in_(_MOVING)).limit(1))
_UNWOKEN = Kept(lambda: Task.select(Task.id).where(Task.status.in_(_MOVING), ~Task.woken).limit(1))


def next_for_server(server_id: int | None, now: datetime) -> list[TaskId]:
    """The oldest due task of a server, if any, follow-ups last: the one to wake when the server has become free."""
    if server_id is None or _MOVING_ON.first(server=server_id) is None:
        return []
    due = Task.select(Task.id).where(Task.server == server_id, _due(now), _is_called_at(now), ~Task.cancel_asked)
    rows = due.order_by(Task.follow_up, Task.id).limit(1)
    return [TaskId(row.id) for row in rows]


def is_any_unwoken() -> bool:
    """Whether anything is due, or will be by the clock, that nobody has been woken for."""
    return _UNWOKEN.first() is not None


def take_unwoken(now: datetime, limit: int = 200) -> list[TaskId]:
    """Due tasks nobody has been woken for, marked as woken now."""
    due = _due(now) & _is_called_at(now)
    rows = Task.select(Task.id).where(due, ~Task.woken).order_by(Task.follow_up, Task.id).limit(limit)
    ids = [TaskId(row.id) for row in rows]
    if not ids:
        return []
    with transaction():
        return [i for i in ids if Task.update(woken=True).where(Task.id == i, ~Task.woken).execute()]


def all_due(now: datetime, limit: int = 500) -> list[TaskId]:
    """Every due task, woken or not: what the sweep wakes again, should a wake-up have got lost. Those of a node that
    nobody calls at are left out: thousands of them would keep the others from being seen."""
    due = _due(now) & _is_called_at(now)
    rows = Task.select(Task.id).where(due).order_by(Task.follow_up, Task.id).limit(limit)
    return [TaskId(row.id) for row in rows]
