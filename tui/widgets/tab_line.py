"""The names of a screen's tabs on one line. What does not fit is cut at whole names; `<` and `>` say that more are."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text
from textual import events
from textual.message import Message

from hostdeck.tui.theme import Tone
from hostdeck.tui.widgets.columns import fitted
from hostdeck.tui.widgets.frame import OneLine
from hostdeck.tui.widgets.words import muted, toned

EDGE = 2
"""Cells that `< ` or ` >` take; names have one cell between them."""


def window(widths: Sequence[int], current: int, width: int) -> range:
    """The tabs that are shown: all, else as few cut at the left as leave the current one and the next in sight."""
    if sum(widths) + len(widths) - 1 <= width:
        return range(len(widths))
    room, seen = width - 2 * EDGE, min(current + 1, len(widths) - 1)
    for first in range(current + 1):
        last, used = first, widths[first]
        while last + 1 < len(widths) and used + 1 + widths[last + 1] <= room:
            last += 1
            used += 1 + widths[last]
        if last >= seen:
            return range(first, last + 1)
    return range(current, current + 1)


class TabLine(OneLine):
    class Picked(Message):
        """A tab's name was clicked."""

        def __init__(self, index: int) -> None:
            self.index = index
            super().__init__()

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._names: tuple[str, ...] = ()
        self._current = 0

    def show(self, names: Sequence[str], current: int) -> None:
        if (tuple(names), current) != (self._names, self._current):
            self._names, self._current = tuple(names), current
            self.refresh()

    @property
    def _window(self) -> range:
        return window([len(name) + 2 for name in self._names], self._current, self.content_size.width)

    @property
    def text(self) -> Text:
        shown = self._window
        names = [
            toned(f"[{self._names[at]}]", Tone.BRIGHT) if at == self._current else muted(f" {self._names[at]} ")
            for at in shown
        ]
        line = Text(" ", end="").join(names)
        if len(shown) < len(self._names):
            before = toned("< ", Tone.ACCENT) if shown.start > 0 else muted("  ")
            after = toned(" >", Tone.ACCENT) if shown.stop < len(self._names) else muted("  ")
            line = Text.assemble(before, fitted(line, self.content_size.width - 2 * EDGE), after, end="")
        return fitted(line, self.content_size.width)

    def on_click(self, event: events.Click) -> None:
        shown = self._window
        x = event.x - 1 - (EDGE if len(shown) < len(self._names) else 0)
        for at in shown:
            width = len(self._names[at]) + 2
            if 0 <= x < width:
                self.post_message(self.Picked(at))
                return
            x -= width + 1
