"""The rows of a log, however many: their lines are read as they come into sight, and only then.

The screen gives `read`, which runs a question beside the screen and brings the answer. Whoever follows the log asks
`next_answer()` on the reader's thread and hands it to `take`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import tzinfo
from typing import Any, ClassVar

from rich.text import Text
from textual import events
from textual.cache import LRUCache
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip

from hostdeck.core.queries.log_lines import Kind, Line, More
from hostdeck.tui.theme import glyphs
from hostdeck.tui.widgets.log_feed import LineFeed
from hostdeck.tui.widgets.log_lines import Look, highlighted, wrapped
from hostdeck.tui.widgets.log_outline import Key, Outline
from hostdeck.tui.widgets.log_search import Picked, Scan, Wanted
from hostdeck.tui.widgets.log_sources import Begin, LogSource
from hostdeck.tui.widgets.words import muted, plural

KEPT = 8192
"""Lines kept of those read: some hundred screens."""

Reading = Callable[[Callable[[], Any], Callable[[Any], None], Callable[[], None]], None]
"""What to ask, what to do with the answer, and what to do when there is none."""


def at_once(query: Callable[[], Any], show: Callable[[Any], None], failed: Callable[[], None]) -> None:
    """For a log whose lines are in memory."""
    show(query())


class LogBody(ScrollView, can_focus=True):
    """`cursor` is the row that a key is about while the log stands still; None while it follows its end."""

    ALLOW_SELECT = True
    DEFAULT_CSS = """
    LogBody { overflow-x: hidden; overflow-y: scroll; }
    LogBody.-following { scrollbar-visibility: hidden; }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {"log--hit", "log--cursor"}

    class Changed(Message):
        """The words that describe the log's state have changed."""

        def __init__(self, log: LogBody) -> None:
            self.log = log
            super().__init__()

    class Reopened(Message):
        """Lines that were there are gone: the log has to be asked for anew."""

    def __init__(self, *, id: str = "", zone: tzinfo | None = None) -> None:
        super().__init__(id=id or None)
        self.look = Look(zone)
        self.read: Reading = at_once
        self.empty = "no lines yet"
        self._feed = LineFeed(self)
        self._reset()

    def _reset(self) -> None:
        self.source: LogSource | None = None
        self.outline: Outline | None = None
        self.tries: tuple[int, ...] = ()
        self.shelf: LRUCache[Key, Line] = LRUCache(KEPT)
        self.following = True
        self.final = False
        self.new_lines = 0
        self.cursor: int | None = None
        self.needle = ""
        self.wanted: Wanted | None = None
        self.scans: dict[str, Scan] = {}
        self.marks: set[Key] = set()
        self._picked: Picked | None = None
        self._then: list[tuple[str, Callable[[], None]]] = []
        self._asking = self._scanning = self._stale = False
        self._widest = 0
        self.sub = 0
        self._laid: list[tuple[int, int, Text | None]] | None = None

    def on_mount(self) -> None:
        self.set_class(True, "-following")

    # -- what comes

    def open(self, source: LogSource | None, empty: str = "no lines yet") -> None:
        """Another log begins."""
        self._reset()
        self.source, self.empty = source, empty
        self.set_class(True, "-following")
        self.fit()
        self.scroll_to(0, 0, animate=False, force=True)
        self.redraw()
        self.changed()

    def next_answer(self) -> Begin | More | None:
        """What comes next of the log; blocks."""
        if self.source is None:
            return None
        outline = self.outline
        return self.source.begin() if outline is None or self._stale else self.source.more(dict(outline.last))

    def take(self, answer: Begin | More) -> None:
        if isinstance(answer, Begin):
            self._begin(answer)
        elif answer.lines or answer.final != self.final:
            self._add(answer)
        self._advance()
        self.changed()

    def _begin(self, answer: Begin) -> None:
        top = self._key(self.cursor) if self.cursor is not None else None
        self.outline, self.tries, self.final = answer.outline, answer.tries, answer.final
        self._stale = False
        self._keep(answer.lines)
        for scan in self.scans.values():
            scan.restart()
        self._pick()
        self.fit()
        if self.following:
            self.go_to_end()
        elif top is not None:
            self.show_row(answer.outline.near(top))
        self.redraw()

    def _add(self, answer: More) -> None:
        outline = self.outline
        if outline is None:
            return
        before, self.final = len(outline), answer.final
        took = outline.add(answer.lines)
        self._keep(answer.lines)
        self.tries = tuple(dict.fromkeys((*self.tries, *(line.attempt for line in answer.lines))))
        in_between = bool(took) and took[0] < before
        if in_between:
            self._make_room(took)
        if self._picked is not None and self.wanted is None and not self.folded:
            self._picked = None
        self._arrived(len(outline) - before, in_between=in_between)

    def _make_room(self, took: Sequence[int]) -> None:
        """Rows were put in between others: what is looked at stays where it is."""
        assert self.outline is not None
        top = self.row_at(round(self.scroll_y))
        for row in took:
            top += row <= top
            if self.cursor is not None and row <= self.cursor:
                self.cursor += 1
        for scan in self.scans.values():
            scan.replace(self.outline)
        self._pick()
        self.fit()
        if not self.following:
            self.go_to(self.place_of(top), self.sub)

    def _arrived(self, came: int, *, in_between: bool) -> None:
        if not came:
            return
        before = self.virtual_size
        self._laid = None
        if self._picked is not None:
            self._pick()
        if self.following and not in_between and self._feed.can(came) and self._picked is None:
            self._feed.show(came)
            return
        self.fit()
        if self.following:
            self.go_to_end()
        else:
            self.new_lines += came
        if in_between or before.height < self.size.height or not self.following:
            self.redraw()

    def _keep(self, lines: Sequence[Line]) -> None:
        for line in lines:
            self.shelf[line.task, line.seq] = line
            self._widest = max(self._widest, len(line.text))

    # -- reading what is in sight

    def _want(self) -> None:
        if not self._asking and not self._stale and self.source is not None:
            self._asking = True
            self.call_later(self._fetch)

    def _fetch(self) -> None:
        source, height = self.source, max(1, self.size.height)
        top = round(self.scroll_y)
        around = range(max(0, top - height), min(self.places, top + 2 * height))
        keys = [key for place in around if (key := self._key_at(place)) and key not in self.shelf]
        if source is None or not keys:
            self._asking = False
            return

        def got(lines: list[Line]) -> None:
            if source is not self.source:
                return
            self._asking = False
            self._keep(lines)
            self.fit()
            self.redraw()
            if len(lines) < len(keys):
                self._stale = True
                self.post_message(self.Reopened())

        def failed() -> None:
            self._asking = False

        self.read(lambda: source.lines(keys), got, failed)

    # -- looking through all of it

    def scan(self, name: str, scan: Scan | None, then: Callable[[], None] | None = None) -> None:
        """Looks for something, from now on; `then` once the whole log was looked at."""
        if scan is None:
            self.scans.pop(name, None)
            return
        self.scans[name] = scan
        if then is not None:
            self._then.append((name, then))
        self._advance()

    def when_looked(self, name: str, then: Callable[[], None]) -> None:
        self._then.append((name, then))
        self._advance()

    def _advance(self) -> None:
        """The next piece of what has to be looked through: one reading at a time, so that others have their turn."""
        source, outline = self.source, self.outline
        if self._scanning or source is None or outline is None:
            return
        for name, scan in self.scans.items():
            reach = scan.next_reach(outline)
            if reach is not None:
                self._scanning = True
                self._look_through(source, name, scan, reach)
                return
        done, self._then = self._then, []
        for _, then in done:
            then()

    def _look_through(self, source: LogSource, name: str, scan: Scan, reach: tuple[int, int, int]) -> None:
        def got(numbers: list[int]) -> None:
            if source is not self.source:
                return
            self._scanning = False
            if self.scans.get(name) is scan and self.outline is not None:
                scan.found(reach[0], reach[2], numbers, self.outline)
                if name == "view":
                    self._view_changed()
                elif numbers:
                    self.redraw()
            self._advance()
            self.changed()

        def failed() -> None:
            self._scanning = False

        self.read(lambda: source.matching(scan.search, *reach), got, failed)

    # -- which rows are shown

    @property
    def folded(self) -> bool:
        view = self.scans.get("view")
        return view is not None and view.search.kind is Kind.STEPS

    @property
    def places(self) -> int:
        """How many rows are shown of the log."""
        return len(self._picked) if self._picked is not None else len(self.outline or ())

    def _pick(self) -> None:
        view = self.scans.get("view")
        if view is None or self.outline is None:
            self._picked = None
            return
        self._picked = self._picked or Picked()
        context = self.wanted.context if self.wanted else 0
        # A gap and the beginning of a try are seen in a folded log as well.
        rows = sorted({*view.rows, *self.outline.said()}) if self.folded else view.rows
        self._picked.show(rows, len(self.outline), context, head=self.folded)

    def _view_changed(self) -> None:
        """Other rows are shown: the line that is looked at stays where it is on the screen."""
        row = self.cursor
        y = self.place_of(row) - round(self.scroll_y) if row is not None else 0
        self._pick()
        self.fit()
        if self.following:
            self.go_to_end()
        elif row is not None:
            self.go_to(self.place_of(row) - y)
        self.redraw()

    def set_view(self, scan: Scan | None, wanted: Wanted | None = None) -> None:
        """Only what `scan` finds is shown from now on; None: all of it."""
        row = self.cursor
        y = self.place_of(row) - round(self.scroll_y) if row is not None else 0
        self.wanted = wanted
        self.scans.pop("view", None)
        if scan is not None:
            self.scans["view"] = scan
        self._pick()
        self.fit()
        if self.following:
            self.go_to_end()
        elif row is not None:
            self.go_to(self.place_of(row) - y)
        self.redraw()
        self._advance()
        self.changed()

    def row_at(self, place: int, *, forth: bool = True) -> int:
        """The log's row shown there, or the nearest one after, or before, that is a row of it."""
        if self._picked is None:
            return max(0, min(place, len(self.outline or ()) - 1))
        ahead, behind = range(max(0, place), len(self._picked)), range(min(place, len(self._picked) - 1), -1, -1)
        for at in (*ahead, *behind) if forth else (*behind, *ahead):
            if (row := self._picked.row(at)) is not None:
                return row
        return max(0, len(self.outline or ()) - 1)

    def place_of(self, row: int) -> int:
        return row if self._picked is None else self._picked.place(row) if len(self._picked) else 0

    def _key(self, row: int) -> Key | None:
        if self.outline is None or not 0 <= row < len(self.outline):
            return None
        item = self.outline.item(row)
        return item if isinstance(item, tuple) else None

    def _key_at(self, place: int) -> Key | None:
        if self._picked is None:
            return self._key(place)
        row = self._picked.row(place)
        return None if row is None else self._key(row)

    def line_at(self, place: int) -> Line | None:
        """The line shown there, as far as it has been read."""
        key = self._key_at(place) if 0 <= place < self.places else None
        return self.shelf.get(key) if key else None

    @property
    def cursor_key(self) -> Key | None:
        """The line that a key is about: the one under the cursor, else the last."""
        row = self.cursor if self.cursor is not None else self.row_at(self.places - 1)
        return self._key(row)

    # -- places

    def fit(self) -> None:
        beyond = max(0, self.size.height - 1) if self.look.wrap else 0
        width = 0 if self.look.wrap else self._widest + self.look.indent("") + 24
        size = Size(width, self.places + beyond if self.places else 0)
        if size != self.virtual_size:
            # Not as a change of layout, which would draw everything anew: the rows it is about are drawn by themselves.
            self.set_reactive(LogBody.virtual_size, size)
            if not self._feed.at_work:
                self._scroll_update(size)

    def go_to(self, place: float, sub: int = 0) -> None:
        """That place at the top, at once, also before the scrollbar knows that there is something to scroll."""
        if self.sub != sub:
            self.sub = sub
            self.redraw()
        end, end_sub = self.end_place()
        if place >= end:
            place, self.sub = end, min(self.sub, end_sub) if place == end else end_sub
        self._laid = None
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
            rows = len(self._wrapped(place))
            if rows >= room:
                return place, rows - room
            room -= rows
        return place, 0

    def row_below(self) -> tuple[int, int]:
        """The top one row further; only where a line is higher than the screen in parts of it."""
        top = round(self.scroll_y)
        rows = len(self._wrapped(top)) if top < self.places else 1
        return (top, self.sub + 1) if rows - self.sub > self.size.height else (top + 1, 0)

    def row_above(self) -> tuple[int, int]:
        top = round(self.scroll_y)
        if self.sub:
            return top, self.sub - 1
        rows = len(self._wrapped(top - 1)) if top > 0 else 1
        return max(0, top - 1), max(0, rows - self.size.height)

    def row_on(self, y: int) -> int | None:
        """The log's row that stands on that row of the screen."""
        rows = self._layout()
        return self.row_at(rows[y][0]) if 0 <= y < len(rows) else None

    def keep_in_sight(self, place: int) -> None:
        if place < round(self.scroll_y):
            self.go_to(place)
        elif not self.look.wrap and place >= round(self.scroll_y) + self.size.height:
            self.go_to(place - self.size.height + 1)

    def show_row(self, row: int) -> None:
        """The cursor on that row, in the middle unless it is in sight."""
        self.cursor, self._laid = row, None
        place, height = self.place_of(row), self.size.height
        seen = [at for at, _, _ in self._layout()]
        if not seen or not seen[0] <= place <= seen[-1 if len(seen) < 2 else -2]:
            self.go_to(max(0, place - height // 2))
        self.redraw()

    # -- drawing

    def redraw(self) -> None:
        self._laid = None
        self.refresh()

    def changed(self) -> None:
        self.post_message(self.Changed(self))

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        self._laid = None
        if self._feed.at_work:
            return
        super().watch_scroll_y(old_value, new_value)

    def _layout(self) -> list[tuple[int, int, Text | None]]:
        """What stands on the rows of the screen: the place, where its text begins, and it; None: not read yet."""
        if self._laid is None:
            self._laid = []
            place = round(self.scroll_y)
            while place < self.places and len(self._laid) < self.size.height:
                rows = self._wrapped(place) if self.look.wrap else [(0, self.text_at(place))]
                skip = self.sub if self.look.wrap and not self._laid else 0
                self._laid += [(place, start, text) for start, text in rows[skip:]]
                place += 1
            del self._laid[self.size.height :]
        return self._laid

    def _wrapped(self, place: int) -> list[tuple[int, Text | None]]:
        text, line = self.text_at(place), self.line_at(place)
        if text is None or line is None:
            return [(0, text)]
        tag = self.source.tag(line.task) if self.source else ""
        return list(wrapped(text, self.look.indent(tag), self.size.width))

    def text_at(self, place: int) -> Text | None:
        """What is shown there; None where it is not read yet, and then it will be."""
        if self._picked is not None and self._picked.row(place) is None:
            return self.look.words(self._left_out(place))
        row = place if self._picked is None else self._picked.row(place)
        assert row is not None
        item = self.outline.item(row) if self.outline is not None else ""
        hidden = self._picked.left_out(place) if self._picked is not None and self.folded else 0
        after = f"   > {plural(hidden, 'line')}" if hidden else ""
        if isinstance(item, str):
            return self.look.words(f"{item}{after}")
        line = self.shelf.get(item)
        if line is None:
            self._want()
            return None
        top = not self.following and place == round(self.scroll_y)
        before = None if top else self.line_at(place - 1)
        tag = self.source.tag(line.task) if self.source else ""
        text = self.look.line(line, before, tag, marked=item in self.marks, after=after)
        return highlighted(text, self.needle, self.get_component_rich_style("log--hit", partial=True))

    def _left_out(self, place: int) -> str:
        count = self._picked.left_out(place) if self._picked is not None else 0
        return f"> {plural(count, 'line')}" if self.folded else f"-- {plural(count, 'line')} --"

    def render_line(self, y: int) -> Strip:
        left, width, base = round(self.scroll_x), self.size.width, self.rich_style
        rows = self._layout()
        if y >= len(rows):
            words = f"  {self._nothing()}" if y == 0 and not self.places else ""
            return Strip(muted(words).render(self.app.console)).apply_style(base).crop_extend(0, width, base)
        place, start, text = rows[y]
        if self.cursor is not None and place == self.place_of(self.cursor):
            base += self.get_component_rich_style("log--cursor", partial=True)
        shown = muted(f"{'':<{self.look.width}}  {glyphs().more}") if text is None else self._selected(place, text)
        strip = Strip(shown.render(self.app.console)).apply_style(base)
        left = 0 if self.look.wrap else left
        return strip.crop_extend(left, left + width, base).apply_offsets(left + start, place)

    def _nothing(self) -> str:
        if self.wanted is not None and self.outline is not None and len(self.outline):
            looking = self.scans["view"].next_reach(self.outline) is not None
            return "looking" if looking else f"nothing matches '{self.wanted.text}'; esc shows all"
        return self.empty

    # -- text that is selected

    def _selected(self, place: int, text: Text) -> Text:
        selection = self.text_selection
        span = selection.get_span(place) if selection is not None and not self.look.wrap else None
        if span is not None:
            start, end = span
            text = text.copy()
            end = len(text) if end < 0 else end
            text.stylize(self.screen.get_component_rich_style("screen--selection"), start, end)
        return text

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """What was read of it: the lines of a screen, and of those around it."""
        first = selection.start.y if selection.start else 0
        last = selection.end.y if selection.end else self.places - 1
        texts = [self.text_at(place) for place in range(max(0, first), min(last, first + KEPT, self.places - 1) + 1)]
        rows = [text.plain if text is not None else "" for text in texts]
        if rows and selection.end:
            rows[-1] = rows[-1][: selection.end.x]
        if rows and selection.start:
            rows[0] = rows[0][selection.start.x :]
        return "\n".join(rows), "\n"

    def selection_updated(self, selection: Selection | None) -> None:
        self.redraw()

    def on_resize(self, event: events.Resize) -> None:
        self.fit()
        if self.following:
            self.go_to_end()
        self.redraw()

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._laid = None
