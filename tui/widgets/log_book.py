"""The lines of one task as a log keeps them: bounded, numbered, honest about gaps, searchable. Nothing is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from hostdeck.core.domain.inputs import clean_line
from hostdeck.core.domain.vocabulary import Stream
from hostdeck.core.queries.views import LogLine

LIMIT = 5000


@dataclass(frozen=True, slots=True)
class Entry:
    """One line as shown; `stream` is None for what the log itself has to say."""

    text: str
    stream: Stream | None
    at: datetime | None = None
    attempt: int = 0


class LogBook:
    """`first` is the number of the oldest line kept, so that a line keeps its number when older ones go."""

    def __init__(self, limit: int = LIMIT) -> None:
        self.entries: list[Entry] = []
        self.first = 0
        self.last_seq = 0
        self.needle = ""
        self.hits: list[int] = []
        self._limit = limit

    def __len__(self) -> int:
        return len(self.entries)

    @property
    def end(self) -> int:
        """The number the next line gets."""
        return self.first + len(self.entries)

    def get(self, number: int) -> Entry | None:
        index = number - self.first
        return self.entries[index] if 0 <= index < len(self.entries) else None

    def add(self, lines: Sequence[LogLine]) -> tuple[int, int]:
        """How many lines came to the end, and how many went from the beginning."""
        before = self.end
        attempt = next((e.attempt for e in reversed(self.entries) if e.attempt), 0)
        for line in lines:
            if line.seq <= self.last_seq:
                continue
            if missing := line.seq - self.last_seq - 1:
                self._put(Entry(f"-- {missing} {'line' if missing == 1 else 'lines'} missing --", None))
            if line.attempt > 1 and line.attempt != attempt:
                self._put(Entry(f"-- try {line.attempt} --", None, attempt=line.attempt))
            attempt = line.attempt
            self._put(Entry(clean_line(line.text.expandtabs()), line.stream, line.at, line.attempt))
            self.last_seq = line.seq
        gone = max(0, len(self.entries) - self._limit)
        if gone:
            del self.entries[:gone]
            self.first += gone
            self.hits = [number for number in self.hits if number >= self.first]
        return self.end - before, gone

    def _put(self, entry: Entry) -> None:
        if self.needle and self.needle in entry.text.casefold():
            self.hits.append(self.end)
        self.entries.append(entry)

    def find(self, needle: str) -> None:
        self.needle = needle.casefold()
        self.hits = (
            [self.first + n for n, entry in enumerate(self.entries) if self.needle in entry.text.casefold()]
            if needle
            else []
        )
