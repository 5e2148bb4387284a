"""A log under its keys: it follows the end until somebody scrolls up, is searched as a whole, and never lies about a
gap.
"""

from __future__ import annotations

from datetime import tzinfo
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from hostdeck.core.queries.log_lines import Kind, Search
from hostdeck.tui.widgets.log_body import LogBody
from hostdeck.tui.widgets.log_lines import LOOK, Times
from hostdeck.tui.widgets.log_outline import Key
from hostdeck.tui.widgets.log_search import Scan, Wanted

__all__ = ["LOOK", "LogTail"]

WINDOWS = (0, 0, 60, 300, 900, 1800, 3600)
"""Seconds before the last line that the digits lead to; 0 follows the end, 1 goes to the beginning."""


class LogTail(LogBody):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("s", "toggle_follow", "follow"),
        Binding("e", "error(1)", "errors", key_display="e E"),
        Binding("E", "error(-1)", "previous error", show=False),
        Binding("o", "fold", "fold", show=False),
        Binding("w", "wrap", "wrap", show=False),
        Binding("t", "times", "time", show=False),
        Binding("m", "mark", "mark", show=False),
        Binding("ctrl+backslash", "unmark", "clear the marks", show=False),
        Binding("c", "copy", "copy", show=False),
        Binding("ctrl+s", "save", "save", show=False, key_display="ctrl+s"),
        Binding("n", "hit(1)", "next match", show=False),
        Binding("N", "hit(-1)", "previous match", show=False),
        Binding("up,k", "back(1)", "up", show=False),
        Binding("down,j", "forth(1)", "down", show=False),
        Binding("pageup", "page(-1)", "page up", show=False),
        Binding("pagedown", "page(1)", "page down", show=False),
        Binding("home,g", "top", "first line", show=False),
        Binding("end,G", "follow", "end, follow", show=False),
        Binding("left", "aside(-20)", "left along long lines", show=False),
        Binding("right", "aside(20)", "right along long lines", show=False),
        *(
            Binding(str(digit), f"window({digit})", words, show=False)
            for digit, words in enumerate(
                ("the end", "the beginning", "last minute", "last 5 minutes", "last 15", "last 30", "last hour")
            )
        ),
    ]

    class Copied(Message):
        """`c`: these lines, which may not all have been read, or this text that is selected."""

        def __init__(self, log: LogTail, keys: tuple[Key, ...], text: str) -> None:
            self.log = log
            self.keys = keys
            self.text = text
            super().__init__()

    class Saved(Message):
        """`ctrl+s`: the log is to become a file."""

        def __init__(self, log: LogTail) -> None:
            self.log = log
            super().__init__()

    def __init__(self, *, id: str = "", zone: tzinfo | None = None, windows: bool = False) -> None:
        """`windows`: digits lead to times, as in a log that fills the screen."""
        super().__init__(id=id, zone=zone)
        self._windows = windows

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return self._windows if action == "window" else True

    # -- what the heading says

    @property
    def state(self) -> str:
        """Follow or paused, what is looked for, and what is shown of the log."""
        words = [self._pace]
        find = self.scans.get("find")
        if find is not None and self.outline is not None:
            looking = "" if find.next_reach(self.outline) is None else " so far"
            place = find.place(self.cursor) if self.cursor is not None else 0
            words.append(f"find '{self.needle}' {place}/{len(find.rows)}{looking}")
        view = self.scans.get("view")
        if view is not None and self.wanted is not None:
            words.append(f"filter '{self.wanted.text}' {len(view.rows)}")
        words += ["folded"] if self.folded else []
        words += [f"{len(self.marks)} marked"] if self.marks else []
        words += ["wrap"] if self.look.wrap else []
        return "   ".join(words)

    @property
    def _pace(self) -> str:
        if self.following:
            return "END" if self.final else "FOLLOW"
        return f"PAUSED +{self.new_lines} new" if self.new_lines else "PAUSED"

    # -- follow and pause

    def action_back(self, lines: int) -> None:
        self._pause()
        self._move(-lines)

    def action_forth(self, lines: int) -> None:
        if self.following:
            return
        self._move(lines)
        if self.cursor is not None and self.place_of(self.cursor) >= self.places - 1:
            self.action_follow()

    def action_page(self, pages: int) -> None:
        step = max(1, self.size.height - 1)
        if pages < 0:
            self.action_back(step)
        else:
            self.action_forth(step)

    def action_top(self) -> None:
        self._pause()
        if not self.following:
            self.cursor = self.row_at(0)
            self.go_to(0)
            self.redraw()

    def action_follow(self) -> None:
        self.following, self.new_lines, self.cursor = True, 0, None
        self.set_class(True, "-following")
        self.go_to_end()
        self.redraw()
        self.changed()

    def action_toggle_follow(self) -> None:
        if self.following:
            self._pause()
        else:
            self.action_follow()

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        self._pause()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        self.call_after_refresh(self._resume_at_end)

    def _resume_at_end(self) -> None:
        if not self.following and (round(self.scroll_y), self.sub) >= self.end_place():
            self.action_follow()

    def on_click(self, event: events.Click) -> None:
        """Who follows the end goes on following it: a click may only have meant to come here."""
        row = self.row_on(event.y)
        if row is not None and not self.following and self.text_selection is None:
            self.cursor = row
            self.redraw()

    def action_aside(self, columns: int) -> None:
        self.scroll_to(x=max(0, self.scroll_x + columns), animate=False, force=True)

    def _pause(self) -> None:
        if self.following and self.places:
            self.following = False
            self.set_class(False, "-following")
            self.cursor = self.row_at(self.places - 1)
            self.redraw()
            self.changed()

    def _move(self, lines: int) -> None:
        """By a line the cursor moves as in a list; by a page, and through lines that are wrapped, what is shown moves
        with it, so that it stays where it is on the screen."""
        if self.following or self.cursor is None:
            return
        first = round(self.scroll_y)
        before = self.place_of(self.cursor)
        here = max(first, min(before, first + self.size.height - 1))
        place = max(0, min(here + lines, self.places - 1))
        top, sub = first + lines, 0
        if self.look.wrap and abs(lines) == 1:
            top, sub = self.row_below() if lines > 0 else self.row_above()
            place = top if top == first and (top, sub) < self.end_place() else place
        self.cursor = self.row_at(place, forth=lines > 0)
        if abs(lines) > 1 or self.look.wrap:
            self.go_to(max(0, top), sub)
        self.keep_in_sight(place)
        if round(self.scroll_y) == first and not self.look.wrap:
            self.redraw_places(before, place)
        else:
            self.redraw()

    def action_window(self, digit: int) -> None:
        """Where the last minutes begin."""
        source, outline = self.source, self.outline
        if digit == 0:
            self.action_follow()
        elif digit == 1:
            self.action_top()
        elif source is not None and outline is not None and self.places:

            def found(row: int) -> None:
                if source is self.source:
                    self._pause()
                    self.cursor = row
                    self.go_to(self.place_of(row))
                    self.redraw()

            self.read(lambda: source.since(WINDOWS[digit], outline), found, lambda: None)

    # -- find, filter, errors

    def find(self, needle: str) -> None:
        """Marks all lines with that text and goes to the last one, once the whole log was looked through."""
        self.needle = needle
        self.scan("find", Scan(Search(Kind.TEXT, (needle,))) if needle else None, lambda: self.action_hit(-1))
        self.redraw()
        self.changed()

    def filter(self, text: str) -> None:
        """Shows only lines with all the words, none of those after a `!`, and so many around them as `-C` says."""
        wanted = Wanted.typed(text)
        if wanted.is_empty:
            self.set_view(None)
        else:
            self.set_view(Scan(wanted.search), wanted)

    def action_fold(self) -> None:
        """Of each command only itself and our notes are seen, its exit among them; again, everything."""
        self.set_view(None if self.folded else Scan(Search(Kind.STEPS)))

    def action_hit(self, step: int) -> None:
        self._jump("find", step)

    def action_error(self, step: int) -> None:
        if "errors" in self.scans:
            self._jump("errors", step)
        else:
            self.scan("errors", Scan(Search(Kind.ERRORS)), lambda: self._jump("errors", step))

    def _jump(self, name: str, step: int) -> None:
        scan = self.scans.get(name)
        if scan is None:
            return
        here = self.cursor if self.cursor is not None else len(self.outline or ()) if step < 0 else -1
        row = self._step(scan, here, step)
        if row is None:
            if name == "errors":
                self.notify("no error in this log")
            return
        self._pause()
        self.show_row(row)
        self.changed()

    def _step(self, scan: Scan, here: int, step: int) -> int | None:
        """The next match that is shown. What is folded away is unfolded for it; a filter is not undone."""
        for _ in scan.rows:
            row = scan.step(here, step)
            if row is None or self.picked is None or self.picked.shows(row):
                return row
            if self.folded:
                self.set_view(None)
                return row
            here = row
        return None

    def step_back(self) -> bool:
        """esc: what was looked for goes, then the filter. False where there is neither."""
        if self.needle:
            self.find("")
        elif self.wanted is not None:
            self.filter("")
        else:
            return False
        return True

    # -- how it looks

    def action_wrap(self) -> None:
        self.look.wrap = not self.look.wrap
        row = self.cursor
        self.scroll_to(x=0, animate=False, force=True)
        self.fit()
        if self.following:
            self.go_to_end()
        elif row is not None:
            self.go_to(self.place_of(row))
        self.redraw()
        self.changed()

    def action_times(self) -> None:
        times = list(Times)
        self.look.times = times[(times.index(self.look.times) + 1) % len(times)]
        self.redraw()

    # -- marks, copies, files

    def action_mark(self) -> None:
        key = self.cursor_key
        if key is not None:
            self.marks ^= {key}
            self.redraw()
            self.changed()

    def action_unmark(self) -> None:
        self.marks.clear()
        self.redraw()
        self.changed()

    def action_copy(self) -> None:
        selected = self.screen.get_selected_text() if self.text_selection is not None else None
        keys = tuple(sorted(self.marks)) if self.marks else tuple(key for key in (self.cursor_key,) if key)
        self.post_message(self.Copied(self, keys, selected or ""))

    def action_save(self) -> None:
        self.post_message(self.Saved(self))
