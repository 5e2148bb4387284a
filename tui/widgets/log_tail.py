"""A log under its keys: it follows the end until somebody scrolls up, is searched as a whole, and never lies about a
gap.
"""

from __future__ import annotations

from datetime import tzinfo
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message

from hostdeck.core.domain.narrowing import LIMIT
from hostdeck.core.domain.text import clean_line
from hostdeck.core.queries.log_lines import Kind, Search
from hostdeck.tui.keymap import named
from hostdeck.tui.widgets.log_lines import LOOK, Times
from hostdeck.tui.widgets.log_moves import LogMoves
from hostdeck.tui.widgets.log_outline import Key
from hostdeck.tui.widgets.log_search import Scan, Wanted
from hostdeck.tui.widgets.searched import Searched

__all__ = ["LOOK", "LogTail"]


class LogTail(Searched, LogMoves):
    BINDINGS: ClassVar[list[BindingType]] = named("log", [
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
    ])  # fmt: skip

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
        words = [self.pace]
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

    # -- find, filter, errors

    @property
    def narrowed(self) -> str:
        return self.wanted.text if self.wanted is not None else ""

    def find(self, needle: str) -> None:
        """Marks all lines with that text and goes to the last one, once the whole log was looked through."""
        self.needle = needle = clean_line(needle, LIMIT)
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
        self.pause()
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
        place = self.outline.near if self.outline is not None else None
        keys = tuple(sorted(self.marks, key=place)) if self.marks else tuple(key for key in (self.cursor_key,) if key)
        self.post_message(self.Copied(self, keys, selected or ""))

    def action_save(self) -> None:
        self.post_message(self.Saved(self))
