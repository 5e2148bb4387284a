"""The rows of a log as places on a screen: which are shown, and where one is among them. Nothing is drawn here."""

from __future__ import annotations

from datetime import tzinfo
from itertools import chain

from rich.text import Text
from textual.cache import LRUCache
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView

from hostdeck.core.queries.log_lines import Kind, Line
from hostdeck.tui.widgets.log_lines import Look
from hostdeck.tui.widgets.log_outline import Key, Outline
from hostdeck.tui.widgets.log_search import Picked, Scan, Wanted
from hostdeck.tui.widgets.log_sources import LogSource

KEPT = 8192
"""Lines kept of those read: some hundred screens."""


class LogPlaces(ScrollView, can_focus=True):
    """A row is one of the log, a place one of what is shown of it; the two differ under a filter. `cursor` is the row
    that a key is about while the log stands still; None while it follows its end. `sub`: rows of the first line that
    are above the screen, where lines are wrapped."""

    class Changed(Message):
        """The words that describe the log's state have changed."""

        def __init__(self, log: LogPlaces) -> None:
            self.log = log
            super().__init__()

    def __init__(self, *, id: str = "", zone: tzinfo | None = None) -> None:
        super().__init__(id=id or None)
        self.look = Look(zone)
        self.empty = "no lines yet"
        self.silent = False
        self.reset()

    def reset(self) -> None:
        """As before the first line."""
        self.source: LogSource | None = None
        self.outline: Outline | None = None
        self.shelf: LRUCache[Key, Line] = LRUCache(KEPT)
        self.following = True
        self.cursor: int | None = None
        self.wanted: Wanted | None = None
        self.scans: dict[str, Scan] = {}
        self.picked: Picked | None = None
        self.sub = 0
        self._widest = 0

    def redraw(self) -> None:
        raise NotImplementedError

    def changed(self) -> None:
        self.post_message(self.Changed(self))

    def wrapped_at(self, place: int) -> list[tuple[int, Text | None]]:
        """The rows of the screen that the line there takes."""
        raise NotImplementedError

    def places_seen(self) -> list[int]:
        """The places on the screen, from the top."""
        raise NotImplementedError

    # -- which rows are shown

    @property
    def text_width(self) -> int:
        """Cells for a line, beside the scrollbar."""
        return self.scrollable_content_region.width

    @property
    def folded(self) -> bool:
        view = self.scans.get("view")
        return view is not None and view.search.kind is Kind.STEPS

    @property
    def places(self) -> int:
        """How many rows are shown of the log."""
        return len(self.picked) if self.picked is not None else len(self.outline or ())

    def pick(self, *, grown: bool = False) -> None:
        """Which rows are shown, after a search has come further or rows have come; `grown`: only at the end."""
        view = self.scans.get("view")
        if view is None or self.outline is None:
            self.picked = None
            return
        self.picked = self.picked or Picked()
        context = self.wanted.context if self.wanted else 0
        # A gap and the beginning of a try are seen in a folded log as well.
        rows = sorted({*view.rows, *self.outline.said()}) if self.folded else view.rows
        self.picked.show(rows, len(self.outline), context, head=self.folded, grown=grown and not self.folded)

    def row_at(self, place: int, *, forth: bool = True) -> int:
        """The log's row shown there, or the nearest one after, or before, that is a row of it."""
        if self.picked is None:
            return max(0, min(place, len(self.outline or ()) - 1))
        ahead, behind = range(max(0, place), len(self.picked)), range(min(place, len(self.picked) - 1), -1, -1)
        for at in chain(ahead, behind) if forth else chain(behind, ahead):
            if (row := self.picked.row(at)) is not None:
                return row
        return max(0, len(self.outline or ()) - 1)

    def place_of(self, row: int) -> int:
        return row if self.picked is None else self.picked.place(row) if len(self.picked) else 0

    def line_key(self, row: int) -> Key | None:
        if self.outline is None or not 0 <= row < len(self.outline):
            return None
        item = self.outline.item(row)
        return item if isinstance(item, tuple) else None

    def line_key_at(self, place: int) -> Key | None:
        if self.picked is None:
            return self.line_key(place)
        row = self.picked.row(place)
        return None if row is None else self.line_key(row)

    def line_at(self, place: int) -> Line | None:
        """The line shown there, as far as it has been read."""
        key = self.line_key_at(place) if 0 <= place < self.places else None
        return self.shelf.get(key) if key else None

    @property
    def cursor_key(self) -> Key | None:
        """The line that a key is about: the one under the cursor, else the last."""
        row = self.cursor if self.cursor is not None else self.row_at(self.places - 1)
        return self.line_key(row)

    # -- places

    def fit(self) -> None:
        beyond = max(0, self.size.height - 1) if self.look.wrap else 0
        width = 0 if self.look.wrap else self._widest + self.look.indent("") + 24
        size = Size(width, self.places + beyond if self.places else 0)
        if size != self.virtual_size:
            # Not as a change of layout, which would draw everything anew: the rows it is about are drawn by themselves.
            self.set_reactive(LogPlaces.virtual_size, size)
            if not self.silent:
                self._scroll_update(size)

    def go_to(self, place: float, sub: int = 0) -> None:
        """That place at the top, at once, also before the scrollbar knows that there is something to scroll."""
        if self.sub != sub:
            self.sub = sub
            self.redraw()
        end, end_sub = self.end_place()
        if place >= end:
            place, self.sub = end, min(self.sub, end_sub) if place == end else end_sub
        self.scroll_to(y=max(0, place), animate=False, force=True)

    def go_to_end(self) -> None:
        self.go_to(*self.end_place())

    def end_place(self) -> tuple[int, int]:
        """What stands at the top when the end of the log is seen: the place, and rows of it that are above."""
        height, place = self.size.height, self.places
        if not self.look.wrap:
            return max(0, place - height), 0
        room = height
        while place > 0 and room > 0:
            place -= 1
            rows = len(self.wrapped_at(place))
            if rows >= room:
                return place, rows - room
            room -= rows
        return place, 0

    def row_below(self) -> tuple[int, int]:
        """The top one row further; only where a line is higher than the screen in parts of it."""
        top = round(self.scroll_y)
        rows = len(self.wrapped_at(top)) if top < self.places else 1
        return (top, self.sub + 1) if rows - self.sub > self.size.height else (top + 1, 0)

    def row_above(self) -> tuple[int, int]:
        top = round(self.scroll_y)
        if self.sub:
            return top, self.sub - 1
        rows = len(self.wrapped_at(top - 1)) if top > 0 else 1
        return max(0, top - 1), max(0, rows - self.size.height)

    def keep_in_sight(self, place: int) -> None:
        if place < round(self.scroll_y):
            self.go_to(place)
        elif not self.look.wrap and place >= round(self.scroll_y) + self.size.height:
            self.go_to(place - self.size.height + 1)

    def show_row(self, row: int) -> None:
        """The cursor on that row, in the middle unless it is in sight."""
        self.cursor = row
        place, height, seen = self.place_of(row), self.size.height, self.places_seen()
        if not seen or not seen[0] <= place <= seen[-1 if len(seen) < 2 else -2]:
            self.go_to(max(0, place - height // 2))
        self.redraw()
