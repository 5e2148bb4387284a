"""A table's columns as data, and how they share a width."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from rich.text import Text

from hostdeck.tui.theme import glyphs

R = TypeVar("R")
GAP = 2


@dataclass(frozen=True)
class Column(Generic[R]):
    """`grow` columns share what is left, up to `most`; of the others `width` is all they get. On narrow terminals the
    column with the highest `priority` goes first; 0 stays. `letter` sorts by it. `age` says how many seconds old a row
    is, for `age:<1h`."""

    key: str
    title: str
    render: Callable[[R], str | Text]
    width: int = 0
    grow: int = 0
    most: int = 0
    priority: int = 0
    sort: Callable[[R], Any] | None = None
    letter: str = ""
    right: bool = False
    age: Callable[[R], float | None] | None = None

    @property
    def least(self) -> int:
        return max(self.width, len(self.title))


@dataclass(frozen=True)
class Placed(Generic[R]):
    """A column at its place on the line."""

    column: Column[R]
    x: int
    width: int


def place(columns: Sequence[Column[R]], width: int, left: int = GAP, *, wide: bool = False) -> tuple[Placed[R], ...]:
    """Drops what does not fit, then hands the rest of the width to the columns that grow. `wide`: nothing is dropped,
    and what does not fit lies beyond the edge."""
    kept = list(columns)
    while not wide and len(kept) > 1 and left + sum(c.least + GAP for c in kept) - GAP > width:
        droppable = max(kept, key=lambda c: c.priority)
        if droppable.priority == 0:
            break
        kept.remove(droppable)
    spare = max(0, width - left - sum(c.least + GAP for c in kept) + GAP)
    widths = {c.key: c.least for c in kept}
    growing = [c for c in kept if c.grow]
    while spare > 0 and growing:
        total = sum(c.grow for c in growing)
        given = 0
        for column in growing:
            share = max(1, spare * column.grow // total)
            room = column.most - widths[column.key] if column.most else share
            step = max(0, min(share, room, spare - given))
            widths[column.key] += step
            given += step
        spare -= given
        growing = [c for c in growing if not c.most or widths[c.key] < c.most] if given else []
    placed = []
    x = left
    for column in kept:
        fits = max(0, min(widths[column.key], width - x))
        placed.append(Placed(column, x, fits))
        x += widths[column.key] + GAP
    return tuple(placed)


def fitted(text: Text, width: int, *, right: bool = False) -> Text:
    """Exactly `width` cells; what was cut ends in an ellipsis."""
    text = text.copy()
    if text.cell_len > width:
        more = glyphs().more
        text.truncate(max(0, width - len(more)), overflow="crop")
        if width > 0:
            text.append(more)
    missing = width - text.cell_len
    if right:
        text.pad_left(missing)
    else:
        text.pad_right(missing)
    return text
