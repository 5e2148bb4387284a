"""Tasks: what the worker does, did and will do, over the live log of the one under the cursor."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual import events, on
from textual.binding import Binding, BindingType
from textual.widget import Widget

from hostdeck.core.domain.vocabulary import TaskStatus
from hostdeck.core.domain.windows import Asked, Window
from hostdeck.core.queries import task_list
from hostdeck.core.queries.views import TaskRow
from hostdeck.screens import task_wishes
from hostdeck.screens.base import DeckScreen
from hostdeck.screens.log_pane import LogPane
from hostdeck.screens.task_columns import task_columns
from hostdeck.tui.widgets.frame import Part
from hostdeck.tui.widgets.table import Table
from hostdeck.tui.widgets.words import muted

SHARES = ((1, 0), (2, 1), (1, 1), (1, 2))
UNDER_WAY = frozenset({TaskStatus.RUNNING, TaskStatus.RETRYING})


class Tasks(DeckScreen):
    SECTION = "tasks"
    LIST = "tasks"
    FAULTS = "state:failed,retrying"
    CHANGING = frozenset({"retry", "cancel"})
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "app.focus_next", "table, log"),
        Binding("f", "full", "full screen", show=False),
        Binding("l", "log", "its log", show=False),
        Binding("r", "retry", "retry"),
        Binding("x", "cancel", "cancel"),
        Binding("plus", "share(1)", "log size", key_display="+ _"),
        Binding("underscore", "share(-1)", "less log", show=False),
        Binding("o", "service", "its service"),
        Binding("M", "merge", "whole deploy", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._share = 2
        self._under_way = False

    def body(self) -> Iterable[Widget]:
        yield Table[TaskRow](
            task_columns(self.deck.clock),
            lambda t: t.id,
            empty="no tasks yet\nn on Services orders a service",
            id="tasks",
            paged=True,
        )
        yield LogPane()

    def on_mount(self) -> None:
        self.follow_window(self.query_one(Table), self._query, self.show_tasks, every=self._pace)
        self._shared()

    def _pace(self) -> float:
        return 1.0 if self._under_way else 15.0

    def _query(self, asked: Asked) -> Window[TaskRow]:
        return task_list.task_window(asked, now=self.deck.clock())

    def show_tasks(self, window: Window[TaskRow]) -> None:
        self._under_way = any(row.status in UNDER_WAY for row in window.rows)
        self.query_one(Table).set_window(window)
        telling = (TaskStatus.RUNNING, TaskStatus.QUEUED, TaskStatus.FAILED)
        words = [f"{window.states[state]} {state}" for state in telling if window.states.get(state)]
        self.facts = [Part(muted(", ".join([f"{window.total} in all", *words])), 2)]
        self.draw_crumbs()

    @on(Table.Moved)
    def moved(self, event: Table.Moved[TaskRow]) -> None:
        self.query_one(LogPane).show_task(event.row)

    @property
    def _row(self) -> TaskRow | None:
        return self.query_one(Table).row

    @property
    def _marked(self) -> list[TaskRow]:
        rows = self.query_one(Table).rows
        return rows.marked() if rows.marks else []

    def action_share(self, step: int) -> None:
        self._share = (self._share + step) % len(SHARES)
        self._shared()

    def on_resize(self, event: events.Resize) -> None:
        """List and log change places where there is room for both beside one another."""
        super().on_resize(event)
        self._shared()

    def _shared(self) -> None:
        table, log = SHARES[self._share]
        side = "width" if self.has_class("-wide") else "height"
        for widget, share in ((self.query_one(Table), table), (self.query_one(LogPane), log)):
            widget.styles.clear_rule("width")
            widget.styles.clear_rule("height")
            setattr(widget.styles, side, f"{share}fr")
        self.query_one(LogPane).display = log > 0

    def action_log(self) -> None:
        """The keys go to the log below; tab comes back."""
        self.query_one(LogPane).tail.focus()

    def action_full(self) -> None:
        if self._row is not None:
            self.deck.open_task(self._row.id)

    def action_merge(self) -> None:
        """The logs of all tasks of the same run, as one."""
        if self._row is not None:
            self.deck.open_run_log(self._row.id)

    @on(Table.Chosen)
    def chosen(self, event: Table.Chosen[TaskRow]) -> None:
        self.deck.open_task(event.row.id)

    def action_retry(self) -> None:
        if marked := self._marked:
            task_wishes.retry_all(self, marked)
        else:
            task_wishes.retry(self, self._row)

    def action_cancel(self) -> None:
        if marked := self._marked:
            task_wishes.cancel_all(self, marked)
        else:
            task_wishes.cancel(self, self._row)

    def action_service(self) -> None:
        if self._row is not None and self._row.service is not None:
            self.deck.open_service(self._row.service, "deploy")
