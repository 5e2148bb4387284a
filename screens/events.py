"""Every notice of this session: what the line above the keys said while one looked elsewhere."""

from __future__ import annotations

from collections.abc import Iterable

from textual.widget import Widget

from hostdeck.screens.base import DeckScreen
from hostdeck.tui.notices import Notice
from hostdeck.tui.widgets.columns import Column
from hostdeck.tui.widgets.frame import Part
from hostdeck.tui.widgets.table import Table
from hostdeck.tui.widgets.words import moment, muted, toned


class Events(DeckScreen):
    SECTION = "home"

    @property
    def crumb(self) -> str:
        return "Notices of this session"

    def body(self) -> Iterable[Widget]:
        yield Table[Notice](
            (
                Column("at", "AT", lambda n: moment(n.at, self.deck.zone, self.deck.clock()), 16),
                Column("text", "NOTICE", lambda n: toned(n.text, n.tone), 30, 5),
            ),
            lambda n: n.number,
            empty="nothing has been said yet",
        )

    def on_mount(self) -> None:
        rows = tuple(reversed(self.deck.notices))
        self.query_one(Table).set_rows(rows)
        self.facts = [Part(muted(f"{len(rows)} in all"), 2)]
