"""A text of some lines that sends again only those that have changed: a stopwatch in it is a line a second."""

from __future__ import annotations

from itertools import zip_longest

from rich.console import Console
from rich.style import Style
from rich.text import Text
from textual.geometry import Region, Size
from textual.strip import Strip
from textual.widget import Widget


def cells(text: Text, console: Console) -> list[tuple[str, Style | None]]:
    return [(char, segment.style) for segment in text.render(console) for char in segment.text]


def changed_part(old: Text, new: Text, console: Console) -> tuple[int, int] | None:
    """Where the two differ, from and up to; None where they look the same. For text of narrow characters; with wide
    ones the part may be too far to the left, and the whole is given."""
    if len(old) != old.cell_len or len(new) != new.cell_len:
        return 0, max(old.cell_len, new.cell_len)
    pairs = zip_longest(cells(old, console), cells(new, console))
    places = [x for x, (before, after) in enumerate(pairs) if before != after]
    return (places[0], places[-1] + 1) if places else None


class TextLines(Widget):
    DEFAULT_CSS = "TextLines { height: auto; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._lines: list[Text] = []

    @property
    def plain(self) -> str:
        return "\n".join(line.plain for line in self._lines)

    def update(self, text: Text) -> None:
        before, self._lines = self._lines, list(text.split("\n", allow_blank=True)) if text.plain else []
        if len(before) != len(self._lines):
            self.refresh(layout=True)
            return
        for y, (old, new) in enumerate(zip(before, self._lines, strict=True)):
            if (part := changed_part(old, new, self.app.console)) is not None:
                self.refresh(Region(part[0], y, part[1] - part[0], 1))

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return max(1, len(self._lines))

    def render_line(self, y: int) -> Strip:
        style, width = self.rich_style, self.content_size.width
        line = self._lines[y].copy() if y < len(self._lines) else Text("")
        line.end = ""
        return Strip(line.render(self.app.console)).apply_style(style).crop_extend(0, width, style)
