"""What has failed and is not mended yet, by cause."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Any

from peewee import JOIN, fn

from hostdeck.core.domain.actions import label
from hostdeck.core.domain.causes import Cause, cause_of
from hostdeck.core.domain.order_plan import View
from hostdeck.core.domain.tickets import TicketStatus
from hostdeck.core.domain.vocabulary import ServiceStatus, TaskStatus
from hostdeck.core.store.fleet_models import Server
from hostdeck.core.store.work_models import Service, Task, Ticket, TicketEntry

LIMIT = 2000
"""The newest failures that are looked at."""


class CauseRow(View):
    """`tasks` are their numbers, the newest first; `actions` in the words that people read. `narrowing` shows them in
    the list of tasks."""

    key: str
    words: str
    mend: str
    tasks: tuple[int, ...]
    servers: tuple[str, ...]
    actions: tuple[str, ...]
    since: datetime | None
    narrowing: str


def causes(limit: int = LIMIT) -> tuple[CauseRow, ...]:
    """Those with the most tasks first."""
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    known: dict[str, Cause] = {}
    for row in _failing(limit):
        cause = cause_of(row["error"] or "", row["server_name"] or "")
        known.setdefault(cause.key, cause)
        found[cause.key].append(row)
    rows = (_row(known[key], tasks) for key, tasks in found.items())
    return tuple(sorted(rows, key=lambda row: (-len(row.tasks), row.words)))


def _failing(limit: int) -> Any:
    """Failed tasks of the runs that live services stand by, and the last of each open ticket: what has failed since and
    went well after that is no trouble any more."""
    live = Service.select(Service.run).where(Service.status != ServiceStatus.TERMINATED, Service.run.is_null(False))
    is_open = Ticket.select(Ticket.id).where(Ticket.status == TicketStatus.OPEN.value)
    last = (
        TicketEntry.select(fn.MAX(TicketEntry.task))
        .where(TicketEntry.ticket.in_(is_open), TicketEntry.task.is_null(False))
        .group_by(TicketEntry.ticket)
    )
    columns = (Task.id, Task.action, Task.error, Task.finished_at, Server.name.alias("server_name"))
    query = Task.select(*columns).join(Server, JOIN.LEFT_OUTER, on=(Task.server == Server.id))
    wanted = Task.run.in_(live) | Task.id.in_(last)
    return query.where(Task.status == TaskStatus.FAILED, wanted).order_by(Task.id.desc()).limit(limit).dicts()


def _row(cause: Cause, tasks: list[dict[str, Any]]) -> CauseRow:
    return CauseRow(
        key=cause.key,
        words=cause.words,
        mend=cause.mend,
        tasks=tuple(task["id"] for task in tasks),
        servers=tuple(sorted({task["server_name"] for task in tasks if task["server_name"]})),
        actions=tuple(sorted({label(task["action"]) for task in tasks})),
        since=min((task["finished_at"] for task in tasks if task["finished_at"]), default=None),
        narrowing=cause.narrowing([TaskStatus.FAILED]),
    )
