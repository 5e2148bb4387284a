"""Tasks: what the worker does, did and will do, over the live log of the one under the cursor."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.widget import Widget

from hostdeck.core.domain.vocabulary import TaskStatus
from hostdeck.core.queries import tasks
from hostdeck.core.queries.views import TaskRow
from hostdeck.screens import task_wishes
from hostdeck.screens.base import DeckScreen
from hostdeck.screens.log_pane import LogPane
from hostdeck.screens.task_columns import task_columns
from hostdeck.tui.widgets.frame import Part
from hostdeck.tui.widgets.table import Table
from hostdeck.tui.widgets.words import muted

LIMIT = 500
SHARES = ((1, 0), (2, 1), (1, 1), (1, 2))
UNDER_WAY = frozenset({TaskStatus.RUNNING, TaskStatus.RETRYING})


class Tasks(DeckScreen):
    SECTION = "tasks"
    CHANGING = frozenset({"retry", "cancel"})
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "app.focus_next", "table, log"),
        Binding("f", "full", "full screen", show=False),
        Binding("r", "retry", "retry"),
        Binding("x", "cancel", "cancel"),
        Binding("plus", "share(1)", "log size", key_display="+ _"),
        Binding("underscore", "share(-1)", "less log", show=False),
        Binding("v", "service", "its service"),
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
        )
        yield LogPane()

    def on_mount(self) -> None:
        self.follow(self._query, self.show_tasks, every=lambda: 1.0 if self._under_way else 15.0)
        self._shared()

    def _query(self) -> tuple[TaskRow, ...]:
        return tasks.tasks(limit=LIMIT, now=self.deck.clock())

    def show_tasks(self, rows: tuple[TaskRow, ...]) -> None:
        self._under_way = any(row.status in UNDER_WAY for row in rows)
        self.query_one(Table).set_rows(rows)
        counts = {status: sum(row.status is status for row in rows) for status in TaskStatus}
        words = [f"{counts[s]} {s}" for s in (TaskStatus.RUNNING, TaskStatus.QUEUED, TaskStatus.FAILED) if counts[s]]
        total = f"{len(rows)}{'+' if len(rows) == LIMIT else ''} in all"
        self.facts = [Part(muted(", ".join([total, *words])), 2)]
        self.draw_crumbs()

    @on(Table.Moved)
    def moved(self, event: Table.Moved[TaskRow]) -> None:
        self.query_one(LogPane).show_task(event.row)

    @property
    def _row(self) -> TaskRow | None:
        return self.query_one(Table).row

    def action_share(self, step: int) -> None:
        self._share = (self._share + step) % len(SHARES)
        self._shared()

    def _shared(self) -> None:
        table, log = SHARES[self._share]
        self.query_one(Table).styles.height = f"{table}fr"
        self.query_one(LogPane).styles.height = f"{log}fr"
        self.query_one(LogPane).display = log > 0

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
        task_wishes.retry(self, self._row)

    def action_cancel(self) -> None:
        task_wishes.cancel(self, self._row)

    def action_service(self) -> None:
        if self._row is not None and self._row.service is not None:
            self.deck.open_service(self._row.service, "deploy")
