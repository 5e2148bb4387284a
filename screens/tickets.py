"""Tickets: what has failed for good and wants a person, the open ones first."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.widget import Widget

from hostdeck.core.domain.tickets import TicketStatus
from hostdeck.core.queries import tickets
from hostdeck.core.queries.tickets import TicketRow
from hostdeck.screens import ticket_wishes
from hostdeck.screens.base import DeckScreen
from hostdeck.tui.widgets.columns import Column
from hostdeck.tui.widgets.frame import Part
from hostdeck.tui.widgets.gauges import pill
from hostdeck.tui.widgets.table import Table
from hostdeck.tui.widgets.words import ago, moment, muted

LIMIT = 500
EMPTY = (
    "no tickets: nothing is wrong\n"
    "a task that fails for good opens one; later failures of the same add to it\n"
    "it closes by itself when that step goes well, or its service is terminated"
)


def what(ticket: TicketRow) -> str:
    """The title without the place, which has columns of its own."""
    return ticket.title.partition(" failed: ")[0]


class Tickets(DeckScreen):
    LIST = "tickets"
    FAULTS = "state:open"
    CHANGING = frozenset({"close"})
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "close", "close"),
        Binding("o", "service", "its service"),
    ]

    @property
    def crumb(self) -> str:
        return "Tickets"

    def body(self) -> Iterable[Widget]:
        yield Table[TicketRow](self._columns(self.deck.clock), lambda t: t.id, empty=EMPTY)

    def _columns(self, now: Callable[[], datetime]) -> tuple[Column[TicketRow], ...]:
        zone = self.deck.zone
        return (
            Column("id", "ID", lambda t: f"#{t.id}", 5, sort=lambda t: t.id, letter="I", right=True),
            Column("state", "STATE", lambda t: pill(t.status), 6, sort=lambda t: t.status, letter="S"),
            Column("what", "WHAT FAILED", what, 24, 3, 44, sort=what, letter="W"),
            Column("service", "SERVICE", lambda t: t.domain or muted("-"), 12, 2, 30, 2, lambda t: t.domain or "", "E"),
            Column("server", "SERVER", lambda t: t.server or muted("-"), 8, 1, 16, 4, lambda t: t.server or "", "V"),
            Column("failures", "TIMES", lambda t: str(t.failures), 5, 0, 0, 3, lambda t: t.failures, "M", True),
            Column("opened", "OPENED", lambda t: moment(t.opened_at, zone, now()), 16, priority=5),
            Column(
                "age", "AGE", lambda t: ago(t.opened_at, now()), 4, 0, 0, 1, lambda t: -t.opened_at.timestamp(), "A",
                True,
            ),
        )  # fmt: skip

    def on_mount(self) -> None:
        self.follow(lambda: tickets.tickets(limit=LIMIT), self.show_tickets, every=lambda: 30.0)

    def show_tickets(self, rows: tuple[TicketRow, ...]) -> None:
        self.query_one(Table).set_rows(rows)
        wrong = sum(row.status is TicketStatus.OPEN for row in rows)
        total = f"{len(rows)}{'+' if len(rows) == LIMIT else ''} in all"
        self.facts = [Part(muted(f"{total}, {wrong} open" if rows else total), 2)]
        self.draw_crumbs()

    @property
    def _row(self) -> TicketRow | None:
        return self.query_one(Table).row

    def action_close(self) -> None:
        ticket_wishes.close(self, self._row)

    def action_service(self) -> None:
        if self._row is not None and self._row.service is not None:
            self.deck.open_service(self._row.service, "deploy")

    @on(Table.Chosen)
    def chosen(self, event: Table.Chosen[TicketRow]) -> None:
        self.deck.open_ticket(event.row.id)
