"""What is looked for in a whole log, how far the looking has come, and which rows are shown of it."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field

from hostdeck.core.domain.narrowing import LIMIT
from hostdeck.core.domain.text import clean_line
from hostdeck.core.queries.log_lines import Kind, Search
from hostdeck.tui.widgets.log_outline import Key, Outline

STRIDE = 100_000
"""Lines of a task that one reading looks at: a twentieth of a second, and others may read in between."""

CONTEXT = "-C"
MOST_CONTEXT = 50


@dataclass(frozen=True, slots=True)
class Wanted:
    """A filter as it was typed: `-C2` asks for two lines around each that matches."""

    text: str
    search: Search
    context: int = 0

    @classmethod
    def typed(cls, text: str) -> Wanted:
        words, without, context = [], [], 0
        text = clean_line(text, LIMIT)
        for word in text.split():
            if word.startswith(CONTEXT) and word[len(CONTEXT) :].isdecimal():
                context = min(MOST_CONTEXT, int(word[len(CONTEXT) :]))
            elif word.startswith("!") and len(word) > 1:
                without.append(word[1:])
            elif word != "!":
                words.append(word)
        return cls(text, Search(Kind.TEXT, tuple(words), tuple(without)), context)

    @property
    def is_empty(self) -> bool:
        return not self.search.words and not self.search.without


@dataclass(slots=True)
class Scan:
    """One search through a log: `seen` is the last number looked at of each task. `rows` are the rows that match."""

    search: Search
    seen: dict[int, int] = field(default_factory=dict)
    keys: list[Key] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)

    def restart(self) -> None:
        self.seen, self.keys, self.rows = {}, [], []

    def next_reach(self, outline: Outline) -> tuple[int, int, int] | None:
        """The task to look at, after which line, and up to which; None when all was looked at."""
        for task, last in outline.last.items():
            if (seen := self.seen.get(task, 0)) < last:
                return task, seen, min(last, seen + STRIDE)
        return None

    def found(self, task: int, upto: int, numbers: Sequence[int], outline: Outline) -> bool:
        """Puts in what was found; whether it all came behind what there was."""
        self.seen[task] = upto
        new = [(task, seq) for seq in numbers]
        self.keys += new
        rows = [row for key in new if (row := outline.row_of(key)) is not None]
        in_order = not self.rows or not rows or rows[0] > self.rows[-1]
        self.rows += rows
        if not in_order:
            self.rows.sort()
        return in_order

    def replace(self, outline: Outline) -> None:
        """Rows were put in between others: every line stands elsewhere."""
        self.rows = sorted(row for key in self.keys if (row := outline.row_of(key)) is not None)

    def step(self, row: int, step: int) -> int | None:
        """The next row that matches after, or before, this one; round the end. None where nothing matches."""
        if not self.rows:
            return None
        at = bisect_right(self.rows, row) if step > 0 else bisect_left(self.rows, row) - 1
        return self.rows[at % len(self.rows)]

    def place(self, row: int) -> int:
        """Which of the matches that row is, from 1; 0 for none."""
        at = bisect_left(self.rows, row)
        return at + 1 if at < len(self.rows) and self.rows[at] == row else 0


class Picked:
    """Rows of a log of which only some are shown. `2 * row` stands for a row, the number before it for the words
    between it and what was left out before it, so that everything is in order and found by halving."""

    def __init__(self) -> None:
        self._shown: array[int] = array("q")
        self._total = 0

    def __len__(self) -> int:
        return len(self._shown)

    def show(
        self, rows: Sequence[int], total: int, context: int = 0, *, head: bool = False, grown: bool = False
    ) -> None:
        """`rows` ascend. With context, groups are parted by words; `head`: so is what was left out at the top.
        `grown`: the rows are those of the last time and some behind them."""
        self._total = total
        if grown and not context:
            self._shown.extend([2 * row for row in rows[len(self._shown) :]])
            return
        if not context:
            self._shown = array("q", [2 * row for row in rows])
            if head and total and (not rows or rows[0] > 0):
                self._shown.insert(0, 2 * rows[0] - 1 if rows else 2 * total - 1)
            return
        shown, end = array("q"), 0
        for row in rows:
            first = max(end, row - context)
            if shown and first > end:
                shown.append(2 * first - 1)
            end = max(end, min(total, row + context + 1))
            shown.extend(range(2 * first, 2 * end, 2))
        self._shown = shown

    def grow(self, total: int) -> None:
        """The log has more rows, of which none is shown yet."""
        self._total = total

    def shows(self, row: int) -> bool:
        at = bisect_left(self._shown, 2 * row)
        return at < len(self._shown) and self._shown[at] == 2 * row

    def row(self, place: int) -> int | None:
        """The log's row shown there; None for words between rows."""
        value = self._shown[place]
        return None if value % 2 else value // 2

    def place(self, row: int) -> int:
        """Where that row is shown, or else the last one before it that is."""
        return max(0, bisect_right(self._shown, 2 * row) - 1)

    def left_out(self, place: int) -> int:
        """Rows left out after a row that is shown, up to the next place; for words, those that they stand for."""
        this = self._shown[place]
        if this % 2:
            before = self._shown[place - 1] // 2 + 1 if place else 0
            return (this + 1) // 2 - before
        end = (self._shown[place + 1] + 1) // 2 if place + 1 < len(self._shown) else self._total
        return 0 if place + 1 < len(self._shown) and self._shown[place + 1] % 2 else end - this // 2 - 1
