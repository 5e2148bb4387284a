"""Audit: who asked for what, and what came of it."""

from __future__ import annotations

from collections.abc import Iterable

from textual import on
from textual.widget import Widget
from textual.widgets import Static

from hostdeck.core.domain.windows import Asked, Window
from hostdeck.core.queries.audit_list import audit_window
from hostdeck.core.queries.views import AuditRow
from hostdeck.screens.base import DeckScreen
from hostdeck.tui.widgets.columns import Column
from hostdeck.tui.widgets.frame import Part
from hostdeck.tui.widgets.table import Table
from hostdeck.tui.widgets.words import joined, moment, muted


class AuditScreen(DeckScreen):
    SECTION = "audit"
    LIST = "audit"

    def body(self) -> Iterable[Widget]:
        yield Table[AuditRow](
            (
                Column("at", "AT", lambda a: moment(a.at, self.deck.zone, self.deck.clock()), 16, sort=lambda a: a.id,
                       letter="A"),
                Column("by", "BY", lambda a: a.actor, 10, 1, 24, sort=lambda a: a.actor, letter="B"),
                Column("wish", "WISH", lambda a: a.intent, 18, 1, 26, sort=lambda a: a.intent, letter="W"),
                Column("object", "OBJECT", lambda a: a.object, 20, 3, 50, sort=lambda a: a.object, letter="O"),
                Column("result", "RESULT", lambda a: a.result, 12, 2, 40, priority=1),
            ),
            lambda a: a.id, empty="nobody has asked for anything yet\nn under 4 orders the first service", paged=True,
        )  # fmt: skip
        yield Static("", id="detail", markup=False)

    def on_mount(self) -> None:
        self.follow_window(self.query_one(Table), self._query, self.show_lines, every=lambda: 30.0)

    def _query(self, asked: Asked) -> Window[AuditRow]:
        return audit_window(asked, now=self.deck.clock())

    def show_lines(self, window: Window[AuditRow]) -> None:
        self.query_one(Table).set_window(window)
        self.facts = [Part(muted(f"{window.total} in all"), 2)]
        self.draw_crumbs()

    @on(Table.Chosen)
    def chosen(self) -> None:
        """All of it: a line below has not always room."""
        self.action_describe(False)

    @on(Table.Moved)
    def moved(self, event: Table.Moved[AuditRow]) -> None:
        """The details of the one under the cursor."""
        if (row := event.row) is None:
            self.query_one("#detail", Static).update(muted("no details"))
            return
        words = [joined(muted(f"{key} "), f"{value}   ") for key, value in row.detail.items()]
        self.query_one("#detail", Static).update(joined(f"#{row.id}   ", *(words or [muted("no details")])))
