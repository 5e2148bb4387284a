"""`hostdeck ticket`: what has failed for good and wants a person."""

from __future__ import annotations

from typing import Annotated

import typer

from hostdeck.tui.cli import output
from hostdeck.tui.cli.given import given
from hostdeck.tui.cli.session import opened
from hostdeck.tui.cli.shape import table, verb

ticket = table()
TABLES = {"ticket": ticket}

Number = Annotated[int, typer.Argument(metavar="N", min=1, max=2**63 - 1, show_default=False)]


@verb(ticket, "list", "hostdeck ticket list --status open")
def ticket_list(
    status: Annotated[str, typer.Option(metavar="open|closed", help="Only those in this status.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="At most so many.")] = 500,
) -> None:
    """Tickets, open ones first, each newest first."""
    from hostdeck.core.domain.tickets import TicketStatus
    from hostdeck.core.queries.tickets import tickets
    from hostdeck.tui.cli.words import one_of

    with opened():
        rows = tickets(one_of(TicketStatus, status, "status") if status else None, limit)
    output.listed(
        (">ID", "STATUS", "TITLE", ">SERVICE", "SERVER", ">FAILURES", f"OPENED ({output.zone()})", "CLOSED BY"),
        rows,
        lambda row: (
            row.id,
            row.status,
            row.title,
            row.service,
            row.server,
            row.failures,
            row.opened_at,
            row.closed_by,
        ),
        f"no ticket is {status}" if status else "no tickets: no task has failed for good; see 'hostdeck task list'",
    )


@verb(ticket, "show", "hostdeck ticket show 7")
def ticket_show(number: Number) -> None:
    """One ticket: its failures in the order of time, and its tasks."""
    with opened():
        _show(number)


@verb(ticket, "close", "hostdeck ticket close 7")
def ticket_close(number: Number) -> None:
    """Close a ticket although its cause may still be there; a later failure opens a new one."""
    from hostdeck.core.intents.tickets import close_ticket

    with opened() as door:
        close_ticket(door, number)
        _show(number)


def _show(number: int) -> None:
    from hostdeck.core.queries.tickets import ticket
    from hostdeck.tui.cli.words import show_tasks

    row = ticket(number)
    closed = f"{row.status} by {row.closed_by}" if row.closed_by else row.status
    output.shown(
        row,
        (
            ("ticket", f"#{row.id} {row.title}"),
            ("status", closed),
            ("service", f"#{row.service} {row.domain}" if row.service else None),
            ("server", row.server),
            ("failures", row.failures),
            (f"opened ({output.zone()})", row.opened_at),
            ("closed", row.closed_at),
            ("incident", row.incident),
        ),
    )
    if given.json:
        return
    output.text()
    output.table(
        (f"AT ({output.zone()})", ">TASK", "WHAT"), ((entry.at, entry.task, entry.text) for entry in row.entries)
    )
    output.text()
    show_tasks(row.tasks, "its tasks are gone")
