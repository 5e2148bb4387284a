"""Tickets, as people see them; never a query per row."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from peewee import JOIN

from hostdeck.core.domain.order_plan import View
from hostdeck.core.domain.tickets import TicketStatus
from hostdeck.core.errors import NotFound
from hostdeck.core.queries.rows import task_query, task_rows, utc
from hostdeck.core.queries.views import TaskRow
from hostdeck.core.store.fleet_models import Server
from hostdeck.core.store.work_models import Service, Task, Ticket, TicketEntry


class TicketRow(View):
    """`failures` is how often it has failed so far; `closed_by` is a person, or `hostdeck` when the cause was gone."""

    id: int
    incident: str
    status: TicketStatus
    title: str
    service: int | None
    domain: str | None
    server: str | None
    failures: int
    opened_at: datetime
    closed_at: datetime | None
    closed_by: str | None


class EntryView(View):
    """`task` is the task it is about, None where it is about none."""

    at: datetime
    task: int | None
    text: str


class TicketDetail(TicketRow):
    """`entries` oldest first, `tasks` those that the entries name, newest first."""

    entries: tuple[EntryView, ...]
    tasks: tuple[TaskRow, ...]


def tickets(status: TicketStatus | str | None = None, limit: int = 500) -> tuple[TicketRow, ...]:
    """Open ones first, each newest first."""
    query = _query()
    if status is not None:
        query = query.where(Ticket.status == TicketStatus(status).value)
    return tuple(
        TicketRow(**row) for row in query.order_by(Ticket.status.desc(), Ticket.id.desc()).limit(limit).dicts()
    )


def ticket(number: int, *, now: datetime | None = None) -> TicketDetail:
    row = _query().where(Ticket.id == number).dicts().first()
    if row is None:
        raise NotFound("ticket", f"there is no ticket {number}; see 'hostdeck ticket list'")
    entries = list(TicketEntry.select().where(TicketEntry.ticket == number).order_by(TicketEntry.id))
    named = task_query().where(Task.id.in_({entry.task for entry in entries if entry.task is not None}))
    return TicketDetail(
        **row,
        entries=tuple(EntryView(at=entry.at, task=entry.task, text=entry.text) for entry in entries),
        tasks=task_rows(named.order_by(Task.id.desc()), utc(now)),
    )


def open_tickets() -> int:
    """How many are open."""
    return int(Ticket.select().where(Ticket.status == TicketStatus.OPEN.value).count())


def _query() -> Any:
    return (
        Ticket.select(
            Ticket.id,
            Ticket.incident,
            Ticket.status,
            Ticket.title,
            Ticket.service,
            Service.domain.alias("domain"),
            Server.name.alias("server"),
            Ticket.failures,
            Ticket.opened_at,
            Ticket.closed_at,
            Ticket.closed_by,
        )
        .join(Service, JOIN.LEFT_OUTER, on=(Ticket.service == Service.id))
        .join(Server, JOIN.LEFT_OUTER, on=(Ticket.server == Server.id))
    )
