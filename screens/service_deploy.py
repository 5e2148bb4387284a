"""The Deploy tab: what is happening now, how far it is, and every step on one scale of time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from hostdeck.core.domain.vocabulary import FINAL, ServiceStatus, TaskStatus
from hostdeck.core.queries.views import ProgressView, ServiceDetail, TaskRow
from hostdeck.screens.base import DeckScreen
from hostdeck.screens.task_columns import first_error, state, tries
from hostdeck.tui.theme import Tone, glyphs
from hostdeck.tui.widgets.columns import Column
from hostdeck.tui.widgets.frame import Heading
from hostdeck.tui.widgets.gauges import TONES, bar, span
from hostdeck.tui.widgets.table import Table
from hostdeck.tui.widgets.words import clock, inert, joined, muted, plural, styled, toned, took

BAR = 40
SCALE = 16


@dataclass(slots=True)
class Scale:
    """The stretch of time all bars share: from the first start to the last end."""

    start: float = 0.0
    seconds: float = 0.0

    def fit(self, tasks: Iterable[TaskRow], now: datetime) -> None:
        starts = [task.started_at.timestamp() for task in tasks if task.started_at]
        ends = [(task.finished_at or now).timestamp() for task in tasks if task.started_at]
        self.start = min(starts, default=0.0)
        self.seconds = max(1.0, max(ends, default=0.0) - self.start) if starts else 0.0

    def bar(self, task: TaskRow, now: datetime, width: int) -> Text:
        if task.started_at is None or not self.seconds:
            return Text("", end="")
        start = task.started_at.timestamp() - self.start
        end = (task.finished_at or now).timestamp() - self.start
        return span(start, end, self.seconds, width, TONES.get(task.status, Tone.PLAIN))


def sentence(progress: ProgressView) -> str:
    """`3 of 9 steps completed · 1 in progress · 5 pending`."""
    words = [f"{progress.done} of {plural(progress.total, 'step')} completed"]
    if progress.running:
        words.append(f"{progress.running} in progress")
    if progress.failed:
        words.append(f"{progress.failed} failed")
    if progress.pending:
        words.append(f"{progress.pending} pending")
    return f" {glyphs().dot} ".join(words)


class DeployTab(Vertical):
    def compose(self) -> ComposeResult:
        self._scale = Scale()
        yield Static("", id="splash", markup=False)
        heading = Heading("Steps", id="timeline-heading")
        heading.add_class("gap")
        yield heading
        yield Table[TaskRow](self._columns(), lambda t: t.id, empty="no steps yet", id="timeline")

    def _columns(self) -> tuple[Column[TaskRow], ...]:
        deck = cast(DeckScreen, self.screen).deck
        return (
            Column("took", "TOOK", lambda t: took(t.duration_s), 7, right=True),
            state(deck.clock),
            Column("label", "STEP", lambda t: muted(t.label) if t.follow_up else t.label, 26, 1, 30),
            Column("server", "SERVER", lambda t: t.server or muted("-"), 8, 1, 14, 1),
            Column("tries", "TRY", tries, 4, priority=3),
            Column("start", "START", lambda t: muted(clock(t.started_at, deck.zone)), 8, priority=4),
            Column("bar", "TIME", self._time_bar, SCALE, 3, 4 * SCALE, 2),
        )

    def _time_bar(self, task: TaskRow) -> Text:
        deck = cast(DeckScreen, self.screen).deck
        width = self.query_one("#timeline", Table).width_of("bar")
        stretch = self._scale.bar(task, deck.clock(), width)
        if task.error and width - stretch.cell_len > 20:
            return joined(stretch, " ", first_error(task.error))
        return stretch

    def show_service(self, service: ServiceDetail) -> None:
        now = cast(DeckScreen, self.screen).deck.clock()
        self._scale.fit(service.tasks, now)
        self.query_one("#splash", Static).update(self._splash(service))
        table: Table[TaskRow] = self.query_one("#timeline", Table)
        table.set_rows(service.tasks)
        notes = [f"bars: 0 to {took(self._scale.seconds)}"] if self._scale.seconds else []
        notes += [service.asked.words(now)] if service.asked is not None else []
        self.query_one("#timeline-heading", Heading).say("Steps", muted("   ".join(notes)))

    def _splash(self, service: ServiceDetail) -> Text:
        match service.status:
            case ServiceStatus.ERROR:
                return self._stopped(service)
            case ServiceStatus.ACTIVE | ServiceStatus.SUSPENDED | ServiceStatus.TERMINATED:
                return self._finished(service)
            case _:
                return self._under_way(service)

    def _under_way(self, service: ServiceDetail) -> Text:
        progress, left = service.progress, service.seconds_left
        held = self._held(service)
        about = f" {glyphs().dot} about {took(max(left, 1.0))} left" if left is not None and not held else ""
        return Text("\n", end="").join(
            (
                styled((("What's happening now: ", Tone.MUTED), (progress.now, Tone.BRIGHT))),
                toned(held, Tone.WAITING),
                self._bar(progress, service),
                muted(sentence(progress) + about),
            )
        )

    def _held(self, service: ServiceDetail) -> str:
        """Why nothing moves, where it does not: nobody works, or a node is not called at."""
        parked = (task.parked for task in service.tasks if task.parked and not task.follow_up)
        return cast(DeckScreen, self.screen).deck.idle_words or next(parked, "")

    def _stopped(self, service: ServiceDetail) -> Text:
        failed = next((task for task in service.tasks if task.status is TaskStatus.FAILED), None)
        lines = []
        if failed is not None:
            where = f" on {failed.server}" if failed.server else ""
            lines.append(styled((("Stopped at: ", Tone.MUTED), (f"{failed.label}{where}", Tone.WRONG))))
        error = (failed and failed.error) or service.error or "it ended in error"
        lines += [inert(line) for line in error.splitlines()[:4]]
        lines += [Text(""), self._bar(service.progress, service, failed=True), muted(sentence(service.progress))]
        lines.append(styled((("r", Tone.ACCENT), (" retries the failed step   ", Tone.MUTED),
                             ("l", Tone.ACCENT), (" shows its log", Tone.MUTED))))  # fmt: skip
        return Text("\n", end="").join(lines)

    def _finished(self, service: ServiceDetail) -> Text:
        progress = service.progress
        lines = [
            styled(((f"{glyphs().done} ", Tone.OK), (service.domain, Tone.BRIGHT), (f" is {service.status}", Tone.OK))),
            muted(f"{sentence(progress)}, in {took(self._elapsed(service))}"),
        ]
        left = [task for task in service.tasks if task.status not in FINAL]
        if left:
            names = ", ".join(dict.fromkeys(task.label for task in left))
            lines.append(muted(f"still to come: {names}"))
        return Text("\n", end="").join(lines)

    def _bar(self, progress: ProgressView, service: ServiceDetail, *, failed: bool = False) -> Text:
        percent = toned(f" {progress.percent:>3}%", Tone.WRONG if failed else Tone.BRIGHT)
        elapsed = muted(f"   elapsed {took(self._elapsed(service))}")
        return Text.assemble(bar(progress.percent, BAR, failed=failed), percent, elapsed, end="")

    def _elapsed(self, service: ServiceDetail) -> float | None:
        """From the first start to the last end of what "active" waits for."""
        now = cast(DeckScreen, self.screen).deck.clock()
        tasks = [task for task in service.tasks if not task.follow_up and task.started_at]
        ends = [task.finished_at or now for task in tasks]
        starts = [task.started_at for task in tasks if task.started_at]
        return (max(ends) - min(starts)).total_seconds() if starts else None
