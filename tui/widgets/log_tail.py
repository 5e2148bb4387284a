"""A task's log as it is written: it follows the end until somebody scrolls up, and never lies about a gap."""

from __future__ import annotations

from datetime import tzinfo
from typing import ClassVar

from rich.style import Style
from rich.text import Text
from textual import events
from textual.binding import Binding, BindingType
from textual.cache import LRUCache
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip

from hostdeck.core.domain.vocabulary import Stream
from hostdeck.core.queries.views import LogPage
from hostdeck.tui.theme import STYLE, Tone
from hostdeck.tui.widgets.log_book import Entry, LogBook
from hostdeck.tui.widgets.words import clock, muted

LOOK: dict[Stream | None, tuple[str, Tone]] = {
    Stream.COMMAND: ("$ ", Tone.ACCENT),
    Stream.STDOUT: ("  ", Tone.PLAIN),
    Stream.STDERR: ("! ", Tone.WRONG),
    Stream.NOTE: ("- ", Tone.MUTED),
    None: ("  ", Tone.WAITING),
}
STAMP = 10


class LogTail(ScrollView, can_focus=True):
    """Give it pages with `add`; `last_seq` and `wants_more` say what to ask for next."""

    ALLOW_SELECT = True
    DEFAULT_CSS = "LogTail { overflow-x: hidden; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "back(1)", "up", show=False),
        Binding("down,j", "forth(1)", "down", show=False),
        Binding("pageup", "page(-1)", "page up", show=False),
        Binding("pagedown", "page(1)", "page down", show=False),
        Binding("home,g", "top", "first line", show=False),
        Binding("left", "aside(-20)", "left along long lines", show=False),
        Binding("right", "aside(20)", "right along long lines", show=False),
        Binding("s", "toggle_follow", "follow"),
        Binding("end,G", "follow", "end, follow", show=False),
        Binding("n", "hit(1)", "next match", show=False),
        Binding("N", "hit(-1)", "previous match", show=False),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {"log--hit"}

    class Changed(Message):
        """The words that describe the log's state have changed."""

        def __init__(self, tail: LogTail) -> None:
            self.tail = tail
            super().__init__()

    def __init__(self, *, id: str = "", zone: tzinfo | None = None) -> None:
        super().__init__(id=id or None)
        self.book = LogBook()
        self.zone = zone
        self.following = True
        self.final = False
        self.new_lines = 0
        self.empty = "no lines yet"
        self._hit = -1
        self._widest = 0
        self._strips: LRUCache[int, Strip] = LRUCache(1024)

    @property
    def last_seq(self) -> int:
        return self.book.last_seq

    @property
    def state(self) -> str:
        """What the heading says: follow or paused, and where the search stands."""
        words = "FOLLOW" if self.following else "PAUSED"
        if self.final and self.following:
            words = "END"
        if self.new_lines and not self.following:
            words += f" +{self.new_lines} new"
        if self.book.needle:
            place = self.book.hits.index(self._hit) + 1 if self._hit in self.book.hits else 0
            words += f"   find '{self.book.needle}' {place}/{len(self.book.hits)}"
        return words

    def clear(self, empty: str = "no lines yet") -> None:
        """Another task's log begins."""
        self.book = LogBook()
        self.following, self.final, self.new_lines, self._hit, self._widest = True, False, 0, -1, 0
        self.empty = empty
        self._strips.clear()
        self.virtual_size = Size(0, 0)
        self.scroll_to(0, 0, animate=False)
        self.refresh()
        self._changed()

    def add(self, page: LogPage) -> None:
        """A page of lines, drawn at once."""
        if not page.lines and page.final == self.final:
            return
        with self.app.batch_update():
            self.final = page.final
            first_lines = not self.book
            came, gone = self.book.add(page.lines)
            self._show_arrival(came, gone)
            if first_lines:
                self.refresh()
        self._changed()

    def _show_arrival(self, came: int, gone: int) -> None:
        if not came:
            return
        self._widest = max([self._widest, *(len(entry.text) for entry in self.book.entries[-came:])])
        self.virtual_size = Size(self._widest + STAMP + 2, len(self.book))
        if self.following:
            self._go_to(self.max_scroll_y)
        else:
            self.new_lines += came
            if gone:
                self._go_to(self.scroll_y - gone)
        if gone:
            self.refresh()
        else:
            self.refresh_lines(len(self.book) - came, came)

    # -- follow, pause, find

    def action_back(self, lines: int) -> None:
        self._pause()
        self._go_to(self.scroll_y - lines)

    def action_forth(self, lines: int) -> None:
        self._go_to(self.scroll_y + lines)
        self._resume_at_end()

    def action_page(self, pages: int) -> None:
        step = max(1, self.size.height - 1)
        if pages < 0:
            self.action_back(step)
        else:
            self.action_forth(step)

    def action_top(self) -> None:
        self._pause()
        self._go_to(0)

    def action_follow(self) -> None:
        self.following, self.new_lines = True, 0
        self._go_to(self.max_scroll_y)
        self._changed()

    def action_toggle_follow(self) -> None:
        if self.following:
            self._pause()
        else:
            self.action_follow()

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        self._pause()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        self.call_after_refresh(self._resume_at_end)

    def action_aside(self, columns: int) -> None:
        self.scroll_to(x=max(0, self.scroll_x + columns), animate=False, force=True)

    def _go_to(self, line: float) -> None:
        """At once, also before the scrollbar knows that there is something to scroll."""
        self.scroll_to(y=max(0, line), animate=False, force=True)

    def _pause(self) -> None:
        if self.following and self.max_scroll_y > 0:
            self.following = False
            self._changed()

    def _resume_at_end(self) -> None:
        if not self.following and self.is_vertical_scroll_end:
            self.action_follow()

    def find(self, needle: str) -> None:
        """Marks all lines with that text and goes to the last one."""
        self.book.find(needle)
        self._hit = -1
        self._strips.clear()
        self.refresh()
        if self.book.hits:
            self.action_hit(-1)
        self._changed()

    def action_hit(self, step: int) -> None:
        hits = self.book.hits
        if not hits:
            return
        at = hits.index(self._hit) + step if self._hit in hits else (len(hits) - 1 if step < 0 else 0)
        old, self._hit = self._hit, hits[at % len(hits)]
        self.following = False
        for number in (old, self._hit):
            self._strips.discard(number)
            self.refresh_line(number - self.book.first)
        self._go_to(self._hit - self.book.first - self.size.height // 2)
        self._changed()

    def _changed(self) -> None:
        self.post_message(self.Changed(self))

    # -- drawing

    def render_line(self, y: int) -> Strip:
        left, top = self.scroll_offset
        width = self.size.width
        entry = self.book.get(self.book.first + top + y)
        if entry is None:
            text = muted(f"  {self.empty}" if not self.book and y == 0 else "")
            strip = Strip(text.render(self.app.console)).apply_style(self.rich_style)
            return strip.crop_extend(0, width, self.rich_style)
        strip = self._strip(self.book.first + top + y, top + y, entry)
        return strip.crop_extend(left, left + width, self.rich_style).apply_offsets(left, top + y)

    def _strip(self, number: int, index: int, entry: Entry) -> Strip:
        selection = self.text_selection
        if selection is None and (kept := self._strips.get(number)) is not None:
            return kept
        text = self._text(entry)
        if selection is not None and (chosen := selection.get_span(index)) is not None:
            start, end = chosen
            text.stylize(
                self.screen.get_component_rich_style("screen--selection"), start, len(text) if end < 0 else end
            )
        if number in self.book.hits:
            text.highlight_words([self.book.needle], self._hit_style(number), case_sensitive=False)
        strip = Strip(text.render(self.app.console)).apply_style(self.rich_style)
        if selection is None:
            self._strips[number] = strip
        return strip

    def _hit_style(self, number: int) -> Style:
        style = self.get_component_rich_style("log--hit", partial=True)
        return style + Style(bold=True, underline=True) if number == self._hit else style

    def _text(self, entry: Entry) -> Text:
        mark, tone = LOOK[entry.stream]
        stamp = clock(entry.at, self.zone) if entry.at else ""
        return Text.assemble(
            (f"{stamp:<{STAMP - 2}}", STYLE[Tone.MUTED]), (f" {mark}{entry.text}", STYLE[tone]), end="", no_wrap=True
        )

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._strips.clear()

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        return selection.extract("\n".join(self._text(entry).plain for entry in self.book.entries)), "\n"

    def selection_updated(self, selection: Selection | None) -> None:
        self._strips.clear()
        self.refresh()
