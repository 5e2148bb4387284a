"""A part of the screen that is given as finished lines."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget


class Lines(Widget):
    """Sends only the lines that differ from those before."""

    ALLOW_SELECT = False
    DEFAULT_CSS = "Lines { height: 1fr; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._lines: list[Text] = []

    def put(self, lines: Sequence[Text]) -> None:
        old, self._lines = self._lines, list(lines)
        height = max(len(old), len(self._lines))
        differ = [y for y in range(height) if y >= min(len(old), len(self._lines)) or old[y] != self._lines[y]]
        if differ:
            self.refresh(*(Region(0, y, self.size.width, 1) for y in differ))

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        if y >= len(self._lines):
            return Strip.blank(width, self.rich_style)
        strip = Strip(self._lines[y].render(self.app.console)).apply_style(self.rich_style)
        return strip.crop_extend(0, width, self.rich_style)
