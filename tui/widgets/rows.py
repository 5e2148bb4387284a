"""What a table knows about its rows: which are shown, in which order, which one the cursor is on. Nothing is drawn."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from hostdeck.core.domain.narrowing import Narrowing, narrowing
from hostdeck.core.domain.windows import WINDOW, Asked, Window
from hostdeck.tui.widgets.words import inert

if TYPE_CHECKING:
    from hostdeck.tui.widgets.columns import Column

R = TypeVar("R")


@dataclass(slots=True)
class Range(Generic[R]):
    """Marks from a row on to where the cursor is: `start` is where that row stands now, `before` what was marked
    already, `passed` each row between and how far it lies from the start. Rows of a long list stay in it when they are
    no longer here."""

    start: int
    key: Hashable
    before: dict[Hashable, R]
    passed: dict[Hashable, tuple[int, R]] = field(default_factory=dict)
    length: int = 1

    @property
    def missing(self) -> int:
        """Rows between that have never been here."""
        return max(0, self.length - len(self.passed))


class Rows(Generic[R]):
    """The cursor is a place and the key of what stands there: rows may come, go and change around it. Until it is put
    somewhere it is at the top, where what is new comes.

    A list that is all here is narrowed and sorted here (`put`). Of a long one the database does both, and only a window
    is here (`put_window`): `shown` then begins at index `first` of `count`, and `asked` says what should be.
    """

    def __init__(self, columns: Sequence[Column[R]], key: Callable[[R], Hashable], *, paged: bool = False) -> None:
        self.columns = tuple(columns)
        self.key = key
        self.paged = paged
        self.shown: list[R] = []
        self.first = 0
        self.marks: dict[Hashable, R] = {}
        self.asked = Asked()
        self._all: tuple[R, ...] = ()
        self._count = 0
        self._total = 0
        self._keys: frozenset[str] = frozenset()
        self._cursor = 0
        self._cursor_key: Hashable = None
        self.stays = False
        self._range: Range[R] | None = None

    @property
    def filter_text(self) -> str:
        return self.asked.text

    @property
    def order(self) -> tuple[str, bool] | None:
        return self.asked.order

    @property
    def total(self) -> int:
        """How many there are without a filter."""
        return self._total if self.paged else len(self._all)

    @property
    def count(self) -> int:
        """How many the filter keeps, here or not."""
        return self._count if self.paged else len(self.shown)

    @property
    def cursor(self) -> int:
        return self._cursor

    @cursor.setter
    def cursor(self, index: int) -> None:
        self.stays = index > 0
        self._put_cursor(index)

    def _put_cursor(self, index: int) -> None:
        self._cursor = max(0, min(index, self.count - 1))
        if (row := self.at(self._cursor)) is not None:
            self._cursor_key = self.key(row)
        elif self.count:
            self._cursor_key = None

    @property
    def cursor_key(self) -> Hashable:
        return self._cursor_key

    @property
    def current(self) -> R | None:
        return self.at(self._cursor)

    def at(self, index: int) -> R | None:
        """The row at that index; None where there is none, or where it is not here yet."""
        place = index - self.first
        return self.shown[place] if 0 <= place < len(self.shown) else None

    def move(self, step: int) -> None:
        self.cursor = self._cursor + step
        self._mark_range()

    def go_to(self, key: Hashable) -> None:
        """The cursor on that row; remembered, and asked for, when it has not come yet."""
        self._cursor_key, self.stays = key, True
        self.asked = replace(self.asked, near=self._near)
        self._arrange()

    # -- what is shown

    def put(self, rows: Sequence[R]) -> None:
        self._all = tuple(rows)
        here = {self.key(row): row for row in self._all}
        self.marks = {key: here[key] for key in self.marks if key in here}
        if self._range is not None:
            self._range.before = {key: here[key] for key in self._range.before if key in here}
        self._arrange()

    def put_window(self, window: Window[R]) -> bool:
        """False where something else has been asked for since."""
        asked = window.asked
        if (asked.text, asked.order) != (self.asked.text, self.asked.order):
            return False
        if self.asked.near is not None:
            self.asked = replace(self.asked, first=asked.first, near=None)
        self._all, self.first, self._count, self._total = window.rows, asked.first, window.count, window.total
        self._keys = window.keys
        self.marks |= {self.key(row): row for row in window.rows if self.key(row) in self.marks}
        self._arrange()
        if self.unread:
            self._mark_range()
        return True

    def look(self, top: int, lines: int) -> bool:
        """Says that these lines are in sight; True where they have to be asked for."""
        if not self.paged or (self.first <= top and min(top + lines, self._count) <= self.first + len(self._all)):
            return False
        first = max(0, top - (WINDOW - lines) // 2)
        if first == self.asked.first:
            return False
        self.asked = replace(self.asked, first=first)
        return True

    def put_columns(self, columns: Sequence[Column[R]]) -> None:
        self.columns = tuple(columns)
        if self.order and self.order[0] not in {column.key for column in self.columns}:
            self.arrange_by(None)
        self._arrange()

    def narrow(self, text: str) -> None:
        self._range = None
        self.stays = self.stays or (not text and self.count > 0)  # what a filter has found is what was looked for
        self.asked = Asked(text, self.order, near=self._near)
        self._arrange()

    @property
    def _near(self) -> int | None:
        """The row under the cursor stays there as long as it is kept."""
        return self._cursor_key if self.paged and self.stays and isinstance(self._cursor_key, int) else None

    def sort_by(self, key: str) -> None:
        turned = self.order is not None and self.order[0] == key and not self.order[1]
        self.arrange_by((key, turned))

    def arrange_by(self, order: tuple[str, bool] | None) -> None:
        self._range = None
        self.asked = Asked(self.asked.text, order, near=self._near)
        self._arrange()

    # -- marks

    def mark(self) -> None:
        self._range = None
        self.stays = True
        if (row := self.current) is not None:
            key = self.key(row)
            if self.marks.pop(key, None) is None:
                self.marks[key] = row

    def mark_from_here(self) -> bool:
        """Marks all from here to where the cursor goes; a second time: no further. Whether it is under way."""
        self.stays = True
        self._range = None if self._range else Range(self._cursor, self._cursor_key, dict(self.marks))
        self._mark_range()
        return self._range is not None

    @property
    def unread(self) -> int:
        """Rows between the marks of a range that could not be marked, because they have never been here."""
        return self._range.missing if self._range is not None else 0

    def _mark_range(self) -> None:
        if (one := self._range) is None:
            return
        low, high = sorted((one.start, self._cursor))
        gone = {
            key: (far, row)
            for key, (far, row) in one.passed.items()
            if low <= one.start + far <= high and self.at(one.start + far) is None
        }
        loaded = range(max(low, self.first), min(high + 1, self.first + len(self.shown)))
        here = [(index, self.shown[index - self.first]) for index in loaded]
        one.passed = gone | {self.key(row): (index - one.start, row) for index, row in here}
        one.length = high - low + 1
        self.marks = one.before | {key: row for key, (_, row) in one.passed.items()}

    def unmark(self) -> None:
        self.marks.clear()
        self._range = None

    def is_marked(self, row: R) -> bool:
        return bool(self.marks) and self.key(row) in self.marks

    def marked(self) -> list[R]:
        """The marked rows, in the order of the list as far as they are here, or else the one under the cursor."""
        if self.marks:
            here = [row for row in self._all if self.key(row) in self.marks]
            seen = {self.key(row) for row in here}
            return here + [row for key, row in self.marks.items() if key not in seen]
        return [self.current] if self.current is not None else []

    # -- narrowing and sorting what is all here

    def _arrange(self) -> None:
        self.shown = list(self._all) if self.paged else self._sorted([row for row in self._all if self._matches(row)])
        if not self.paged:
            self.first = 0
        places, before = {self.key(row): place for place, row in enumerate(self.shown)}, self._cursor
        if not self.stays:
            self._put_cursor(0)
        elif self._cursor_key in places:
            self._cursor = self.first + places[self._cursor_key]
        else:
            self._put_cursor(self._cursor)
        if self._range is not None:
            # A range begins at a row, wherever that stands now; where it is not here, the cursor tells how far it went.
            found = places.get(self._range.key)
            self._range.start = self.first + found if found is not None else self._range.start + self._cursor - before

    def _sorted(self, rows: list[R]) -> list[R]:
        column = next((c for c in self.columns if self.order and c.key == self.order[0]), None)
        if column is None or self.order is None or (sort := column.sort) is None:
            return rows
        full = sorted((row for row in rows if sort(row) is not None), key=sort, reverse=self.order[1])
        return full + [row for row in rows if sort(row) is None]

    def _matches(self, row: R) -> bool:
        wanted = self._wanted()
        if not wanted:
            return True
        cells = {column.key: inert(column.render(row)).plain.casefold() for column in self.columns}
        named = {column.title.casefold(): cells[column.key] for column in self.columns} | cells
        return wanted.keeps(" ".join(cells.values()), lambda key: named[key], lambda: self._age(row))

    def _wanted(self) -> Narrowing:
        return narrowing(self.filter_text, self.qualifiers)

    @property
    def qualifiers(self) -> frozenset[str]:
        """The words that may stand before a colon: every column's, as it is titled or called."""
        if self.paged:
            return self._keys
        return frozenset(word for column in self.columns for word in (column.key, column.title.casefold()) if word)

    def _age(self, row: R) -> float | None:
        column: Column[Any] | None = next((column for column in self.columns if column.age is not None), None)
        return column.age(row) if column is not None and column.age is not None else None
