"""Small drawings of one value: a word with its colour, a capacity, a bar."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from rich.text import Text

from hostdeck.core.domain.vocabulary import Role
from hostdeck.tui.theme import STYLE, Tone, glyphs
from hostdeck.tui.widgets.words import muted, toned

if TYPE_CHECKING:
    from hostdeck.core.queries.views import TaskRow

TONES: dict[str, Tone] = {
    "active": Tone.OK,
    "ok": Tone.OK,
    "success": Tone.OK,
    "skipped": Tone.MUTED,
    "running": Tone.BUSY,
    "deploying": Tone.BUSY,
    "suspending": Tone.BUSY,
    "terminating": Tone.BUSY,
    "removing": Tone.BUSY,
    "queued": Tone.WAITING,
    "waiting": Tone.MUTED,
    "pending": Tone.WAITING,
    "retrying": Tone.WAITING,
    "draining": Tone.WAITING,
    "suspended": Tone.WAITING,
    "failed": Tone.WRONG,
    "open": Tone.WRONG,
    "closed": Tone.MUTED,
    "error": Tone.WRONG,
    "quarantined": Tone.WRONG,
    "cancelled": Tone.MUTED,
    "disabled": Tone.MUTED,
    "terminated": Tone.MUTED,
    "unknown": Tone.MUTED,
    "FAIL": Tone.WRONG,
    "DOWN": Tone.WRONG,
    "WARN": Tone.WAITING,
    "warn": Tone.WAITING,
}
ROLE_LETTER = {Role.WEB: "web", Role.MAIL: "mail", Role.DNS: "dns"}


def pill(status: str) -> Text:
    """A state: its word, in the colour of what it means."""
    return toned(str(status), TONES.get(str(status), Tone.PLAIN))


def task_pill(task: TaskRow, now_s: float | None = None) -> Text:
    """A task's state; a retry says when, a running task that was asked to stop says so."""
    if task.cancel_asked and task.finished_at is None:
        return toned("stopping", Tone.WAITING)
    if now_s is not None and task.status == "retrying" and task.not_before is not None:
        left = int(task.not_before.timestamp() - now_s)
        if left > 0:
            return toned(f"retry in {left}s" if left < 100 else f"retry in {left // 60}m", Tone.WAITING)
    return pill(task.status)


def capacity(used: int, most: int) -> Text:
    """`3/∞`, `80/100`; full is wrong, nearly full is a warning. 0 is unlimited."""
    if most == 0:
        return Text.assemble(str(used), (f"/{glyphs().endless}", STYLE[Tone.MUTED]))
    tone = Tone.WRONG if used >= most else Tone.WAITING if used >= 0.9 * most else Tone.PLAIN
    return toned(f"{used}/{most}", tone)


def percent(value: float | None, warn: float = 80, wrong: float = 90) -> Text:
    if value is None:
        return muted("-")
    tone = Tone.WRONG if value >= wrong else Tone.WAITING if value >= warn else Tone.PLAIN
    return toned(f"{value:.0f}%", tone)


def bar(done: int, width: int, tone: Tone = Tone.BUSY, *, failed: bool = False) -> Text:
    """A progress bar for 0 to 100; it is full only at 100."""
    shape = glyphs()
    filled = width if done >= 100 else min(width - 1, width * done // 100)
    return Text.assemble(
        (shape.full * filled, STYLE[Tone.WRONG if failed else tone]),
        (shape.empty * (width - filled), STYLE[Tone.MUTED]),
    )


def roles(given: Iterable[Role]) -> str:
    """Always in the same order, so that a column of them can be scanned."""
    held = set(given)
    return " ".join(ROLE_LETTER[role] for role in Role if role in held)


def span(start: float, end: float, scale: float, width: int, tone: Tone) -> Text:
    """A task's stretch of time on a scale that all rows share; never invisible."""
    if scale <= 0 or width <= 0:
        return Text("")
    left = min(width - 1, int(width * max(0.0, start) / scale))
    length = max(1, min(width - left, round(width * (end - start) / scale)))
    return Text.assemble(" " * left, (glyphs().bar * length, STYLE[tone]))
