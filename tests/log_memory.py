"""A log that is held in memory, for tests of what is shown of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from hostdeck.core.domain.vocabulary import Stream
from hostdeck.core.queries.log_lines import Extent, Kind, Line, More, Search
from hostdeck.tui.widgets.log_outline import Key, Outline, TaskOutline
from hostdeck.tui.widgets.log_sources import Begin

AT = datetime(2026, 3, 14, 21, 12, 45, tzinfo=UTC)


def line(seq: int, text: str = "", attempt: int = 1, stream: Stream = Stream.STDOUT, task: int = 1) -> Line:
    return Line(task, seq, attempt, AT + timedelta(seconds=seq / 10), stream, text or f"line {seq}")


class Memory:
    """`held` may grow; `asked` are the numbers that were asked for, in order."""

    def __init__(self, *held: Line, final: bool = False) -> None:
        self.held = list(held)
        self.final = final
        self.asked: list[list[int]] = []

    def begin(self) -> Begin:
        outline = TaskOutline.of(1, Extent((), (), False))
        outline.add(self.held)
        tries = tuple(dict.fromkeys(one.attempt for one in self.held))
        return Begin(outline, tuple(self.held[-50:]), tries, self.final)

    def more(self, last: Mapping[int, int]) -> More:
        return More(tuple(one for one in self.held if one.seq > last[1]), self.final)

    def lines(self, keys: Sequence[Key]) -> list[Line]:
        self.asked.append([seq for _, seq in keys])
        return [one for one in self.held if (one.task, one.seq) in keys]

    def matching(self, what: Search, task: int, after: int, upto: int) -> list[int]:
        return [one.seq for one in self.held if after < one.seq <= upto and _matches(one, what)]

    def since(self, seconds: float, outline: Outline) -> int:
        newest = self.held[-1].at
        first = next(one for one in self.held if (newest - one.at).total_seconds() <= seconds)
        return outline.row_of((1, first.seq)) or 0

    def tag(self, task: int) -> str:
        return ""


def _matches(one: Line, what: Search) -> bool:
    if what.kind is Kind.STEPS:
        return one.stream in (Stream.COMMAND, Stream.NOTE)
    if what.kind is Kind.ERRORS:
        return one.stream is Stream.STDERR or (one.text.startswith("exit ") and not one.text.startswith("exit 0 "))
    text = one.text.casefold()
    return all(word in text for word in what.words) and not any(word in text for word in what.without)
