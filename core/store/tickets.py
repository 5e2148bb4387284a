"""Tickets as rows. Ticket, entry and the message about it are written inside the transaction that settled the task, so
that none of them is ever there without the others.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from peewee import SQL

from hostdeck.core.domain import tickets
from hostdeck.core.domain.settings_keys import SETTING_BY_KEY
from hostdeck.core.domain.tickets import BY_ITSELF, QUIET, Event, Message, Subject, TicketStatus
from hostdeck.core.domain.vocabulary import DONE, ServiceStatus, TaskStatus
from hostdeck.core.store.fleet_models import Server, Setting
from hostdeck.core.store.kept import Kept
from hostdeck.core.store.work_models import Notice, Service, Task, Ticket, TicketEntry

ENTRIES = 200
"""Failures that are written out; what goes on for longer is only counted."""


_OPEN = Kept(lambda: Ticket.select(Ticket.id).where(Ticket.status == TicketStatus.OPEN).limit(1))


def follow(task: Task, now: datetime) -> None:
    """What a task's end means for tickets, inside the transaction that gave it its status. `task` is the row as it
    stands now, its service's status computed already."""
    if task.status is not TaskStatus.FAILED and task.status not in DONE:
        return
    if task.status in DONE and _OPEN.first() is None:
        return
    service = Service.get_or_none(Service.id == task.service_id) if task.service_id is not None else None
    server = Server.get_or_none(Server.id == task.server_id) if task.server_id is not None else None
    about = Subject(
        task=task.id,
        action=task.action,
        target=task.target,
        service=task.service_id,
        domain=service.domain if service else None,
        server=server.name if server else None,
    )
    # Whether a mailbox fits another product is asked by a change alone; its name is looked at in every deployment.
    answered = bool(task.args.get("fits"))
    standing = service.status if service else None
    if tickets.wants_ticket(task.status, task.action, task.cancel_asked, standing, answered=answered):
        if _are_opened():
            _open(about, task, now)
    elif service is not None and service.status is ServiceStatus.TERMINATED:
        for ticket in _open_ones(Ticket.service == service.id):
            close(ticket, BY_ITSELF, tickets.terminated_text(service.domain), now)
    elif task.status in DONE:
        for ticket in _open_ones(Ticket.incident.in_(tickets.settled_by(about))):
            close(ticket, BY_ITSELF, tickets.settled_text(about), now, task.id)


def close(ticket: Ticket, by: str, text: str, now: datetime, task: int | None = None) -> bool:
    """Closes an open ticket and says so; False when somebody else has closed it first."""
    closing = Ticket.update(status=TicketStatus.CLOSED, closed_at=now, closed_by=by[:128])
    if not closing.where(Ticket.id == ticket.id, Ticket.status == TicketStatus.OPEN).execute():
        return False
    TicketEntry.create(ticket=ticket.id, at=now, task=task, text=text)
    failures = Ticket.get_by_id(ticket.id).failures
    _tell(ticket.id, Event.CLOSED, tickets.message(Event.CLOSED, ticket.id, ticket.title, failures, text), now)
    return True


def close_of_server(server: int, text: str, now: datetime) -> None:
    """Those about a server itself, before its row goes."""
    for ticket in _open_ones((Ticket.server == server) & Ticket.service.is_null()):
        close(ticket, BY_ITSELF, text, now)


def _are_opened() -> bool:
    row = Setting.get_or_none(Setting.key == "ticket.open")
    return float(row.value if row else SETTING_BY_KEY["ticket.open"].default) > 0


def _open_ones(which: object) -> list[Ticket]:
    return list(Ticket.select().where(Ticket.status == TicketStatus.OPEN, which).order_by(Ticket.id))


def _open(about: Subject, task: Task, now: datetime) -> None:
    """One statement opens the incident's ticket or adds to the open one, so that of two failures at the same moment
    one opens it and the other adds."""
    title = tickets.title(about)
    values = {"incident": tickets.incident(about), "title": title, "failures": 1, "opened_at": now}
    opening = Ticket.insert(**values, service=task.service_id, server=task.server_id).on_conflict(
        conflict_target=[Ticket.incident],
        # Written out: a partial index is only found by the very words it was made with.
        conflict_where=SQL("status = 'open'"),
        update={Ticket.failures: Ticket.failures + 1},
    )
    row = next(iter(opening.returning(Ticket.id, Ticket.title, Ticket.failures).execute()))
    text = tickets.failure_text(task.attempts, task.error)
    if row.failures <= ENTRIES:
        TicketEntry.create(ticket=row.id, at=now, task=task.id, text=text)
    event = Event.OPENED if row.failures == 1 else Event.APPENDED
    if event is Event.OPENED or not _told_since(row.id, now - timedelta(seconds=QUIET)):
        remedy = tickets.remedy(task.action, task.id, about.server)
        _tell(row.id, event, tickets.message(event, row.id, row.title, row.failures, text, remedy), now)


def _told_since(ticket: int, when: datetime) -> bool:
    return bool(Notice.select().where(Notice.ticket == ticket, Notice.created_at > when).exists())


def _tell(ticket: int, event: Event, message: Message, now: datetime) -> None:
    Notice.create(ticket=ticket, event=event, title=message.title, body=message.body, created_at=now)
