"""Courses over a day: each as bars, with its least, its most and what it is now in numbers."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from hostdeck.core.queries.wall import LoadCourse, WallCourses
from hostdeck.screens.wall_numbers import heading
from hostdeck.tui.theme import STYLE, Tone
from hostdeck.tui.widgets.chart import chart, squeezed
from hostdeck.tui.widgets.columns import fitted
from hostdeck.tui.widgets.words import joined, muted, plural

TALLEST = 8


def load_lines(courses: WallCourses | None, width: int, height: int) -> list[Text]:
    """A tier a course; nothing where a title and one line each are too much."""
    if courses is None or not courses.load or height < 1 + len(courses.load):
        return []
    rows = min(TALLEST, (height - 1) // len(courses.load))
    lines = [heading("Load by tier, 24 h", width, "average of its servers")]
    for course in courses.load:
        known = [value for value in course.values if value is not None]
        most = max(100.0, *known) if known else 100.0
        numbers = f"min {_share(min(known, default=None))}  max {_share(max(known, default=None))}  now "
        lines += _course(
            f"{course.role.upper():<5}", _of(course), joined(muted(numbers), _share(course.now)),
            squeezed(course.values, _columns(width, rows), lambda part: sum(part) / len(part)), (rows, most),
            Tone.ACCENT, width,
        )  # fmt: skip
    return lines


def task_lines(courses: WallCourses | None, width: int, height: int) -> list[Text]:
    """What was done and what failed, every five minutes of as much of a day as there is room for."""
    if courses is None or height < 3:
        return []
    rows = min(TALLEST, (height - 1) // 2)
    columns = min(_columns(width, rows), len(courses.done))
    hours = columns * 5 / 60
    lines = [heading("Tasks per 5 min", width, f"{hours:.0f} h" if hours >= 1 else f"{columns * 5} min")]
    for word, counts, tone in (("done", courses.done, Tone.OK), ("failed", courses.failed, Tone.WRONG)):
        shown = counts[-columns:] if columns else ()
        numbers = f"min {min(shown, default=0)}  max {max(shown, default=0)}  now "
        lines += _course(
            f"{word:<7}", f"{sum(shown)} in all", joined(muted(numbers), str(counts[-1])),
            [float(value) for value in shown], (rows, float(max(4, *shown)) if shown else 4.0), tone, width,
        )  # fmt: skip
    return lines


def _course(
    name: str, about: str, numbers: Text, values: Sequence[float | None], shape: tuple[int, float], tone: Tone,
    width: int,
) -> list[Text]:  # fmt: skip
    rows, most = shape
    if rows == 1:
        bars = Text(chart(values, 1, most)[0], STYLE[tone], end="")
        return [fitted(joined(f" {name} ", fitted(bars, _columns(width, 1)), "  ", numbers), width)]
    first = fitted(
        joined(f" {name} ", fitted(muted(about if width >= 54 else ""), 16 if width >= 54 else 0), "  ", numbers), width
    )
    return [first, *(joined(" ", Text(row, STYLE[tone], end="")) for row in chart(values, rows - 1, most))]


def _columns(width: int, rows: int) -> int:
    """How many bars there is room for: of a single row, beside the name and the numbers."""
    return max(8, width - 42) if rows == 1 else max(8, width - 2)


def _of(course: LoadCourse) -> str:
    return plural(course.servers, "server")


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.0f}%"
