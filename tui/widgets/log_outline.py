"""Which line stands on which row of a log: of one task, or of several merged by time. No text is held here.

A row is a line, (task, number), or words of the log itself: a gap, another try. Rows are only ever added, at the end
or, in a merged log, between others.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from hostdeck.core.queries.log_lines import Extent, Line

Key = tuple[int, int]
"""A line: its task and its number."""


class Outline(Protocol):
    """`last` is the last number of each task, `lines` how many rows are lines."""

    last: dict[int, int]
    lines: int

    def __len__(self) -> int: ...

    def item(self, row: int) -> Key | str:
        """The line on that row, or the log's own words."""

    def row_of(self, key: Key) -> int | None:
        """The row of that line, None where it is not there."""

    def near(self, key: Key) -> int:
        """Its row, or else one close to where it would be."""

    def add(self, lines: Sequence[Line]) -> list[int]:
        """Puts in what is new; the rows it took, which ascend."""

    def said(self) -> list[int]:
        """The rows of the log's own words."""

    def as_now(self) -> Outline:
        """Its rows as they stand, which stay where they are whatever is added."""


def gap(missing: int, whose: str = "") -> str:
    return f"-- {missing} {'line' if missing == 1 else 'lines'}{whose} missing --"


@dataclass(slots=True)
class _Piece:
    """Lines with consecutive numbers from `first` on, or one row of `words`; `row` is the row of its first."""

    row: int
    first: int
    count: int
    words: str = ""


class TaskOutline:
    """The rows of one task's log, or of one try of it (`attempt`, with the numbers it covers)."""

    def __init__(self, task: int, attempt: int | None = None) -> None:
        self.task = task
        self.attempt = attempt
        self.last: dict[int, int] = {task: 0}
        self.lines = 0
        self.tries: list[int] = []
        self._pieces: list[_Piece] = []
        self._rows = 0

    @classmethod
    def of(cls, task: int, extent: Extent, attempt: int | None = None) -> TaskOutline:
        outline = cls(task, attempt)
        starts = {first: number for number, first in extent.tries}
        for first, last in extent.spans:
            cuts = [cut for cut in starts if first < cut <= last]
            for start, end in zip([first, *cuts], [*(cut - 1 for cut in cuts), last], strict=True):
                if start in starts:
                    outline._begin_try(starts[start])
                outline._put(start, end - start + 1)
        return outline

    def __len__(self) -> int:
        return self._rows

    def item(self, row: int) -> Key | str:
        piece = self._pieces[bisect_right(self._pieces, row, key=lambda piece: piece.row) - 1]
        return piece.words or (self.task, piece.first + row - piece.row)

    def row_of(self, key: Key) -> int | None:
        task, seq = key
        at = bisect_right(self._pieces, seq, key=lambda piece: piece.first) - 1
        while at >= 0 and self._pieces[at].words:
            at -= 1
        if task != self.task or at < 0 or seq >= self._pieces[at].first + self._pieces[at].count:
            return None
        return self._pieces[at].row + seq - self._pieces[at].first

    def near(self, key: Key) -> int:
        at = bisect_right(self._pieces, key[1], key=lambda piece: piece.first) - 1
        if at < 0:
            return 0
        piece = self._pieces[at]
        return min(piece.row + key[1] - piece.first, piece.row + piece.count - 1)

    def add(self, lines: Sequence[Line]) -> list[int]:
        before = self._rows
        for line in lines:
            if line.seq <= self.last[self.task]:
                continue
            if not self.tries or line.attempt != self.tries[-1]:
                self._begin_try(line.attempt)
            self._put(line.seq, 1)
        return list(range(before, self._rows))

    def _begin_try(self, attempt: int) -> None:
        if attempt > 1 and self.attempt is None:
            self._say(f"-- try {attempt} --", self.last[self.task] + 1)
        self.tries.append(attempt)

    def _put(self, first: int, count: int) -> None:
        """The next lines; a gap before them, and lines of another try, which are not shown."""
        before, self.last[self.task] = self.last[self.task], first + count - 1
        missing = first - before - 1
        if self.attempt is not None and self.tries[-1] != self.attempt:
            return
        if missing and (self._pieces or self.attempt is None):
            self._say(gap(missing), first)
        end = self._pieces[-1] if self._pieces else None
        if end is not None and not end.words and not missing:
            end.count += count
        else:
            self._pieces.append(_Piece(self._rows, first, count))
        self._rows += count
        self.lines += count

    def as_now(self) -> Outline:
        return self

    def said(self) -> list[int]:
        return [piece.row for piece in self._pieces if piece.words]

    def _say(self, words: str, first: int) -> None:
        self._pieces.append(_Piece(self._rows, first, 1, words))
        self._rows += 1


class RunOutline:
    """The rows of several tasks' logs, by time; a row of words about a task has minus the number missing lines."""

    def __init__(self, places: Iterable[tuple[float, int, int]] = ()) -> None:
        self.last: dict[int, int] = {}
        self.lines = 0
        self._at = array("d")
        self._task = array("q")
        self._seq = array("q")
        self._times: dict[int, array[float]] = {}
        self._first: dict[int, int] = {}
        for at, task, seq in places:
            self._place(at, task, seq)

    def __len__(self) -> int:
        return len(self._at)

    def item(self, row: int) -> Key | str:
        seq = self._seq[row]
        return (self._task[row], seq) if seq > 0 else gap(-seq, f" of #{self._task[row]}")

    def row_of(self, key: Key) -> int | None:
        task, seq = key
        times, offset = self._times.get(task), seq - self._first.get(task, 0)
        if times is None or not 0 <= offset < len(times):
            return None
        for row in range(bisect_left(self._at, times[offset]), bisect_right(self._at, times[offset])):
            if self._task[row] == task and self._seq[row] == seq:
                return row
        return None

    def near(self, key: Key) -> int:
        return self.row_of(key) or 0

    def as_now(self) -> Outline:
        same = RunOutline()
        same.last, same.lines = dict(self.last), self.lines
        same._at, same._task, same._seq = self._at[:], self._task[:], self._seq[:]
        return same

    def said(self) -> list[int]:
        if self.lines == len(self._seq):
            return []
        return [row for row, seq in enumerate(self._seq) if seq < 0]

    def since(self, seconds: float) -> int:
        """The first row that is not older than so long before the last one."""
        return bisect_left(self._at, self._at[-1] - seconds) if self._at else 0

    def add(self, lines: Sequence[Line]) -> list[int]:
        newest = {task: times[-1] for task, times in self._times.items()}
        new: list[tuple[float, int, int]] = []
        for line in sorted(lines):
            if line.seq > self.last.get(line.task, 0):
                at = newest[line.task] = max(line.at.timestamp(), newest.get(line.task, 0.0))
                new.append((at, line.task, line.seq))
        # In the order of the log, so that no row is put in above one that was put in before it.
        return [row for place in sorted(new) for row in self._place(*place)]

    def _place(self, at: float, task: int, seq: int) -> list[int]:
        """Puts a line, and the words about a gap before it, behind what is not younger."""
        times = self._times.setdefault(task, array("d"))
        at = max([at, *times[-1:]])
        missing = seq - self.last.get(task, 0) - 1
        self._first.setdefault(task, seq)
        times.extend([at] * (missing + 1 if len(times) else 1))
        self.last[task] = seq
        self.lines += 1
        return [self._insert(at, task, what) for what in ([-missing] if missing else []) + [seq]]

    def _insert(self, at: float, task: int, seq: int) -> int:
        row = bisect_right(self._at, at)
        while row and self._at[row - 1] == at and self._task[row - 1] > task:
            row -= 1
        if row == len(self._at):
            self._at.append(at)
            self._task.append(task)
            self._seq.append(seq)
        else:
            self._at.insert(row, at)
            self._task.insert(row, task)
            self._seq.insert(row, seq)
        return row
