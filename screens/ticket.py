"""One ticket: what it is about, and its failures in the order of time with the one under the cursor in full."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Static

from hostdeck.core.errors import HostdeckError
from hostdeck.core.queries import tickets
from hostdeck.core.queries.tickets import EntryView, TicketDetail
from hostdeck.core.queries.views import TaskRow
from hostdeck.screens import task_wishes, ticket_wishes
from hostdeck.screens.base import DeckScreen
from hostdeck.tui.theme import STYLE, Tone
from hostdeck.tui.widgets.columns import Column
from hostdeck.tui.widgets.frame import Heading
from hostdeck.tui.widgets.gauges import pill, task_pill
from hostdeck.tui.widgets.table import Table
from hostdeck.tui.widgets.words import inert, joined, moment, muted, plural, toned


class TicketScreen(DeckScreen):
    CHANGING = frozenset({"close", "retry"})
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "close", "close"),
        Binding("r", "retry", "retry its task"),
        Binding("o", "service", "its service"),
    ]

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number
        self._ticket: TicketDetail | None = None

    @property
    def crumb(self) -> str:
        return f"Ticket #{self.number}"

    def body(self) -> Iterable[Widget]:
        yield Static("", id="detail", markup=False)
        heading = Heading("What happened")
        heading.add_class("gap")
        yield heading
        yield Table[tuple[int, EntryView]](self._columns(), lambda row: row[0], empty="nothing yet", id="entries")
        yield Static("", id="entry-text", markup=False)

    def _columns(self) -> tuple[Column[tuple[int, EntryView]], ...]:
        zone, clock = self.deck.zone, self.deck.clock
        return (
            Column("at", "AT", lambda row: moment(row[1].at, zone, clock()), 16),
            Column("task", "TASK", lambda row: f"#{row[1].task}" if row[1].task else muted("-"), 6, right=True),
            Column("state", "IS NOW", self._state, 10, priority=1),
            Column("text", "WHAT", lambda row: row[1].text, 20, 1),
        )

    def _state(self, row: tuple[int, EntryView]) -> Text:
        task = self._task_of(row)
        return task_pill(task) if task else muted("-")

    def _task_of(self, row: tuple[int, EntryView] | None) -> TaskRow | None:
        known = self._ticket.tasks if self._ticket and row else ()
        return next((task for task in known if row and task.id == row[1].task), None)

    def on_mount(self) -> None:
        self.follow(self._query, self.show_ticket, every=lambda: 30.0, failed=self._lost)

    def _query(self) -> TicketDetail:
        return tickets.ticket(self.number, now=self.deck.clock())

    def _lost(self, error: HostdeckError) -> None:
        self.query_one("#detail", Static).update(joined(toned(str(error), Tone.WRONG), muted("   esc goes back")))

    def show_ticket(self, ticket: TicketDetail) -> None:
        self._ticket = ticket
        self.query_one("#detail", Static).update(self._words(ticket))
        written = len([entry for entry in ticket.entries if entry.task is not None])
        more = plural(ticket.failures, "failure") + ("" if ticket.failures <= written else ", not all written out")
        self.query_one(Heading).say(note=more)
        self.query_one(Table).set_rows(tuple(enumerate(ticket.entries)))

    def _words(self, ticket: TicketDetail) -> Text:
        now, zone = self.deck.clock(), self.deck.zone
        closed = f"{moment(ticket.closed_at, zone, now)} by {ticket.closed_by}" if ticket.closed_at else "-"
        rows: tuple[tuple[tuple[str, str | Text], ...], ...] = (
            (("ticket", toned(ticket.title, Tone.BRIGHT)),),
            (("state", pill(ticket.status)), ("server", ticket.server or "-")),
            (("service", ticket.domain or "-"), ("opened", moment(ticket.opened_at, zone, now))),
            (("failures", str(ticket.failures)), ("closed", closed)),
        )
        text = Text(end="")
        for number, row in enumerate(rows):
            text.append("\n" if number else "")
            for place, (name, value) in enumerate(row):
                cell = inert(value).copy()
                if place == 0 and len(row) > 1:
                    cell.truncate(34, overflow="ellipsis", pad=True)
                text.append(f"{name:<10}", STYLE[Tone.MUTED]).append_text(cell)
        return text

    @on(Table.Moved)
    def moved(self, event: Table.Moved[tuple[int, EntryView]]) -> None:
        text = "" if event.row is None else event.row[1].text
        self.query_one("#entry-text", Static).update(inert(text))

    @on(Table.Chosen)
    def chosen(self, event: Table.Chosen[tuple[int, EntryView]]) -> None:
        if (task := event.row[1].task) is not None:
            self.deck.open_task(task)
        else:
            self.say("this entry is about no task", Tone.WAITING)

    def action_retry(self) -> None:
        """The task of the entry under the cursor."""
        task_wishes.retry(self, self._task_of(self.query_one(Table).row))

    def action_close(self) -> None:
        ticket_wishes.close(self, self._ticket)

    def action_service(self) -> None:
        if self._ticket is not None and self._ticket.service is not None:
            self.deck.open_service(self._ticket.service, "deploy")
