"""One story per deploy: what all tasks of a run wrote, on whichever server, in the order of time."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.widget import Widget

from hostdeck.core.domain.vocabulary import TaskStatus
from hostdeck.core.errors import HostdeckError
from hostdeck.core.queries import run_log
from hostdeck.core.queries.run_log import RunFacts
from hostdeck.screens.base import DeckScreen
from hostdeck.screens.log_frame import LogFrame
from hostdeck.tui.theme import Tone
from hostdeck.tui.widgets.frame import Part
from hostdeck.tui.widgets.log_sources import RunSource
from hostdeck.tui.widgets.words import joined, muted, plural, toned

TOLD = (TaskStatus.RUNNING, TaskStatus.RETRYING, TaskStatus.QUEUED, TaskStatus.WAITING, TaskStatus.FAILED)


class RunPane(LogFrame):
    """The merged log, with host and task number in front of each line."""

    def __init__(self) -> None:
        super().__init__(windows=True)
        self.facts: RunFacts | None = None
        self.source: RunSource | None = None

    def show_run(self, facts: RunFacts) -> None:
        before, self.facts = self.facts, facts
        if self.source is None:
            self.source = RunSource(facts.run)
            self.source.know(facts.tasks)
            self.open(self.source, "no task of this run has written a line yet")
        elif before is not None and before.tasks != facts.tasks:
            self.source.know(facts.tasks)
            self.wake()
        self.say()

    @property
    def title(self) -> Text:
        facts = self.facts
        if facts is None:
            return Text("", end="")
        servers = len({task.server for task in facts.tasks if task.server})
        about = f"{plural(len(facts.tasks), 'task')} on {plural(servers, 'server')}, by time"
        return joined(toned(f"{facts.kind} {facts.domain or ''}".strip(), Tone.BRIGHT), "  ", muted(about))

    @property
    def file_name(self) -> str:
        return f"run-{self.facts.run if self.facts else 0}"


class RunLog(DeckScreen):
    """Opened from a task: the run that it belongs to."""

    SECTION = "tasks"
    AUTO_FOCUS = "LogTail"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "its task", key_display="Enter"),
        Binding("f,M", "app.back", "back", show=False),
    ]

    def __init__(self, task: int) -> None:
        super().__init__()
        self.task_number = task
        self.run_number: int | None = None

    @property
    def crumb(self) -> str:
        return f"run {self.run_number}" if self.run_number is not None else ""

    def body(self) -> Iterable[Widget]:
        yield RunPane()

    def on_mount(self) -> None:
        self.follow(self._query, self.show_facts, failed=self._lost)

    def _query(self) -> RunFacts:
        return run_log.facts(self.run_number or run_log.run_of(self.task_number))

    def _lost(self, error: HostdeckError) -> None:
        self.say(f"{error}; esc goes back", Tone.WRONG)

    def show_facts(self, facts: RunFacts) -> None:
        self.run_number = facts.run
        counts = [(sum(task.status is status for task in facts.tasks), status) for status in TOLD]
        self.facts = [Part(muted(", ".join(f"{count} {status}" for count, status in counts if count) or "all done"), 2)]
        self.query_one(RunPane).show_run(facts)
        self.draw_crumbs()

    def action_open(self) -> None:
        """The task of the line under the cursor."""
        key = self.query_one(RunPane).tail.cursor_key
        if key is not None:
            self.deck.open_task(key[0])
