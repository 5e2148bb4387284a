"""The live log of one task; the same pane in every screen that shows one."""

from __future__ import annotations

from rich.text import Text

from hostdeck.core.queries.views import TaskRow
from hostdeck.screens.log_frame import LogFrame
from hostdeck.tui.theme import Tone
from hostdeck.tui.widgets.gauges import task_pill
from hostdeck.tui.widgets.log_sources import TaskSource
from hostdeck.tui.widgets.words import joined, muted, toned


class LogPane(LogFrame):
    """`show_task` follows that task's log; the same task again only renews the heading. `attempt`: only that try."""

    def __init__(self, *, id: str = "log-pane", windows: bool = False) -> None:
        super().__init__(id=id, windows=windows)
        self.task_row: TaskRow | None = None
        self.attempt: int | None = None

    def show_task(self, task: TaskRow | None) -> None:
        before, self.task_row = self.task_row, task
        if task is None:
            self.open(None, "no task chosen")
        elif before is None or before.id != task.id:
            self.attempt = None
            self.open(TaskSource(task.id), "no lines yet" if task.started_at else "not started yet")
        elif before.status != task.status:
            self.wake()
        self.say()

    def choose_try(self, step: int) -> None:
        """The next try alone, or the one before; between the last and the first, all of them."""
        if self.task_row is None or len(self.tail.tries) < 2:
            return
        choices = [None, *self.tail.tries]
        self.attempt = choices[(choices.index(self.attempt) + step) % len(choices)]
        self.open(TaskSource(self.task_row.id, self.attempt), "this try wrote nothing")
        self.say()

    @property
    def title(self) -> Text:
        task = self.task_row
        if task is None:
            return Text("", end="")
        shown = f"[{self.attempt}]" if self.attempt is not None else str(task.attempts)
        return joined(
            toned(f"#{task.id} {task.label}", Tone.BRIGHT), "  ", muted(task.server or ""), "  ",
            task_pill(task), muted(f"  try {shown} of {task.max_attempts}" if task.attempts else ""),
        )  # fmt: skip

    @property
    def file_name(self) -> str:
        number = self.task_row.id if self.task_row else 0
        return f"task-{number}" + (f"-try-{self.attempt}" if self.attempt is not None else "")
