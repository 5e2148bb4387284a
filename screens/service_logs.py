"""The Logs tab: what was done for a service on all its servers, as one log."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Vertical

from hostdeck.core.domain.vocabulary import Stream
from hostdeck.core.queries.story import StoryLine
from hostdeck.screens.base import DeckScreen
from hostdeck.tui.theme import STYLE
from hostdeck.tui.widgets.columns import Column
from hostdeck.tui.widgets.frame import Heading
from hostdeck.tui.widgets.log_tail import LOOK
from hostdeck.tui.widgets.table import Table
from hostdeck.tui.widgets.words import clock, inert, muted, plural


def line(row: StoryLine) -> Text:
    mark, tone = LOOK[Stream(row.stream)]
    return Text.assemble((mark, STYLE[tone]), (inert(row.text).plain, STYLE[tone]), end="")


class LogsTab(Vertical):
    def compose(self) -> ComposeResult:
        deck = cast(DeckScreen, self.screen).deck
        yield Heading("All servers by time")
        yield Table[StoryLine](
            (
                Column("at", "TIME", lambda row: clock(row.at, deck.zone), 8),
                Column("server", "SERVER", lambda row: row.server or muted("-"), 8, 1, 16, 3),
                Column("task", "TASK", lambda row: f"#{row.task}", 6, 0, 0, 2, right=True),
                Column("line", "LINE", line, 30, 6),
            ),
            lambda row: (row.task, row.seq),
            empty="no task of this service has written a line yet",
            id="story",
        )

    def show_lines(self, lines: Sequence[StoryLine]) -> None:
        """Who is at the end stays there."""
        table = self.query_one(Table)
        at_end = table.rows.cursor >= len(table.rows.shown) - 1
        table.set_rows(lines)
        if at_end and lines:
            table.action_end(1)
        self.query_one(Heading).say(None, f"{plural(len(lines), 'line')}   Enter opens the task   / narrows")
