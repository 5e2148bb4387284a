"""The live log of one task under its heading; the same pane in every screen that shows one."""

from __future__ import annotations

from typing import Any, cast

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical

from hostdeck.core.queries import tasks
from hostdeck.core.queries.views import LogPage, TaskRow
from hostdeck.screens.base import DeckScreen
from hostdeck.tui.feed import Watch
from hostdeck.tui.theme import Tone
from hostdeck.tui.widgets.frame import Heading
from hostdeck.tui.widgets.gauges import task_pill
from hostdeck.tui.widgets.log_tail import LogTail
from hostdeck.tui.widgets.words import joined, muted, toned

PAGE = 500


class LogPane(Vertical):
    """`show_task` follows that task's log; the same task again only renews the heading."""

    def __init__(self, *, id: str = "log-pane") -> None:
        super().__init__(id=id)
        self.task_row: TaskRow | None = None
        self._watch: Watch[Any] | None = None

    def compose(self) -> ComposeResult:
        yield Heading("Log")
        yield LogTail(zone=self._screen.deck.zone)

    @property
    def _screen(self) -> DeckScreen:
        return cast(DeckScreen, self.screen)

    @property
    def tail(self) -> LogTail:
        return self.query_one(LogTail)

    def show_task(self, task: TaskRow | None) -> None:
        before, self.task_row = self.task_row, task
        if task is None:
            self.tail.clear("no task chosen")
            self._stop()
        elif before is None or before.id != task.id:
            self.tail.clear("no lines yet" if task.started_at else "not started yet")
            self._stop()
            self._watch = self._screen.follow(lambda: self._next_page(task.id), self._add)
            self._screen.deck.feed.poke()
        elif before.status != task.status and self._watch is not None:
            self._watch.wake()
        self._say()

    def _next_page(self, task_id: int) -> tuple[int, LogPage]:
        return task_id, tasks.log_after(task_id, self.tail.last_seq, PAGE)

    def _add(self, answer: tuple[int, LogPage]) -> None:
        task_id, page = answer
        if self.task_row is None or task_id != self.task_row.id or self._watch is None:
            return
        self.tail.add(page)
        if page.final:
            self._watch.stop()
        elif len(page.lines) >= PAGE:
            self._watch.wake()
            self._screen.deck.feed.poke()

    def _stop(self) -> None:
        if self._watch is not None:
            self._watch.stop()
            self._screen.deck.feed.drop(self._watch)
            self._watch = None

    @on(LogTail.Changed)
    def changed(self, event: LogTail.Changed) -> None:
        event.stop()
        self._say()

    def _say(self) -> None:
        task, heading = self.task_row, self.query_one(Heading)
        if task is None:
            heading.say("Log")
            return
        title = joined(
            toned(f"#{task.id} {task.label}", Tone.BRIGHT), "  ", muted(task.server or ""), "  ",
            task_pill(task), muted(f"  try {task.attempts} of {task.max_attempts}" if task.attempts else ""),
        )  # fmt: skip
        tone = Tone.WAITING if self.tail.state.startswith("PAUSED") else Tone.MUTED
        heading.say(title, joined(muted(f"{len(self.tail.book)} lines   "), toned(self.tail.state, tone)))
