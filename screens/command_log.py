"""The commands that were sent to the nodes, the newest first: what one would have typed there oneself."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Static

from hostdeck.core.domain.exits import said_as
from hostdeck.core.queries.command_log import SentCommand, commands
from hostdeck.screens.base import DeckScreen
from hostdeck.tui.theme import Tone
from hostdeck.tui.widgets.columns import Column
from hostdeck.tui.widgets.frame import Part
from hostdeck.tui.widgets.table import Table
from hostdeck.tui.widgets.words import inert, moment, muted, toned

LIMIT = 500


def ended(sent: SentCommand) -> Text:
    if sent.exit is None:
        return muted("-")
    return toned(said_as(sent.exit), Tone.WAITING) if sent.exit else toned("ok", Tone.OK)


def took(sent: SentCommand) -> str:
    return "-" if sent.seconds is None else f"{sent.seconds * 1000:.0f} ms"


class CommandLog(DeckScreen):
    SECTION = "tasks"
    LIST = "commands"
    FAULTS = "end:exit"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("o", "task", "its task")]

    @property
    def crumb(self) -> str:
        return "Commands on the nodes"

    def body(self) -> Iterable[Widget]:
        yield Table[SentCommand](
            (
                Column("at", "AT", lambda c: moment(c.at, self.deck.zone, self.deck.clock()), 16, sort=lambda c: c.at,
                       letter="A"),
                Column("server", "SERVER", lambda c: c.server or muted("-"), 8, 1, 16, sort=lambda c: c.server or "",
                       letter="S"),
                Column("end", "END", ended, 17, sort=lambda c: c.exit, letter="E"),
                Column("took", "TOOK", took, 9, 0, 0, 2, lambda c: c.seconds, "T", True),
                Column("task", "TASK", lambda c: f"#{c.task}", 6, 0, 0, 1, lambda c: c.task, "K", True),
                Column("text", "COMMAND", lambda c: c.text, 30, 5),
            ),
            lambda c: f"{c.task}.{c.seq}", empty="no command has been sent to a node yet",
        )  # fmt: skip
        yield Static("", id="entry-text", markup=False)

    def on_mount(self) -> None:
        self.follow(lambda: commands(LIMIT), self.show_commands)

    def show_commands(self, rows: tuple[SentCommand, ...]) -> None:
        self.query_one(Table).set_rows(rows)
        wrong = sum(bool(row.exit) for row in rows)
        self.facts = [Part(muted(f"the last {len(rows)}, {wrong} that did not end with 0"), 2)]
        self.draw_crumbs()

    @on(Table.Moved)
    def moved(self, event: Table.Moved[SentCommand]) -> None:
        """In full: a line of the list is often too short for it."""
        self.query_one("#entry-text", Static).update(inert(event.row.text) if event.row is not None else "")

    @on(Table.Chosen)
    def chosen(self, event: Table.Chosen[SentCommand]) -> None:
        self.deck.open_task(event.row.task)

    def action_task(self) -> None:
        row: SentCommand | None = self.query_one(Table).row
        if row is not None:
            self.deck.open_task(row.task)
