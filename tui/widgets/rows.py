"""What a table knows about its rows: which are shown, in which order, which one the cursor is on. Nothing is drawn."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Generic, TypeVar

from hostdeck.tui.widgets.columns import Column
from hostdeck.tui.widgets.words import inert

R = TypeVar("R")


class Rows(Generic[R]):
    """The cursor is a place and the key of what stands there: rows may come, go and change around it."""

    def __init__(self, columns: Sequence[Column[R]], key: Callable[[R], Hashable]) -> None:
        self.columns = tuple(columns)
        self.key = key
        self.shown: list[R] = []
        self.marks: set[Hashable] = set()
        self.filter_text = ""
        self.order: tuple[str, bool] | None = None
        self._all: tuple[R, ...] = ()
        self._cursor = 0
        self._cursor_key: Hashable = None

    @property
    def total(self) -> int:
        return len(self._all)

    @property
    def cursor(self) -> int:
        return self._cursor

    @cursor.setter
    def cursor(self, index: int) -> None:
        self._cursor = max(0, min(index, len(self.shown) - 1))
        self._cursor_key = self.key(self.shown[self._cursor]) if self.shown else self._cursor_key

    @property
    def current(self) -> R | None:
        return self.shown[self._cursor] if self._cursor < len(self.shown) else None

    def move(self, step: int) -> None:
        self.cursor = self._cursor + step

    def go_to(self, key: Hashable) -> None:
        """The cursor on that row; remembered when it has not come yet."""
        self._cursor_key = key
        self._arrange()

    def put(self, rows: Sequence[R]) -> None:
        self._all = tuple(rows)
        self.marks &= {self.key(row) for row in self._all}
        self._arrange()

    def put_columns(self, columns: Sequence[Column[R]]) -> None:
        self.columns = tuple(columns)
        if self.order and self.order[0] not in {column.key for column in self.columns}:
            self.order = None
        self._arrange()

    def narrow(self, text: str) -> None:
        self.filter_text = text
        self._arrange()

    def sort_by(self, key: str) -> None:
        self.order = (key, not self.order[1]) if self.order and self.order[0] == key else (key, False)
        self._arrange()

    def mark(self) -> None:
        if (row := self.current) is not None:
            self.marks ^= {self.key(row)}

    def is_marked(self, row: R) -> bool:
        return bool(self.marks) and self.key(row) in self.marks

    def marked(self) -> list[R]:
        """The marked rows, or else the one under the cursor."""
        if self.marks:
            return [row for row in self._all if self.key(row) in self.marks]
        return [self.current] if self.current is not None else []

    def _arrange(self) -> None:
        self.shown = [row for row in self._all if self._matches(row)]
        column = next((c for c in self.columns if self.order and c.key == self.order[0]), None)
        if self.order and column is not None and column.sort is not None:
            sort = column.sort
            empty = [row for row in self.shown if sort(row) is None]
            full = sorted((row for row in self.shown if sort(row) is not None), key=sort, reverse=self.order[1])
            self.shown = full + empty
        keys = [self.key(row) for row in self.shown]
        wanted = self._cursor_key
        if wanted in keys:
            self._cursor = keys.index(wanted)
        else:
            self.cursor = self._cursor

    def _matches(self, row: R) -> bool:
        wanted = self.filter_text.casefold()
        if not wanted or wanted == "!":
            return True
        text = " ".join(inert(column.render(row)).plain for column in self.columns).casefold()
        if wanted.startswith("!"):
            return wanted[1:] not in text
        return all(word in text for word in wanted.split())
