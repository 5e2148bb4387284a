"""A task's log by pieces: how far it goes, some of its lines by their numbers, and the numbers of lines that match.

Nothing here reads a whole log at once: a million lines are a viewport, a count, and pages of numbers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from peewee import fn

from hostdeck.core.domain.vocabulary import FINAL, Stream, TaskStatus
from hostdeck.core.errors import NotFound
from hostdeck.core.queries.narrowed import all_of
from hostdeck.core.queries.rows import like
from hostdeck.core.store.work_models import Task, TaskLog

TOGETHER = 500
"""Numbers in one `IN (...)`; SQLite takes more, but a screen is never that high."""


class Line(NamedTuple):
    """One line of a log; `seq` runs 1, 2, 3… within its task."""

    task: int
    seq: int
    attempt: int
    at: datetime
    stream: Stream
    text: str


@dataclass(frozen=True, slots=True)
class Extent:
    """`spans` are the runs of numbers that are there, (first, last), `tries` each attempt with the number of its first
    line. `final`: the task will write no more."""

    spans: tuple[tuple[int, int], ...]
    tries: tuple[tuple[int, int], ...]
    final: bool

    @property
    def last(self) -> int:
        return self.spans[-1][1] if self.spans else 0


@dataclass(frozen=True, slots=True)
class More:
    """What followed; `full` when there may be more of it at once."""

    lines: tuple[Line, ...]
    final: bool
    full: bool = False


class Kind(StrEnum):
    TEXT = "text"
    ERRORS = "errors"
    STEPS = "steps"


@dataclass(frozen=True, slots=True)
class Search:
    """TEXT: lines with all of `words` and none of `without`, upper and lower case alike. ERRORS: what a node said on
    stderr, and exits other than 0. STEPS: commands and our own notes, without what the node said."""

    kind: Kind = Kind.TEXT
    words: tuple[str, ...] = ()
    without: tuple[str, ...] = ()

    def condition(self) -> Any:
        if self.kind is Kind.STEPS:
            return TaskLog.stream.in_([Stream.COMMAND, Stream.NOTE])
        if self.kind is Kind.ERRORS:
            exits = TaskLog.text.startswith("exit ") & ~TaskLog.text.startswith("exit 0 ")
            return (TaskLog.stream == Stream.STDERR) | ((TaskLog.stream == Stream.NOTE) & exits)
        kept = [like(TaskLog.text, word) for word in self.words]
        left_out = [~like(TaskLog.text, word) for word in self.without]
        return all_of([TaskLog.seq > 0, *kept, *left_out])


def moment(value: Any) -> datetime:
    """A row's time. The column's own reading of it tries formats one by one, ten microseconds a line."""
    at = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return at.replace(tzinfo=UTC)


AT = TaskLog.at.alias("at").converter(moment)
COLUMNS = (TaskLog.task, TaskLog.seq, TaskLog.attempt, AT, TaskLog.stream, TaskLog.text)


def status_of(task: int) -> TaskStatus:
    status = Task.select(Task.status).where(Task.id == task).scalar()
    if status is None:
        raise NotFound("task", f"there is no task {task}; see 'hostdeck task list'")
    return TaskStatus(status)


def extent(task: int) -> Extent:
    """How far the log goes now."""
    # The status first: a task that ends between the two reads has then written all the lines that the second sees.
    final = status_of(task) in FINAL
    of = TaskLog.task == task
    # One at a time: each is a step into the index, both in one query would walk through all of it.
    first = TaskLog.select(fn.MIN(TaskLog.seq)).where(of).scalar()
    last = TaskLog.select(fn.MAX(TaskLog.seq)).where(of).scalar()
    if first is None:
        return Extent((), (), final)
    count = TaskLog.select(fn.COUNT(TaskLog.seq)).where(of, TaskLog.seq <= last).scalar()
    spans = ((first, last),) if count == last - first + 1 else tuple(_spans(task, first, last))
    return Extent(spans, tuple(_tries(task, first, last)), final)


def _spans(task: int, first: int, last: int) -> Iterator[tuple[int, int]]:
    following = fn.LEAD(TaskLog.seq).over(order_by=[TaskLog.seq])
    pairs = TaskLog.select(TaskLog.seq, following.alias("after")).where(TaskLog.task == task, TaskLog.seq <= last)
    gaps = pairs.select_from(pairs.c.seq, pairs.c.after).where(pairs.c.after > pairs.c.seq + 1)
    for before, after in sorted(gaps.tuples()):
        yield first, before
        first = after
    yield first, last


def _tries(task: int, first: int, last: int) -> Iterator[tuple[int, int]]:
    """Attempts only grow along a log: where one begins is found by halving."""
    seq, attempt = _at_or_after(task, first)
    end = _at_or_after(task, last)[1]
    yield attempt, seq
    while attempt < end:
        low, high = seq, last
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if _at_or_after(task, middle)[1] > attempt else (middle, high)
        seq, attempt = _at_or_after(task, high)
        yield attempt, seq


def _at_or_after(task: int, seq: int) -> tuple[int, int]:
    """Number and attempt of the first line from `seq` on."""
    query = TaskLog.select(TaskLog.seq, TaskLog.attempt).where(TaskLog.task == task, TaskLog.seq >= seq)
    found: tuple[int, int] = query.order_by(TaskLog.seq).tuples().first()
    return found


def lines(task: int, numbers: Sequence[int]) -> list[Line]:
    """Those of the lines that are there, in order; `numbers` ascend."""
    found: list[Line] = []
    for start in range(0, len(numbers), TOGETHER):
        some = numbers[start : start + TOGETHER]
        close = some[-1] - some[0] < 2 * len(some)
        which = TaskLog.seq.between(some[0], some[-1]) if close else TaskLog.seq.in_(list(some))
        found += _read(task, which)
    return found


def after(task: int, last: int, limit: int = 500) -> More:
    """The lines that follow line `last`."""
    final = status_of(task) in FINAL
    query = TaskLog.select(*COLUMNS).where(TaskLog.task == task, TaskLog.seq > last).order_by(TaskLog.seq).limit(limit)
    found = tuple(map(Line._make, query.tuples()))
    return More(found, final and len(found) < limit, len(found) == limit)


def matching(task: int, what: Search, after: int, upto: int) -> list[int]:
    """Numbers of the lines after `after`, up to and with `upto`, that match."""
    span = (TaskLog.task == task) & (TaskLog.seq > after) & (TaskLog.seq <= upto)
    query = TaskLog.select(TaskLog.seq).where(span, what.condition()).order_by(TaskLog.seq)
    return [seq for (seq,) in query.tuples()]


def since(task: int, seconds: float, first: int, last: int) -> int:
    """Number of the first line from `first` to `last` that is not older than so long before the last one. Found by
    halving, for a line is not older than those before it."""
    newest = _time(task, last)
    if newest is None:
        return last
    wanted = newest - timedelta(seconds=seconds)
    low, high = first - 1, last
    while high - low > 1:
        middle = (low + high) // 2
        at = _time(task, middle)
        low, high = (middle, high) if at is not None and at < wanted else (low, middle)
    return _at_or_after(task, high)[0]


def _time(task: int, seq: int) -> datetime | None:
    query = TaskLog.select(AT).where(TaskLog.task == task, TaskLog.seq >= seq)
    row = query.order_by(TaskLog.seq).tuples().first()
    return row[0] if row else None


def _read(task: int, which: Any) -> list[Line]:
    query = TaskLog.select(*COLUMNS).where(TaskLog.task == task, which).order_by(TaskLog.seq)
    return list(map(Line._make, query.tuples()))
