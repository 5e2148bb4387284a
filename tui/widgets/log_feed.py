"""New lines at the end of a log, sent as they are: the terminal moves up what it shows already.

Drawn in the usual way a line more at the end is the whole log anew, thirty times its own bytes. Here the terminal is
told to scroll the rows of the log (DECSTBM and SU, which every terminal in use knows), and gets the new ones alone,
without the blanks at their ends. What the console keeps of its own picture stays true, so that whatever is drawn later
fits. Where anything lies over the log, or is about to be drawn in it, the usual way is taken.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.color import ColorSystem
from rich.segment import Segment
from textual.strip import Strip

if TYPE_CHECKING:
    from hostdeck.tui.widgets.log_body import LogBody

ERASE = "\x1b[K"
NEXT = "\r\n"
PLAIN = "\x1b[0m"
WHOLE = "\x1b[r"
NAMES = {"standard": "STANDARD", "256": "EIGHT_BIT", "truecolor": "TRUECOLOR", "windows": "WINDOWS"}
NO_ERASING = "STY"
"""Set inside GNU screen, which erases to its own background, not to ours."""


class LineFeed:
    """Of a log that follows its end: `came` rows are new, and the last `fresh` ones have to be sent."""

    def __init__(self, body: LogBody) -> None:
        self._body = body

    def can(self, came: int, fresh: int) -> bool:
        """Whether the terminal may do it: it is ours alone, and shows the log as it was before these rows."""
        body, app = self._body, self._body.app
        driver = app._driver
        return (
            driver is not None
            and not driver.is_headless
            and not driver.is_inline
            and NO_ERASING not in os.environ
            and not app._batch_count
            and app.screen is body.screen
            and not body._repaint_regions
            and not body.screen._layout_required
            and body.text_selection is None
            and not body.look.wrap
            and not round(body.scroll_x)
            and body.region.x == 0
            and body.region.width == app.size.width
            and body.region.height == body.size.height
            and body.region.bottom <= app.size.height
            and fresh < body.size.height <= body.places - came
            and round(body.scroll_y) == body.places - came - body.size.height
            and all(body.text_at(place) is not None for place in range(body.places - fresh, body.places))
        )

    def show(self, came: int, fresh: int) -> None:
        body = self._body
        body.silent = True
        try:
            body.fit()
            body.go_to_end()
        finally:
            body.silent = False
        body._styles_cache.clear()
        driver = body.app._driver
        if driver is not None:
            driver.write(self._sequence(came, fresh))

    def _sequence(self, came: int, fresh: int) -> str:
        body, region = self._body, self._body.region
        blank = self._codes(self._filtered(Strip([Segment(" ", body.rich_style)])))
        parts = [
            f"{blank}\x1b[{region.y + 1};{region.bottom}r\x1b[{came}S{WHOLE}\x1b[{region.bottom - fresh + 1};1H",
        ]
        front, current = " " * body.styles.padding.left, blank
        for at, y in enumerate(range(body.size.height - fresh, body.size.height)):
            strip = self._filtered(body.render_line(y))
            runs = [(front, blank), *((segment.text, self._codes(Strip([segment]))) for segment in strip)]
            text, current = self._row(runs, current)
            parts += [NEXT if at else "", text]
        parts.append(PLAIN)
        if body.screen.focused is not body:
            cursor = body.app.cursor_position
            parts.append(f"\x1b[{cursor.y + 1};{cursor.x + 1}H")
        return "".join(parts)

    def _filtered(self, strip: Strip) -> Strip:
        background = self._body.background_colors[1]
        for one in self._body.get_line_filters():
            strip = strip.apply_filter(one, background)
        return strip

    def _row(self, runs: list[tuple[str, str]], current: str) -> tuple[str, str]:
        """A row without the blanks at its end, and the colours that are set after it. Blanks need none of their own."""
        while runs and not runs[-1][0].strip():
            runs.pop()
        if runs:
            runs[-1] = (runs[-1][0].rstrip(), runs[-1][1])
        parts = []
        for text, codes in runs:
            if codes != current and text.strip():
                parts.append(codes)
                current = codes
            parts.append(text)
        full = sum(cell_len(text) for text, _ in runs) >= self._body.region.width
        return "".join(parts) + ("" if full else ERASE), current

    def _codes(self, strip: Strip) -> str:
        """What sets the colours of the strip's beginning, whatever was set before, in those this terminal has."""
        style = next((segment.style for segment in strip), None)
        name = self._body.app.console.color_system
        system = ColorSystem[NAMES.get(name or "", "TRUECOLOR")]
        codes = Strip.render_ansi(style, system) if style else ""
        return f"\x1b[0;{codes}m" if codes else PLAIN
