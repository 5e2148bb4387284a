"""The four numbers at the top of every page, with a word under each, and the frame of what stands below."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import zip_longest
from typing import Any

from rich.text import Text

from hostdeck.core.domain.vocabulary import ServiceStatus
from hostdeck.core.queries.wall import WallCounts
from hostdeck.tui.theme import STYLE, Tone, glyphs
from hostdeck.tui.widgets.columns import fitted
from hostdeck.tui.widgets.digits import ROWS, digits, largest
from hostdeck.tui.widgets.words import joined, muted, plural, toned

SHIFTED = 2
"""Between two columns."""

SERVER_TONE = {"DOWN": Tone.WRONG, "WARN": Tone.WAITING, "STALE": Tone.WAITING, "OK": Tone.OK}
SERVICE_TONE: dict[str, Tone] = {
    ServiceStatus.ERROR: Tone.WRONG,
    ServiceStatus.ACTIVE: Tone.OK,
    ServiceStatus.DEPLOYING: Tone.BUSY,
    ServiceStatus.PENDING: Tone.WAITING,
    ServiceStatus.SUSPENDED: Tone.WAITING,
}
HARMLESS_FIRST = (Tone.MUTED, Tone.OK, Tone.BUSY, Tone.WAITING, Tone.WRONG)
Words = list[tuple[str, Tone]]


def number_lines(counts: WallCounts, width: int, height: int, size: int | None) -> list[Text]:
    """Servers, services, tasks and failures: a number, what it counts, and how that is."""
    pulse = counts.pulse
    failed = f"{plural(counts.tickets, 'ticket')} open" if counts.tickets else "no ticket open"
    numbers: tuple[tuple[str, int, Words], ...] = (
        ("SERVERS", pulse.servers, _words(counts.servers, SERVER_TONE)),
        ("SERVICES", sum(counts.services.values()), _words(counts.services, SERVICE_TONE)),
        ("TASKS", pulse.tasks_running + pulse.tasks_waiting, _tasks(counts)),
        ("FAILED", pulse.tasks_failed, [(failed, Tone.WAITING if counts.tickets else Tone.MUTED)]),
    )
    each = width // len(numbers)
    wanted = size if size is not None else 2 if height >= 60 and width >= 160 else 1
    fits = max((one for one in range(len(ROWS)) if ROWS[one] <= height // 2), default=0)
    found = largest([str(number) for _, number, _ in numbers], min(wanted, fits), each - SHIFTED)
    columns = [_column(word, number, words, found, each) for word, number, words in numbers]
    return [Text("", end="").join(row) for row in zip(*columns, strict=True)]


def _tasks(counts: WallCounts) -> Words:
    pulse = counts.pulse
    found: Words = [] if pulse.workers_alive else [("NO WORKER", Tone.WRONG)]
    found += [(f"{pulse.tasks_running} RUN", Tone.BUSY)] if pulse.tasks_running else []
    found += [(f"{pulse.tasks_waiting} WAIT", Tone.WAITING)] if pulse.tasks_waiting else []
    return found or [("idle", Tone.MUTED)]


def _words(counted: Mapping[Any, int], tones: Mapping[str, Tone]) -> Words:
    found = [(f"{count} {word.upper()}", tones.get(word, Tone.MUTED)) for word, count in counted.items()]
    return sorted(found, key=lambda one: HARMLESS_FIRST.index(one[1])) or [("none", Tone.MUTED)]


def _column(word: str, number: int, words: Words, size: int, width: int) -> list[Text]:
    """The number has the tone of the worst of its words."""
    worst = max((tone for _, tone in words), key=HARMLESS_FIRST.index)
    tone = Tone.WRONG if word == "FAILED" and number else Tone.BRIGHT if worst is Tone.MUTED else worst
    rows = [Text(row, STYLE[tone], end="") for row in digits(str(number), size)]
    # What is harmless goes first where all of it is too wide.
    while len(words) > 1 and sum(len(text) + 1 for text, _ in words) > width - 1:
        words = words[1:]
    under = Text(" ", end="").join([toned(text, tone) for text, tone in words])
    return [_middle(line, width) for line in (*rows, muted(word), under)]


def _middle(text: Text, width: int) -> Text:
    text = fitted(text, min(text.cell_len, width - 1))
    return fitted(joined(" " * ((width - text.cell_len) // 2), text), width)


def heading(title: str, width: int, note: str = "") -> Text:
    """A title, a thin line, and a note at its end."""
    words = f" {note}" if note else ""
    line = glyphs().line * max(0, width - len(title) - len(words) - 2)
    return joined(toned(f" {title} ", Tone.BRIGHT), Text(line, "#2c3648", end=""), muted(words))


def beside(left: Sequence[Text], right: Sequence[Text], width: int) -> list[Text]:
    """Two columns, the first `width` cells wide."""
    blank = Text("", end="")
    return [joined(fitted(one, width), other) for one, other in zip_longest(left, right, fillvalue=blank)]
