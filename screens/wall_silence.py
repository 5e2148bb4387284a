"""When a wall must not show what it knows: nothing was read for a while, or nobody collects figures any more."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from rich.style import Style
from rich.text import Text

from hostdeck.core.queries.wall import WallCounts
from hostdeck.screens.wall_pages import Room
from hostdeck.tui.theme import STYLE, Tone
from hostdeck.tui.widgets.columns import fitted
from hostdeck.tui.widgets.digits import digits, largest
from hostdeck.tui.widgets.words import inert, plural

TRUE_FOR = timedelta(seconds=30)
"""How long what was read is shown after the last successful reading; figures have their collection interval besides."""

REVERSED = Style(reverse=True)
LIVE_FOR = timedelta(seconds=5)
"""Younger than this is not worth a number that changes each second."""


class Heard(Protocol):
    """What is asked of the feed."""

    heard_at: datetime | None
    stale: tuple[str, datetime] | None


@dataclass(frozen=True)
class Silence:
    """Since when, and in words why and what to do."""

    since: datetime
    reasons: tuple[str, ...]


def silence(counts: WallCounts | None, feed: Heard, now: datetime, started: datetime) -> Silence | None:
    """None while what was read may be shown. The database comes first: without it nothing is known of the figures."""
    heard = feed.heard_at or started
    if now - heard > TRUE_FOR:
        why = feed.stale[0] if feed.stale else "no answer"
        return Silence(heard, ("the database can't be read; it is tried again all the time", why))
    if counts is None or counts.figures_at is None or now - counts.figures_at <= counts.collect_every + TRUE_FOR:
        return None
    every = plural(round(counts.collect_every.total_seconds()), "second")
    pulse = counts.pulse
    work = f"tasks: {pulse.tasks_running} running, {pulse.tasks_waiting} waiting, {pulse.tasks_failed} failed"
    if pulse.workers_alive:
        worker = "a worker is UP; its log says why it collects nothing"
    else:
        worker = "worker DOWN; start it: hostdeck worker"
    why = f"no server's figures were collected since; they are due every {every}"
    return Silence(counts.figures_at, (why, worker, work))


def silence_lines(quiet: Silence, room: Room, at: Callable[[datetime], str]) -> list[Text]:
    """The whole page says it, in words that can be read from afar."""
    since = at(quiet.since)
    size = largest([since], 3 if room.height >= 40 else 2, room.width - 4) if since.replace(":", "").isdecimal() else 0
    wrong = STYLE[Tone.WRONG]
    band, said = (
        Text.assemble((_middle(text, room.width), wrong + REVERSED), end="") for text in ("", f"NO DATA SINCE {since}")
    )
    big = [Text.assemble((_middle(row, room.width), wrong), end="") for row in digits(since, size)] if size else []
    words = [inert(_middle(reason, room.width)) for reason in quiet.reasons]
    lines = [band, said, band, Text(""), *big, Text(""), *words]
    above = max(0, (room.height - len(lines)) // 3)
    return [*(Text("") for _ in range(above)), *(fitted(line, room.width) for line in lines)][: room.height]


def _middle(text: str, width: int) -> str:
    return text.center(width)
