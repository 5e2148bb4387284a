"""What has failed, by cause: forty tasks that one dead node stopped are one line."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Static

from hostdeck.core.intents.retries import MOST, Retried, retry_all
from hostdeck.core.queries import causes
from hostdeck.core.queries.causes import CauseRow
from hostdeck.screens.base import DeckScreen
from hostdeck.tui.theme import Tone
from hostdeck.tui.widgets.columns import Column
from hostdeck.tui.widgets.dialogs import Confirm
from hostdeck.tui.widgets.frame import Part
from hostdeck.tui.widgets.table import Table
from hostdeck.tui.widgets.words import ago, inert, muted, plural, toned

NAMED = 6
"""Tasks that a question names; the others are counted."""


def columns(now: Callable[[], datetime]) -> tuple[Column[CauseRow], ...]:
    return (
        Column("tasks", "TASKS", lambda c: str(len(c.tasks)), 5, sort=lambda c: len(c.tasks), letter="T", right=True),
        Column("cause", "CAUSE", lambda c: toned(c.words, Tone.WRONG), 30, 6, 90, 0, lambda c: c.words, "C"),
        Column("servers", "SERVERS", lambda c: ", ".join(c.servers) or muted("-"), 8, 1, 24, 3, lambda c: c.servers),
        Column("actions", "STEPS", lambda c: muted(", ".join(c.actions)), 16, 1, 30, 7),
        Column("since", "SINCE", lambda c: ago(c.since, now()), 5, 0, 0, 1, _age, "S", True),
        Column("mend", "WHAT TO TRY", lambda c: c.mend, 24, 3, 80, 4),
    )


def _age(cause: CauseRow) -> float:
    return -cause.since.timestamp() if cause.since else 0.0


class Causes(DeckScreen):
    SECTION = "tasks"
    LIST = "causes"
    CHANGING = frozenset({"retry"})
    BINDINGS: ClassVar[list[BindingType]] = [Binding("r", "retry", "retry all of it")]

    @property
    def crumb(self) -> str:
        return "Causes"

    def body(self) -> Iterable[Widget]:
        yield Table[CauseRow](columns(self.deck.clock), lambda c: c.key, empty="nothing has failed that is not mended")
        yield Static("", id="detail", markup=False)

    def on_mount(self) -> None:
        self.follow(causes.causes, self.show_causes, every=lambda: 60.0)

    def show_causes(self, rows: tuple[CauseRow, ...]) -> None:
        self.query_one(Table).set_rows(rows)
        failed = sum(len(row.tasks) for row in rows)
        said = f"{plural(failed, 'failed task')}, {plural(len(rows), 'cause')}" if rows else "nothing has failed"
        self.facts = [Part(muted(said), 2)]
        self.draw_crumbs()

    @on(Table.Moved)
    def moved(self, event: Table.Moved[CauseRow]) -> None:
        """The whole of the row under the cursor, which no column has room for."""
        row = event.row
        self.query_one("#detail", Static).update("" if row is None else inert(f"{row.words}. Try: {row.mend}"))

    @on(Table.Chosen)
    def chosen(self, event: Table.Chosen[CauseRow]) -> None:
        self.deck.list_tasks(event.row.narrowing)

    def action_retry(self) -> None:
        """Asks first, with exactly the tasks that are shown now: what fails later is none of them."""
        row: CauseRow | None = self.query_one(Table).row
        if row is None or not self.may_change():
            return
        frozen = row.tasks[:MOST]
        shown = ", ".join(f"#{number}" for number in frozen[:NAMED])
        more = f" and {len(frozen) - NAMED} more" if len(frozen) > NAMED else ""
        lines = (
            row.words,
            "",
            f"Queued again: {shown}{more}",
            f"On: {', '.join(row.servers) or 'no server'}",
            "Each step looks at what is done already. Where the cause is not mended, they fail again.",
        )
        question = f"Retry {plural(len(frozen), 'failed task')}?"

        def answered(sure: bool | None) -> None:
            if sure:
                self.ask(lambda: retry_all(self.deck.door, frozen), self._retried)

        self.app.push_screen(Confirm(question, lines, "Retry them", keep="Leave them", env=self.deck.env), answered)

    def _retried(self, done: Retried) -> None:
        left = f"; {len(done.passed_over)} left alone: {done.passed_over[0][1]}" if done.passed_over else ""
        self.say(f"{plural(len(done.queued), 'task')} queued again{left}")
