"""Where a log's lines come from: one task, or all tasks of a run. Every method reads the database and blocks; they are
called on the reader's thread.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Protocol

from hostdeck.core.queries import log_lines, run_log
from hostdeck.core.queries.log_lines import Line, More, Search
from hostdeck.core.queries.run_log import RunTask
from hostdeck.tui.widgets.log_outline import Key, Outline, RunOutline, TaskOutline

AT_ONCE = 300
"""Lines at the end of a log that are read with its outline: what a screen shows first."""


@dataclass(frozen=True, slots=True, eq=False)
class Begin:
    """A log as it is found: its rows, the lines at its end, the tries it has, and whether it will ever be longer."""

    outline: Outline
    lines: tuple[Line, ...]
    tries: tuple[int, ...]
    final: bool


class LogSource(Protocol):
    def begin(self) -> Begin: ...

    def more(self, last: Mapping[int, int]) -> More:
        """What follows these numbers of each task."""

    def lines(self, keys: Sequence[Key]) -> list[Line]:
        """These lines, as far as they are there."""

    def matching(self, what: Search, task: int, after: int, upto: int) -> list[int]: ...

    def since(self, seconds: float, outline: Outline) -> int:
        """The first row that is not older than so long before the last line."""

    def tag(self, task: int) -> str:
        """What stands in front of a line of that task."""


def lines_of(keys: Sequence[Key]) -> list[Line]:
    """Lines of any tasks."""
    found: list[Line] = []
    for task, some in groupby(sorted(keys), key=itemgetter(0)):
        found += log_lines.lines(task, [seq for _, seq in some])
    return found


class TaskSource:
    """One task's log, or what one try of it wrote."""

    def __init__(self, task: int, attempt: int | None = None) -> None:
        self.task = task
        self.attempt = attempt

    def begin(self) -> Begin:
        extent = log_lines.extent(self.task)
        outline = TaskOutline.of(self.task, extent, self.attempt)
        rows = range(max(0, len(outline) - AT_ONCE), len(outline))
        keys = [item for row in rows if isinstance(item := outline.item(row), tuple)]
        lines = log_lines.lines(self.task, [seq for _, seq in keys]) if keys else []
        return Begin(outline, tuple(lines), tuple(number for number, _ in extent.tries), extent.final)

    def more(self, last: Mapping[int, int]) -> More:
        return log_lines.after(self.task, last.get(self.task, 0))

    def lines(self, keys: Sequence[Key]) -> list[Line]:
        return lines_of(keys)

    def matching(self, what: Search, task: int, after: int, upto: int) -> list[int]:
        return log_lines.matching(task, what, after, upto)

    def since(self, seconds: float, outline: Outline) -> int:
        ends = [outline.item(row) for row in ((0, len(outline) - 1) if len(outline) else ())]
        numbers = [item[1] for item in ends if isinstance(item, tuple)]
        if not numbers:
            return 0
        first = numbers[0] if len(numbers) == len(ends) else 1
        seq = log_lines.since(self.task, seconds, first, numbers[-1])
        return outline.row_of((self.task, seq)) or 0

    def tag(self, task: int) -> str:
        return ""


class RunSource:
    """The logs of all tasks of a run, merged by time."""

    def __init__(self, run: int) -> None:
        self.run = run
        self._tags: dict[int, str] = {}

    def know(self, tasks: Sequence[RunTask]) -> None:
        """Tasks that the run has by now."""
        self._tags = run_log.tags(tasks)

    def begin(self) -> Begin:
        tasks = run_log.tasks_of(self.run)
        self.know(tasks)
        outline = RunOutline(run_log.places(self.run))
        rows = range(max(0, len(outline) - AT_ONCE), len(outline))
        keys = [item for row in rows if isinstance(item := outline.item(row), tuple)]
        # Never final here: a task may have ended after its lines were read; what follows will tell.
        return Begin(outline, tuple(lines_of(keys)), (), False)

    def more(self, last: Mapping[int, int]) -> More:
        return run_log.after(self.run, last)

    def lines(self, keys: Sequence[Key]) -> list[Line]:
        return lines_of(keys)

    def matching(self, what: Search, task: int, after: int, upto: int) -> list[int]:
        return log_lines.matching(task, what, after, upto)

    def since(self, seconds: float, outline: Outline) -> int:
        return outline.since(seconds) if isinstance(outline, RunOutline) else 0

    def tag(self, task: int) -> str:
        return self._tags.get(task, f"#{task}")
