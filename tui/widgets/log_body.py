"""A log whose lines are read as they come into sight, and only then, and which is searched as a whole.

The screen gives `read`, which runs a question beside the screen and brings the answer. Whoever follows the log asks
`next_answer()` on the reader's thread and hands it to `take`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import tzinfo
from typing import Any

from textual.message import Message

from hostdeck.core.queries.log_lines import Line, More
from hostdeck.tui.widgets.log_feed import LineFeed
from hostdeck.tui.widgets.log_rows import LogRows
from hostdeck.tui.widgets.log_search import Scan, Wanted
from hostdeck.tui.widgets.log_sources import Begin, LogSource

Reading = Callable[[Callable[[], Any], Callable[[Any], None], Callable[[], None]], None]
"""What to ask, what to do with the answer, and what to do when there is none."""


def at_once(query: Callable[[], Any], show: Callable[[Any], None], failed: Callable[[], None]) -> None:
    """For a log whose lines are in memory."""
    show(query())


class LogBody(LogRows):
    """`final`: nothing more will come; `tries` are the attempts there are lines of."""

    class Reopened(Message):
        """Lines that were there are gone: the log has to be asked for anew."""

    def __init__(self, *, id: str = "", zone: tzinfo | None = None) -> None:
        super().__init__(id=id, zone=zone)
        self.read: Reading = at_once
        self._feed = LineFeed(self)

    def reset(self) -> None:
        super().reset()
        self.tries: tuple[int, ...] = ()
        self.final = False
        self.new_lines = 0
        self._then: list[Callable[[], None]] = []
        self._asking = self._scanning = self._stale = False

    def on_mount(self) -> None:
        self.set_class(True, "-following")

    # -- what comes

    def open(self, source: LogSource | None, empty: str = "no lines yet") -> None:
        """Another log begins."""
        self.reset()
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
        top = self.line_key(self.cursor) if self.cursor is not None else None
        self.outline, self.tries, self.final = answer.outline, answer.tries, answer.final
        self._stale = False
        self._keep(answer.lines)
        for scan in self.scans.values():
            scan.restart()
        self.pick()
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
        if took and took[0] < before:
            self._make_room(took)
        if took:
            self._arrived(took)

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
        self.pick()
        if not self.following:
            self.fit()
            self.go_to(self.place_of(top), self.sub)

    def _arrived(self, took: Sequence[int]) -> None:
        """Draws what is new of what is seen. From the first new row on everything may look different: a time is
        written at the first line of its second."""
        self._laid = None
        if not self.following:
            self.new_lines += len(took)
        if self.picked is not None:
            # What of it is shown, the search will tell.
            self.picked.grow(len(self.outline or ()))
            if self.folded:
                self.refresh_line(self.places - 1)
        elif not self.following:
            self.fit()
            top = round(self.scroll_y)
            if any(top <= self.place_of(row) < top + self.size.height for row in (took[0], took[-1])):
                self.redraw()
        elif self._feed.can(len(took), self.places - took[0]):
            self._feed.show(len(took), self.places - took[0])
        else:
            self.fit()
            self.go_to_end()
            self.redraw()

    def _keep(self, lines: Sequence[Line]) -> None:
        for line in lines:
            self.shelf[line.task, line.seq] = line
            self._widest = max(self._widest, len(line.text))

    # -- reading what is in sight

    def want(self) -> None:
        if not self._asking and not self._stale and self.source is not None:
            self._asking = True
            self.call_later(self._fetch)

    def _fetch(self) -> None:
        source, height = self.source, max(1, self.size.height)
        top = round(self.scroll_y)
        around = range(max(0, top - height), min(self.places, top + 2 * height))
        keys = [key for place in around if (key := self.line_key_at(place)) and key not in self.shelf]
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
            self._then.append(then)
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
        for then in done:
            then()

    def _look_through(self, source: LogSource, name: str, scan: Scan, reach: tuple[int, int, int]) -> None:
        def got(numbers: list[int]) -> None:
            if source is not self.source:
                return
            self._scanning = False
            if self.scans.get(name) is scan and self.outline is not None:
                in_order = scan.found(reach[0], reach[2], numbers, self.outline)
                if name == "view":
                    self._view_came(grown=in_order, changed=bool(numbers))
            self._advance()
            self.changed()

        def failed() -> None:
            self._scanning = False

        self.read(lambda: source.matching(scan.search, *reach), got, failed)

    # -- what is shown of it

    def set_view(self, scan: Scan | None, wanted: Wanted | None = None) -> None:
        """Only what `scan` finds is shown from now on; None: all of it."""

        def change() -> None:
            self.wanted = wanted
            self.scans.pop("view", None)
            if scan is not None:
                self.scans["view"] = scan

        self._show_others(change)
        self._advance()
        self.changed()

    def _view_came(self, *, grown: bool, changed: bool) -> None:
        """A search of what is shown has come further; with lines around each match, their rows may have come too."""
        around = self.wanted is not None and self.wanted.context > 0
        if changed and grown and self.following and not around and not self.folded:
            before = self.places
            self.pick(grown=True)
            came = self.places - before
            if self._feed.can(came, came):
                self._feed.show(came, came)
                return
        if changed or around:
            self._show_others(grown=grown)
        elif not self.places:
            self.redraw()

    def _show_others(self, change: Callable[[], None] = lambda: None, *, grown: bool = False) -> None:
        """Other rows are shown: the line that is looked at stays where it is on the screen."""
        row = self.cursor
        y = self.place_of(row) - round(self.scroll_y) if row is not None else 0
        change()
        self.pick(grown=grown)
        self.fit()
        if self.following:
            self.go_to_end()
        elif row is not None:
            self.go_to(self.place_of(row) - y)
        self.redraw()
