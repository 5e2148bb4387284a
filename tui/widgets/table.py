"""A table that redraws only the cells that differ: an idle or slowly changing list costs a remote terminal next to
nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import ClassVar, Generic, TypeVar

from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from hostdeck.tui.widgets.columns import GAP, Column, Placed, place
from hostdeck.tui.widgets.rows import Rows
from hostdeck.tui.widgets.table_lines import Line, line_strip, title
from hostdeck.tui.widgets.words import inert, muted

R = TypeVar("R")
M = TypeVar("M")
HEADER = 1


class Table(ScrollView, Generic[R], can_focus=True):
    """Rows of one kind, found again by `key` whatever happens around them."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "up", show=False),
        Binding("down,j", "move(1)", "down", show=False),
        Binding("pageup", "page(-1)", "page up", show=False),
        Binding("pagedown", "page(1)", "page down", show=False),
        Binding("home,g", "end(0)", "first row", show=False),
        Binding("end,G", "end(1)", "last row", show=False),
        Binding("enter", "choose", "open", key_display="Enter"),
        Binding("space", "mark", "mark", show=False),
        Binding("ctrl+backslash", "unmark", "clear the marks", show=False),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {"table--header", "table--cursor", "table--marked"}

    class Chosen(Message, Generic[M]):
        """Enter or a double click on a row."""

        def __init__(self, table: Table[M], row: M) -> None:
            self.table = table
            self.row = row
            super().__init__()

        @property
        def control(self) -> Table[M]:
            return self.table

    class Moved(Message, Generic[M]):
        """Another row is under the cursor, or the row under it has changed."""

        def __init__(self, table: Table[M], row: M | None) -> None:
            self.table = table
            self.row = row
            super().__init__()

        @property
        def control(self) -> Table[M]:
            return self.table

    def __init__(
        self,
        columns: Sequence[Column[R]],
        key: Callable[[R], Hashable],
        *,
        empty: str = "nothing here",
        id: str = "",
        frozen: int | None = None,
    ) -> None:
        """`frozen`: so many columns stay at the left while `shift` moves those after them; None: nothing moves."""
        super().__init__(id=id or None)
        self._frozen = frozen
        self._shifted = 0
        self.rows: Rows[R] = Rows(columns, key)
        self.empty = empty
        self._placed: tuple[Placed[R], ...] = ()
        self._drawn: dict[int, Line] = {}
        self._told: R | None = None

    @property
    def row(self) -> R | None:
        """The row under the cursor."""
        return self.rows.current

    def set_rows(self, rows: Sequence[R]) -> None:
        """Shows these; cursor, marks, filter and sort order stay, and who has scrolled away is not fetched back."""
        seen = self._cursor_in_sight()
        self.rows.put(rows)
        self._rearranged(follow=seen)

    def set_columns(self, columns: Sequence[Column[R]]) -> None:
        """Other columns of the same rows; an order by one that is gone is forgotten."""
        self.rows.put_columns(columns)
        self._drawn.clear()
        self._rearranged()
        self.refresh()

    def set_filter(self, text: str) -> None:
        self.rows.narrow(text)
        self._rearranged()

    def go_to(self, key: Hashable) -> None:
        self.rows.go_to(key)
        self._moved()

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

    # -- drawing

    def render_line(self, y: int) -> Strip:
        line = self._line(y)
        self._drawn[y] = line
        return line_strip(line, self._placed, self.size.width, self._style_of(line[0]), self.app.console)

    def _line(self, y: int) -> Line:
        if y < HEADER:
            return "header", tuple(title(placed.column, self.rows.order) for placed in self._placed)
        index = self._index(y)
        if index < len(self.rows.shown):
            row = self.rows.shown[index]
            cells = tuple(inert(placed.column.render(row)) for placed in self._placed)
            return self._kind(index, row), cells
        if not self.rows.shown and y - HEADER < len(self._nothing()):
            return "empty", (muted(self._nothing()[y - HEADER]),)
        return "blank", ()

    def _kind(self, index: int, row: R) -> str:
        mark = "*" if self.rows.is_marked(row) else " "
        if index != self.rows.cursor:
            return f"row{mark}"
        return f"cursor{mark}" if self.has_focus else f"away{mark}"

    def _nothing(self) -> list[str]:
        if self.rows.filter_text and self.rows.total:
            return [f"nothing matches '{self.rows.filter_text}'; esc shows all {self.rows.total}"]
        return self.empty.splitlines()

    def _style_of(self, kind: str) -> Style:
        base = self.rich_style
        if kind == "header":
            return base + self.get_component_rich_style("table--header", partial=True)
        if kind.startswith(("cursor", "away")):
            return base + self.get_component_rich_style("table--cursor", partial=True)
        return base + self.get_component_rich_style("table--marked", partial=True) if kind.endswith("*") else base

    # -- places

    def _index(self, y: int) -> int:
        return y - HEADER + round(self.scroll_y)

    def _is_row(self, y: int) -> bool:
        return y >= HEADER and self._index(y) < len(self.rows.shown)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return HEADER + max(len(self.rows.shown), len(self._nothing()) if not self.rows.shown else 1)

    def on_resize(self) -> None:
        self._drawn.clear()
        self._fit()
        self._keep_cursor_in_sight()
        self.refresh()

    def on_focus(self) -> None:
        self.redraw()

    def on_blur(self) -> None:
        self.redraw()

    def _fit(self) -> None:
        width, height = self.size
        needed = HEADER + len(self.rows.shown)
        width -= self.styles.scrollbar_size_vertical if needed > height else 0
        self._placed = place(self._in_view(), width)
        # A list that fits keeps its virtual size, so that a row more or less is no new layout.
        self.virtual_size = Size(width, needed if needed > height else height)

    def _in_view(self) -> Sequence[Column[R]]:
        if self._frozen is None:
            return self.rows.columns
        return (*self.rows.columns[: self._frozen], *self.rows.columns[self._frozen + self._shifted :])

    def shift(self, step: int) -> None:
        """Moves the columns after the frozen ones to the left, until the last of them is seen; or back."""
        if self._frozen is None or (step > 0 and self._placed and self._placed[-1].column is self.rows.columns[-1]):
            return
        self._shifted = max(0, min(self._shifted + step, len(self.rows.columns) - self._frozen - 1))
        self._fit()
        self._drawn.clear()
        self.refresh()

    def _rearranged(self, *, follow: bool = True) -> None:
        before = self.virtual_size
        if self.is_mounted and self.size:
            self._fit()
        if self.styles.height is not None and self.styles.height.is_auto and self._grown():
            self.refresh(layout=True)
        if self.virtual_size != before:
            self.refresh()
        self._moved(follow=follow)

    def _grown(self) -> bool:
        return self.get_content_height(self.size, self.size, self.size.width) != self.size.height

    def _moved(self, *, follow: bool = True) -> None:
        if follow:
            self._keep_cursor_in_sight()
        self.redraw()
        if self.row is not self._told:
            self._told = self.row
            self.post_message(self.Moved(self, self.row))

    def _cursor_in_sight(self) -> bool:
        top = round(self.scroll_y)
        return top <= self.rows.cursor < top + max(1, self.size.height - HEADER)

    def _keep_cursor_in_sight(self) -> None:
        space = max(1, self.size.height - HEADER)
        top = round(self.scroll_y)
        if self.rows.cursor < top:
            self.scroll_to(y=self.rows.cursor, animate=False, force=True)
        elif self.rows.cursor >= top + space:
            self.scroll_to(y=self.rows.cursor - space + 1, animate=False, force=True)

    # -- keys and mouse

    def action_move(self, step: int) -> None:
        self.rows.move(step)
        self._moved()

    def action_page(self, pages: int) -> None:
        self.action_move(pages * max(1, self.size.height - HEADER - 1))

    def action_end(self, last: int) -> None:
        self.rows.cursor = max(0, len(self.rows.shown) - 1) if last else 0
        self._moved()

    def action_choose(self) -> None:
        if self.row is not None:
            self.post_message(self.Chosen(self, self.row))

    def action_mark(self) -> None:
        self.rows.mark()
        self.action_move(1)

    def action_unmark(self) -> None:
        self.rows.marks.clear()
        self.redraw()

    def on_key(self, event: events.Key) -> None:
        column = next((c for c in self.rows.columns if c.letter and c.letter == event.character), None)
        if column is not None:
            event.stop()
            event.prevent_default()
            self.sort_by(column.key)

    def sort_by(self, key: str) -> None:
        """By this column; again, the other way round."""
        self.rows.sort_by(key)
        self._moved()

    def on_click(self, event: events.Click) -> None:
        if event.y < HEADER:
            hit = next((p for p in self._placed if p.x <= event.x < p.x + p.width + GAP), None)
            if hit is not None and hit.column.sort is not None:
                self.sort_by(hit.column.key)
        elif self._is_row(event.y):
            self.rows.cursor = self._index(event.y)
            self._moved()
            if event.chain == 2:
                self.action_choose()
