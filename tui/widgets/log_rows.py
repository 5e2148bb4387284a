"""How the rows of a log are drawn: lines with their times, those not read yet, what is found, and what is selected."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual import events
from textual.selection import Selection
from textual.strip import Strip

from hostdeck.tui.theme import glyphs
from hostdeck.tui.widgets.log_lines import highlighted, wrapped
from hostdeck.tui.widgets.log_outline import Key
from hostdeck.tui.widgets.log_places import KEPT, LogPlaces
from hostdeck.tui.widgets.words import muted, plural

MARKED = "*"
CURSOR = ">"
"""Where the cursor is must be seen without colours too."""


class LogRows(LogPlaces):
    """`want` is called where a line is to be drawn that has not been read."""

    ALLOW_SELECT = True
    DEFAULT_CSS = """
    LogRows { overflow-x: hidden; overflow-y: scroll; }
    LogRows.-following { scrollbar-visibility: hidden; }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {"log--hit", "log--cursor"}

    def reset(self) -> None:
        super().reset()
        self.needle = ""
        self.marks: set[Key] = set()
        self._laid: list[tuple[int, int, Text | None]] | None = None

    def want(self) -> None:
        raise NotImplementedError

    def redraw(self) -> None:
        self._laid = None
        self.refresh()

    def redraw_places(self, *places: int) -> None:
        """Where lines are not wrapped: only those."""
        self._laid = None
        for place in places:
            self.refresh_line(place)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """`silent`: the terminal itself moves what is shown."""
        self._laid = None
        if not self.silent:
            super().watch_scroll_y(old_value, new_value)

    def places_seen(self) -> list[int]:
        return [place for place, _, _ in self._layout()]

    def _layout(self) -> list[tuple[int, int, Text | None]]:
        """What stands on the rows of the screen: the place, where its text begins, and it; None: not read yet."""
        if self._laid is None:
            self._laid = []
            place = round(self.scroll_y)
            while place < self.places and len(self._laid) < self.size.height:
                rows = self.wrapped_at(place) if self.look.wrap else [(0, self.text_at(place))]
                skip = self.sub if self.look.wrap and not self._laid else 0
                self._laid += [(place, start, text) for start, text in rows[skip:]]
                place += 1
            del self._laid[self.size.height :]
        return self._laid

    def wrapped_at(self, place: int) -> list[tuple[int, Text | None]]:
        text, line = self.text_at(place), self.line_at(place)
        if text is None or line is None:
            return [(0, text)]
        tag = self.source.tag(line.task) if self.source else ""
        return list(wrapped(text, self.look.indent(tag), self.text_width))

    def row_on(self, y: int) -> int | None:
        """The log's row that stands on that row of the screen."""
        rows = self._layout()
        return self.row_at(rows[y][0]) if 0 <= y < len(rows) else None

    def text_at(self, place: int) -> Text | None:
        """What is shown there; None where it is not read yet, and then it will be."""
        if self.picked is not None and self.picked.row(place) is None:
            return self.look.words(self._left_out(place))
        row = place if self.picked is None else self.picked.row(place)
        assert row is not None
        item = self.outline.item(row) if self.outline is not None else ""
        hidden = self.picked.left_out(place) if self.picked is not None and self.folded else 0
        after = f"   > {plural(hidden, 'line')}" if hidden else ""
        if isinstance(item, str):
            return self.look.words(f"{item}{after}")
        line = self.shelf.get(item)
        if line is None:
            self.want()
            return None
        top = not self.following and place == round(self.scroll_y)
        before = None if top else self.line_at(place - 1)
        tag = self.source.tag(line.task) if self.source else ""
        sign = MARKED if item in self.marks else CURSOR if row == self.cursor else " "
        text = self.look.line(line, before, tag, sign=sign, after=after)
        text = highlighted(text, self.needle, self.get_component_rich_style("log--hit", partial=True))
        return self._selected(place, text)

    def _left_out(self, place: int) -> str:
        count = self.picked.left_out(place) if self.picked is not None else 0
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
        shown = muted(f"{'':<{self.look.width}}  {glyphs().more}") if text is None else text
        strip = Strip(shown.render(self.app.console)).apply_style(base)
        left = 0 if self.look.wrap else left
        strip = strip.crop_extend(left, left + self.text_width, base).apply_offsets(left + start, place)
        return strip.extend_cell_length(width, base)

    def _nothing(self) -> str:
        if self.wanted is not None and self.outline is not None and len(self.outline):
            looking = self.scans["view"].next_reach(self.outline) is not None
            return "looking" if looking else f"nothing matches '{self.wanted.text}'; esc shows all"
        return self.empty

    # -- text that is selected

    def _selected(self, place: int, text: Text) -> Text:
        span = self.text_selection.get_span(place) if self.text_selection is not None else None
        if span is not None:
            start, end = span
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
