"""A course of values as one line of bars."""

from __future__ import annotations

from collections.abc import Sequence

from hostdeck.tui.theme import UNICODE, glyphs

BARS = "▁▂▃▄▅▆▇█"
POOR = "_.-=+*%#"


def spark(values: Sequence[float | None], width: int, most: float = 100.0) -> str:
    """The newest `width` values, each at its height below `most`; a gap where there is none."""
    bars = BARS if glyphs() is UNICODE else POOR
    top = len(bars) - 1
    return "".join(
        " " if value is None else bars[max(0, min(top, round(top * value / most)))] for value in values[-width:]
    )
