"""Rows on a terminal, drawn so that only the cells that differ are sent: an idle or slowly changing list costs a remote
terminal next to nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import ClassVar, Generic, TypeVar

from rich.style import Style
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from hostdeck.core.domain.narrowing import no_qualifiers
from hostdeck.tui.widgets.columns import Column, Placed, place
from hostdeck.tui.widgets.rows import Rows
from hostdeck.tui.widgets.table_lines import Line, line_strip, title
from hostdeck.tui.widgets.words import inert, muted

R = TypeVar("R")
HEADER = 1
FROZEN = 2
"""So many columns stay at the left of a list that is drawn wide."""


class RowView(ScrollView, Generic[R]):
    """`hidden` columns are not drawn; `wide`, none is dropped for want of room, and `shift` goes along them."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"table--header", "table--cursor", "table--marked"}

    def __init__(
        self,
        columns: Sequence[Column[R]],
        key: Callable[[R], Hashable],
        *,
        empty: str = "nothing here",
        id: str = "",
        frozen: int | None = None,
        paged: bool = False,
    ) -> None:
        """`frozen`: so many columns stay at the left while `shift` moves those after them; None: nothing moves.
        `paged`: the list is longer than what is held of it."""
        super().__init__(id=id or None)
        self.rows: Rows[R] = Rows(columns, key, paged=paged)
        self.empty = empty
        self.hidden: frozenset[str] = frozenset()
        self.wide = False
        self.picked = ""
        self._frozen = frozen
        self._shifted = 0
        self._placed: tuple[Placed[R], ...] = ()
        self._drawn: dict[int, Line] = {}

    def width_of(self, key: str) -> int:
        """How wide that column is just now; 0 where it had to go."""
        return next((placed.width for placed in self._placed if placed.column.key == key), 0)

    def redraw(self) -> None:
        """Renders all visible cells anew, and sends those that differ."""
        for y in range(self.size.height):
            new, old = self._line(y), self._drawn.get(y)
            if new == old:
                continue
            self.refresh(Region(0, y, self._changed_width(new, old), 1))

    def _changed_width(self, new: Line, old: Line | None) -> int:
        """Up to where a line differs. It is sent from its beginning whatever the region, so that one region a line
        is the cheapest, and what changes often belongs to the left."""
        if old is None or new[0] != old[0] or len(new[1]) != len(old[1]) or len(new[1]) != len(self._placed):
            return self.size.width
        cells = zip(self._placed, new[1], old[1], strict=True)
        return max(placed.x + placed.width for placed, fresh, drawn in cells if fresh != drawn)

    # -- lines

    def render_line(self, y: int) -> Strip:
        line = self._line(y)
        self._drawn[y] = line
        return line_strip(line, self._placed, self.size.width, self._style_of(line[0]), self.app.console)

    def _line(self, y: int) -> Line:
        if y < HEADER:
            titles = (title(placed.column, self.rows.order, self.picked, placed.width) for placed in self._placed)
            return "header", tuple(titles)
        index = self.index_at(y)
        if (row := self.rows.at(index)) is not None:
            cells = tuple(inert(placed.column.render(row)) for placed in self._placed)
            return self._kind(index, row), cells
        if index < self.rows.count:
            return "row ", tuple(muted("...") if place == 0 else inert("") for place, _ in enumerate(self._placed))
        if not self.rows.count and y - HEADER < len(self._nothing()):
            return "empty", (muted(self._nothing()[y - HEADER]),)
        return "blank", ()

    def _kind(self, index: int, row: R) -> str:
        mark = "*" if self.rows.is_marked(row) else " "
        if index != self.rows.cursor:
            return f"row{mark}"
        return f"cursor{mark}" if self.has_focus else f"away{mark}"

    def _nothing(self) -> list[str]:
        if self.rows.filter_text and self.rows.total:
            lines = [f"nothing matches '{self.rows.filter_text}'; esc shows all {self.rows.total}"]
            keys = self.rows.qualifiers
            if keys and (unknown := no_qualifiers(self.rows.filter_text, keys)):
                known = " ".join(f"{key}:" for key in sorted(keys) if key.isalpha())
                lines.append(f"'{unknown[0]}:' is looked for as it stands; what can be asked for is {known}")
            return lines
        return self.empty.splitlines()

    def _style_of(self, kind: str) -> Style:
        base = self.rich_style
        if kind == "header":
            return base + self.get_component_rich_style("table--header", partial=True)
        if kind.startswith(("cursor", "away")):
            return base + self.get_component_rich_style("table--cursor", partial=True)
        return base + self.get_component_rich_style("table--marked", partial=True) if kind.endswith("*") else base

    # -- places

    def index_at(self, y: int) -> int:
        """The index of the row on that line of the screen, whether there is one or not."""
        return y - HEADER + round(self.scroll_y)

    @property
    def space(self) -> int:
        """How many rows have room."""
        return max(1, self.size.height - HEADER)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return HEADER + max(self.rows.count, len(self._nothing()) if not self.rows.count else 1)

    def fit(self) -> None:
        width, height = self.size
        needed = HEADER + self.rows.count
        width -= self.styles.scrollbar_size_vertical if needed > height else 0
        self._placed = place(self._in_view(), width, wide=self.wide)
        # A list that fits keeps its virtual size, so that a row more or less is no new layout.
        self.virtual_size = Size(width, needed if needed > height else height)

    def refit(self) -> None:
        """Columns have come, gone or moved."""
        self._drawn.clear()
        self.fit()
        self.refresh()

    @property
    def seen_columns(self) -> tuple[Column[R], ...]:
        return tuple(column for column in self.rows.columns if column.key not in self.hidden)

    def _in_view(self) -> Sequence[Column[R]]:
        columns = self.seen_columns
        if (frozen := self.stays) is None:
            return columns
        return (*columns[:frozen], *columns[frozen + self._shifted :])

    @property
    def stays(self) -> int | None:
        """So many columns stay where they are when one goes along the others; None where nobody does."""
        return FROZEN if self.wide and self._frozen is None else self._frozen

    def shift(self, step: int) -> None:
        """Moves the columns after the frozen ones to the left, until the last of them is seen; or back."""
        if (frozen := self.stays) is None or (step > 0 and self._last_is_seen()):
            return
        self._shifted = max(0, min(self._shifted + step, len(self.seen_columns) - frozen - 1))
        self.refit()

    def _last_is_seen(self) -> bool:
        if not self._placed or self._placed[-1].column is not self.seen_columns[-1]:
            return False
        last = self._placed[-1]
        return last.width >= last.column.least

    def set_wide(self, wide: bool) -> None:
        self.wide, self._shifted = wide, 0
        self.refit()

    def hide(self, keys: frozenset[str]) -> None:
        self.hidden, self._shifted = keys, 0
        self.refit()

    def keep_cursor_in_sight(self) -> None:
        space, top = self.space, round(self.scroll_y)
        if self.rows.cursor < top:
            self.scroll_to(y=self.rows.cursor, animate=False, force=True)
        elif self.rows.cursor >= top + space:
            self.scroll_to(y=self.rows.cursor - space + 1, animate=False, force=True)

    def cursor_in_sight(self) -> bool:
        top = round(self.scroll_y)
        return top <= self.rows.cursor < top + self.space
