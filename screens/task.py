"""One task, full screen: what it is, how it went, and its log."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.widget import Widget

from hostdeck.core.domain.causes import cause_of
from hostdeck.core.domain.vocabulary import FINAL
from hostdeck.core.errors import HostdeckError
from hostdeck.core.queries import tasks
from hostdeck.core.queries.views import TaskDetail
from hostdeck.screens import company, task_wishes
from hostdeck.screens.base import DeckScreen
from hostdeck.screens.log_pane import LogPane
from hostdeck.tui.theme import STYLE, Tone
from hostdeck.tui.widgets.gauges import task_pill
from hostdeck.tui.widgets.text_lines import TextLines
from hostdeck.tui.widgets.words import inert, joined, moment, muted, toned, took


class TaskScreen(DeckScreen):
    SECTION = "tasks"
    CHANGING = frozenset({"retry", "cancel", "offer"})
    AUTO_FOCUS = "LogTail"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "offer", "ways out", key_display="Enter"),
        Binding("r", "retry", "retry"),
        Binding("x", "cancel", "cancel"),
        Binding("right_square_bracket", "attempt(1)", "tries", key_display="[ ]"),
        Binding("left_square_bracket", "attempt(-1)", "previous try", show=False),
        Binding("M", "merge", "whole deploy"),
        Binding("v", "service", "its service"),
        Binding("f", "app.back", "back to the list", show=False),
        Binding("d", "details", "details", show=False),
    ]

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number
        self._detail: TaskDetail | None = None

    @property
    def place(self) -> str:
        return f"task {self.number}"

    @property
    def crumb(self) -> str:
        return f"#{self.number}"

    def body(self) -> Iterable[Widget]:
        yield TextLines(id="detail")
        pane = LogPane(windows=True)
        pane.add_class("gap")
        yield pane

    def on_mount(self) -> None:
        self.follow(self._query, self.show_detail, every=self._pace, failed=self._lost)
        company.watch(self)

    def _query(self) -> TaskDetail:
        return tasks.task(self.number, now=self.deck.clock())

    def _pace(self) -> float | None:
        return None if self._detail is None or self._detail.status in FINAL else 1.0

    def _lost(self, error: HostdeckError) -> None:
        self.query_one(TextLines).update(joined(toned(str(error), Tone.WRONG), muted("   esc goes back")))

    def show_detail(self, task: TaskDetail) -> None:
        self._detail = task
        self.query_one(TextLines).update(self._words(task))
        self.query_one(LogPane).show_task(task)

    def _words(self, task: TaskDetail) -> Text:
        now, zone = self.deck.clock(), self.deck.zone
        waits = ", ".join(f"#{number}" for number in task.waits_for)
        rows: list[tuple[tuple[str, str | Text], ...]] = [
            (("task", toned(task.label, Tone.BRIGHT)), ("state", task_pill(task, now.timestamp()))),
            (("for", task.domain or task.target), ("server", task.server or "-")),
            (("action", f"{task.action} {task.target}"), ("try", f"{task.attempts} of {task.max_attempts}")),
            (("created", moment(task.created_at, zone, now)), ("started", moment(task.started_at, zone, now))),
            # What changes each second at the left: a line is sent from its beginning up to what differs.
            (("took", took(task.duration_s)), ("finished", moment(task.finished_at, zone, now))),
        ]
        if waits:
            rows.append((("waits for", waits),))
        if task.asked is not None:
            rows.append((("wish", f"{task.asked.intent}, {task.asked.words(now)}"),))
        text = Text(end="")
        for row in rows:
            for place, (name, value) in enumerate(row):
                cell = inert(value).copy()
                if place == 0 and len(row) > 1:
                    cell.truncate(46, overflow="ellipsis", pad=True)
                text.append(f"{name:<10}", STYLE[Tone.MUTED]).append_text(cell)
            text.append("\n")
        if task.parked:
            text.append(f"{'parked':<10}", STYLE[Tone.MUTED]).append_text(toned(task.parked, Tone.WAITING)).append("\n")
        if task.error:
            text.append(f"{'error':<10}", STYLE[Tone.MUTED]).append_text(toned(task.error, Tone.WRONG))
            text.append_text(_cause(task))
        for number, offer in enumerate(task.offers, 1):
            text.append(f"\n{'you may' if number == 1 else '':<10}", STYLE[Tone.MUTED])
            text.append_text(joined(toned(str(number), Tone.ACCENT), f" {offer.means}  ", muted(offer.command)))
        return text

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Tries are chosen from where there is more than one."""
        if action == "attempt":
            return self.is_mounted and len(self.query_one(LogPane).tail.tries) > 1
        return True

    def action_attempt(self, step: int) -> None:
        self.query_one(LogPane).choose_try(step)

    def action_merge(self) -> None:
        self.deck.open_run_log(self.number)

    def action_offer(self) -> None:
        """What may be done about the failure, to be picked."""
        if self._detail is not None:
            task_wishes.offer(self, self._detail)

    def action_retry(self) -> None:
        task_wishes.retry(self, self._detail)

    def action_cancel(self) -> None:
        task_wishes.cancel(self, self._detail)

    def action_service(self) -> None:
        if self._detail is not None and self._detail.service is not None:
            self.deck.open_service(self._detail.service, "deploy")

    def action_details(self) -> None:
        detail = self.query_one("#detail")
        detail.display = not detail.display


def _cause(task: TaskDetail) -> Text:
    """What the error comes to, and what to try; nothing where it tells only itself."""
    cause = cause_of(task.error or "", task.server or "")
    text = Text(end="")
    for name, words in (("cause", cause.words), ("next", cause.mend)) if cause.is_known else ():
        text.append(f"\n{name:<10}", STYLE[Tone.MUTED]).append_text(inert(words))
    return text
