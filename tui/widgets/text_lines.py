"""A text of some lines that sends again only those that have changed: a stopwatch in it is a line a second."""

from __future__ import annotations

from rich.text import Text
from textual.geometry import Region, Size
from textual.strip import Strip
from textual.widget import Widget


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
            if old != new or old.spans != new.spans:
                self.refresh(Region(0, y, self.content_size.width, 1))

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return max(1, len(self._lines))

    def render_line(self, y: int) -> Strip:
        style, width = self.rich_style, self.content_size.width
        line = self._lines[y].copy() if y < len(self._lines) else Text("")
        line.end = ""
        return Strip(line.render(self.app.console)).apply_style(style).crop_extend(0, width, style)
