"""A list one works in: a cursor, marks, an order, a filter, and columns to choose from."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from hostdeck.tui.keymap import named
from hostdeck.tui.widgets.columns import GAP, Column
from hostdeck.tui.widgets.row_view import HEADER, RowView

if TYPE_CHECKING:
    from hostdeck.core.domain.windows import Window

R = TypeVar("R")
M = TypeVar("M")


class Table(RowView[R], Generic[R], can_focus=True):
    """Rows of one kind, found again by `key` whatever happens around them."""

    BINDINGS: ClassVar[list[BindingType]] = named("table", [
        Binding("up,k", "move(-1)", "up", show=False),
        Binding("down,j", "move(1)", "down", show=False),
        Binding("pageup", "page(-1)", "page up", show=False),
        Binding("pagedown", "page(1)", "page down", show=False),
        Binding("home,g", "end(0)", "first row", show=False),
        Binding("end,G", "end(1)", "last row", show=False),
        Binding("enter", "choose", "open", key_display="Enter"),
        Binding("space", "mark", "mark", show=False),
        Binding("v", "mark_range", "mark from here on", show=False),
        Binding("ctrl+backslash", "unmark", "clear the marks", show=False, key_display="ctrl+\\"),
        Binding("ctrl+w", "wide", "all columns", show=False),
        Binding("left", "shift(-1)", "columns to the left", show=False),
        Binding("right", "shift(1)", "columns to the right", show=False),
        Binding("shift+left", "pick(-1)", "pick the column before", show=False),
        Binding("shift+right", "pick(1)", "pick the next column", show=False),
        Binding("O", "sort_picked", "sort by the picked column", show=False),
    ])  # fmt: skip

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

    class Asks(Message):
        """Other rows of a long list are wanted: `table.rows.asked` says which."""

        def __init__(self, table: Table[R]) -> None:
            self.table = table
            super().__init__()

    class Rearranged(Message):
        """The filter, the order, the columns or the marks are others than before."""

        def __init__(self, table: Table[R]) -> None:
            self.table = table
            super().__init__()

    _told: R | None = None
    """The row that `Moved` told of last."""
    _filled = False
    _chosen_early = False
    """Enter was pressed for a row that is still being read."""

    @property
    def row(self) -> R | None:
        """The row under the cursor."""
        return self.rows.current

    # -- what it shows

    def set_rows(self, rows: Sequence[R]) -> None:
        """Shows these; cursor, marks, filter and sort order stay, and who has scrolled away is not fetched back."""
        seen = self.cursor_in_sight()
        self.rows.put(rows)
        self._rearranged(follow=seen)
        self._choose_late()

    def set_window(self, window: Window[R]) -> None:
        """The same for a list that is longer than what is shown of it."""
        seen = self.cursor_in_sight()
        marked = len(self.rows.marks)
        if self.rows.put_window(window):
            self._rearranged(follow=seen)
            if len(self.rows.marks) != marked:
                self.post_message(self.Rearranged(self))
            self._choose_late()

    def set_columns(self, columns: Sequence[Column[R]]) -> None:
        """Other columns of the same rows; an order by one that is gone is forgotten."""
        self.rows.put_columns(columns)
        self._drawn.clear()
        self._rearranged()
        self.refresh()

    def set_filter(self, text: str) -> None:
        if text != self.rows.filter_text:
            self.rows.narrow(text)
            self._asked_anew()

    def go_to(self, key: Hashable) -> None:
        self.rows.go_to(key)
        self._moved()

    def sort_by(self, key: str) -> None:
        """By this column; again, the other way round."""
        self.rows.sort_by(key)
        self._asked_anew()

    def arrange_by(self, order: tuple[str, bool] | None) -> None:
        self.rows.arrange_by(order)
        self._asked_anew()

    def _asked_anew(self) -> None:
        self._chosen_early = False
        self._rearranged()
        self.post_message(self.Rearranged(self))
        if self.rows.paged:
            self.post_message(self.Asks(self))

    def _rearranged(self, *, follow: bool = True) -> None:
        before = self.virtual_size
        if self.is_mounted and self.size:
            self.fit()
        if self.styles.height is not None and self.styles.height.is_auto and self._grown():
            self.refresh(layout=True)
        if self.virtual_size != before:
            self.refresh()
        self._moved(follow=follow)

    def _grown(self) -> bool:
        return self.get_content_height(self.size, self.size, self.size.width) != self.size.height

    def _moved(self, *, follow: bool = True) -> None:
        if follow:
            self.keep_cursor_in_sight()
        self._look()
        self.redraw()
        on_its_way = self.row is None and self.rows.count > 0
        if self.row is not self._told and not on_its_way:
            self._told = self.row
            self.post_message(self.Moved(self, self.row))

    def _look(self) -> None:
        """Asks for the rows that are in sight and not here."""
        top = min(round(self.scroll_target_y), max(0, self.rows.count - self.space))
        if self.size and self.rows.look(top, self.space):
            self.post_message(self.Asks(self))

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        self._look()

    def on_resize(self) -> None:
        self.refit()
        self.keep_cursor_in_sight()
        self._look()

    def on_focus(self) -> None:
        self.redraw()

    def on_blur(self) -> None:
        self.redraw()

    # -- keys and mouse

    def action_move(self, step: int) -> None:
        self._step(self.rows.cursor + step)

    def action_page(self, pages: int) -> None:
        self.action_move(pages * max(1, self.space - 1))

    def action_end(self, last: int) -> None:
        self._step(self.rows.count - 1 if last else 0)

    def _step(self, index: int) -> None:
        self._chosen_early = False
        marked = (len(self.rows.marks), self.rows.unread)
        self.rows.move(index - self.rows.cursor)
        self._moved()
        if (len(self.rows.marks), self.rows.unread) != marked:
            self.post_message(self.Rearranged(self))

    def action_choose(self) -> None:
        if self.row is not None:
            self.post_message(self.Chosen(self, self.row))
        else:
            self._chosen_early = not self._filled or self.rows.count > 0

    def _choose_late(self) -> None:
        self._filled = True
        if self._chosen_early and self.row is not None:
            self._chosen_early = False
            if self.has_focus and self.screen.is_current:
                self.action_choose()
        self._chosen_early = self._chosen_early and self.rows.count > 0

    def action_mark(self) -> None:
        self.rows.mark()
        self.action_move(1)
        self.post_message(self.Rearranged(self))

    def action_mark_range(self) -> None:
        self.rows.mark_from_here()
        self.redraw()
        self.post_message(self.Rearranged(self))

    def action_unmark(self) -> None:
        self.rows.unmark()
        self.redraw()
        self.post_message(self.Rearranged(self))

    def action_wide(self) -> None:
        self.set_wide(not self.wide)
        self.post_message(self.Rearranged(self))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """`left` and `right` are the screen's where there is nothing to go along."""
        return self.stays is not None if action == "shift" else True

    def action_shift(self, step: int) -> None:
        self.shift(step)

    def hide_columns(self, keys: frozenset[str]) -> None:
        self.hide(keys)
        self.post_message(self.Rearranged(self))

    def action_pick(self, step: int) -> None:
        """Goes along the titles that can be sorted by."""
        keys = [column.key for column in self.seen_columns if column.sort is not None]
        if not keys:
            return
        now = self.picked or (self.rows.order or ("", False))[0]
        at = keys.index(now) + step if now in keys else (0 if step > 0 else -1)
        self.picked = keys[at % len(keys)]
        self.redraw()

    def action_sort_picked(self) -> None:
        if self.picked:
            self.sort_by(self.picked)

    def on_key(self, event: events.Key) -> None:
        column = next((c for c in self.rows.columns if c.letter and c.letter == event.character), None)
        if column is not None:
            event.stop()
            event.prevent_default()
            self.sort_by(column.key)

    def on_click(self, event: events.Click) -> None:
        if event.y < HEADER:
            hit = next((p for p in self._placed if p.x <= event.x < p.x + p.width + GAP), None)
            if hit is not None and hit.column.sort is not None:
                self.sort_by(hit.column.key)
        elif self.rows.at(index := self.index_at(event.y)) is not None:
            self._step(index)
            if event.chain == 2:
                self.action_choose()
