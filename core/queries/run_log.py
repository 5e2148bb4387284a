"""The logs of all tasks of one run, a deploy, as one: what comes from several servers, in the order of its time.

Every line stands where its time says, behind those of the same time of tasks with lower numbers. Within a task the
order of numbers is kept, whatever the clock did. A line which arrives late, because its worker wrote it down later or
has a slower clock, is put in at its place between lines that are shown already: readers ask for what follows the last
number *of each task*, never for what is newer than the newest time, so that none is ever lost.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from hostdeck.core.domain.actions import label
from hostdeck.core.domain.vocabulary import FINAL, TaskStatus
from hostdeck.core.errors import NotFound
from hostdeck.core.queries.log_lines import AT, COLUMNS, Line, More
from hostdeck.core.store.fleet_models import Server
from hostdeck.core.store.work_models import Run, Service, Task, TaskLog


@dataclass(frozen=True, slots=True)
class RunTask:
    """A task of the run; `server` is None for work of the queue itself."""

    id: int
    server: str | None
    label: str
    status: TaskStatus


@dataclass(frozen=True, slots=True)
class RunFacts:
    """What the run is about: `domain` is None where it is not one service's."""

    run: int
    kind: str
    domain: str | None
    created_at: datetime
    finished_at: datetime | None
    tasks: tuple[RunTask, ...]


class Place(NamedTuple):
    """Where a line stands: its time in seconds since 1970, its task and its number."""

    at: float
    task: int
    seq: int


def run_of(task: int) -> int:
    """The run that a task belongs to."""
    number = Task.select(Task.run).where(Task.id == task).scalar()
    if number is None:
        raise NotFound("task", f"there is no task {task}; see 'hostdeck task list'")
    return int(number)


def facts(run: int) -> RunFacts:
    row = Run.get_or_none(Run.id == run)
    if row is None:
        raise NotFound("run", f"there is no run {run}; see 'hostdeck task list'")
    domain = Service.select(Service.domain).where(Service.id == row.service_id).scalar()
    return RunFacts(run, str(row.kind), domain, row.created_at, row.finished_at, tasks_of(run))


def tasks_of(run: int) -> tuple[RunTask, ...]:
    query = (
        Task.select(Task.id, Server.name.alias("server"), Task.action, Task.status)
        .left_outer_join(Server, on=(Task.server == Server.id))
        .where(Task.run == run)
        .order_by(Task.id)
    )
    return tuple(RunTask(row["id"], row["server"], label(row["action"]), row["status"]) for row in query.dicts())


def places(run: int) -> list[Place]:
    """Where every line of the run stands, in the order of the merged log."""
    numbers = [task.id for task in tasks_of(run)]
    found: list[Place] = []
    for task in numbers:
        query = TaskLog.select(TaskLog.seq, AT).where(TaskLog.task == task)
        newest = 0.0
        for seq, at in query.order_by(TaskLog.seq).tuples():
            newest = max(newest, at.timestamp())
            found.append(Place(newest, task, seq))
    found.sort()
    return found


def after(run: int, last: Mapping[int, int], limit: int = 500) -> More:
    """Lines that follow the last number of each task, at most `limit` of each."""
    tasks = tasks_of(run)
    found: list[Line] = []
    full = False
    for task in tasks:
        query = TaskLog.select(*COLUMNS).where(TaskLog.task == task.id, TaskLog.seq > last.get(task.id, 0))
        new = list(map(Line._make, query.order_by(TaskLog.seq).limit(limit).tuples()))
        full = full or len(new) == limit
        found += new
    final = all(task.status in FINAL for task in tasks) and not full
    return More(tuple(found), final, full)


def tags(tasks: Sequence[RunTask]) -> dict[int, str]:
    """What stands in front of each task's lines: host and number, as wide as the widest."""
    hosts = max((len(task.server or "-") for task in tasks), default=0)
    numbers = max((len(str(task.id)) for task in tasks), default=0)
    return {task.id: f"{task.server or '-':<{min(hosts, 16)}.16} #{task.id:<{numbers}}" for task in tasks}
