"""Times, ages and foreign text, as they are written on screens."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo

from rich.text import Text

from hostdeck.core.domain.text import clean_line
from hostdeck.tui.theme import STYLE, Tone


def inert(value: str | Text) -> Text:
    """Text that can do nothing: markup is not read, control characters are gone."""
    if isinstance(value, str):
        return Text(clean_line(value), end="", no_wrap=True)
    clean = clean_line(value.plain)
    return value if clean == value.plain else Text(clean, end="", no_wrap=True)


def toned(text: str, tone: Tone) -> Text:
    """The colour is a span, not the text's own style: it must not run on into what is appended."""
    return Text.assemble((clean_line(text), STYLE[tone]), end="", no_wrap=True)


def muted(text: str) -> Text:
    return toned(text, Tone.MUTED)


def joined(*parts: str | Text) -> Text:
    return Text.assemble(*(inert(part) for part in parts), end="", no_wrap=True)


def styled(parts: Sequence[tuple[str, Tone]]) -> Text:
    """Our own words in colours, for texts that are more than a line."""
    return Text.assemble(*((text, STYLE[tone]) for text, tone in parts), end="")


def ago(then: datetime | None, now: datetime) -> str:
    """How old something is, in the coarsest unit that says it: now, 4m, 3h, 2d."""
    if then is None:
        return "-"
    seconds = int((now - then).total_seconds())
    for size, unit in ((86400, "d"), (3600, "h"), (60, "m")):
        if seconds >= size:
            return f"{seconds // size}{unit}"
    return "now"


def took(seconds: float | None) -> str:
    """A duration as a stopwatch shows it: 0:07, 1:12, 2:03:04."""
    if seconds is None:
        return "-"
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def clock(at: datetime | None, zone: tzinfo | None) -> str:
    return "-" if at is None else at.astimezone(zone).strftime("%H:%M:%S")


def moment(at: datetime | None, zone: tzinfo | None, now: datetime) -> str:
    """The time of day; with the date when that is another day."""
    if at is None:
        return "-"
    here, today = at.astimezone(zone), now.astimezone(zone)
    return here.strftime("%H:%M:%S" if here.date() == today.date() else "%Y-%m-%d %H:%M")


def plural(count: int, one: str, many: str = "") -> str:
    return f"{count} {one if count == 1 else many or one + 's'}"
