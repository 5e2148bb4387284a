"""A course of values as bars of several rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from hostdeck.tui.theme import UNICODE, glyphs
from hostdeck.tui.widgets.spark import BARS, POOR


def chart(values: Sequence[float | None], height: int, most: float) -> list[str]:
    """A column a value, `most` as high as all rows. A gap where there is none; what is more than nothing is seen."""
    bars = BARS if glyphs() is UNICODE else POOR
    steps = len(bars)
    rows = []
    for row in range(height - 1, -1, -1):
        line = ""
        for value in values:
            if value is None:
                line += " "
                continue
            # One step is the ground line, that of nothing at all.
            level = 1 + round((height * steps - 1) * min(value, most) / most) if most else 1
            level = max(2, level) if value else level
            line += bars[min(steps, level - row * steps) - 1] if level > row * steps else " "
        rows.append(line)
    return rows


def squeezed(
    values: Sequence[float | None], width: int, of_each: Callable[[Sequence[float]], float]
) -> list[float | None]:
    """At most `width` values: neighbours become one."""
    count = len(values)
    if count <= width:
        return list(values)
    found: list[float | None] = []
    for column in range(width):
        known = [v for v in values[column * count // width : (column + 1) * count // width] if v is not None]
        found.append(of_each(known) if known else None)
    return found
