"""What was said on the line of notices, kept for those who looked away."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from hostdeck.tui.theme import Tone

KEPT = 500


@dataclass(frozen=True, slots=True)
class Notice:
    """`number` counts all of this session."""

    number: int
    at: datetime
    text: str
    tone: Tone


class Notices:
    """The last of them, the oldest first."""

    def __init__(self) -> None:
        self._kept: deque[Notice] = deque(maxlen=KEPT)
        self._count = 0

    def put(self, at: datetime, text: str, tone: Tone) -> None:
        self._count += 1
        self._kept.append(Notice(self._count, at, text, tone))

    def __iter__(self) -> Iterator[Notice]:
        return iter(self._kept)

    def __reversed__(self) -> Iterator[Notice]:
        return reversed(self._kept)
