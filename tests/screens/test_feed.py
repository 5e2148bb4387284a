"""The pulse: it asks only after a change, tells only a difference, and outlives a database that is away."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

import pytest

from hostdeck.core.errors import HostdeckError, NotFound
from hostdeck.tui.feed import Feed

T = TypeVar("T")
NOON = datetime(2026, 3, 14, 12, tzinfo=UTC)


class Data:
    """A reader whose version and mood the test sets."""

    def __init__(self) -> None:
        self.number = 1
        self.away: str | None = None
        self.answer: Any = "one"
        self.asked = 0

    async def version(self) -> int:
        if self.away:
            raise OSError(self.away)
        return self.number

    async def read(self, query: Callable[[], T]) -> T:
        return query()

    def query(self) -> Any:
        self.asked += 1
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


async def test_nothing_is_asked_while_nothing_changes() -> None:
    data, shown = Data(), []
    feed = Feed(data, lambda: NOON, lambda: None)
    feed.watch(data.query, shown.append)
    for _ in range(5):
        await feed.beat()
    assert (data.asked, shown) == (1, ["one"])


async def test_a_change_is_asked_for_and_only_a_difference_told() -> None:
    data, shown = Data(), []
    feed = Feed(data, lambda: NOON, lambda: None)
    feed.watch(data.query, shown.append)
    await feed.beat()
    data.number = 2
    await feed.beat()
    data.number, data.answer = 3, "two"
    await feed.beat()
    assert (data.asked, shown) == (3, ["one", "two"])


async def test_what_is_not_seen_is_not_asked() -> None:
    data, shown, seen = Data(), [], [False]
    feed = Feed(data, lambda: NOON, lambda: None)
    feed.watch(data.query, shown.append, visible=lambda: seen[0])
    await feed.beat()
    assert data.asked == 0
    seen[0] = True
    await feed.beat()
    assert shown == ["one"]


async def test_a_database_that_is_away_leaves_a_mark_and_what_was_shown() -> None:
    data, shown, marks = Data(), [], []
    feed = Feed(data, lambda: NOON, lambda: marks.append(feed.stale))
    feed.watch(data.query, shown.append)
    await feed.beat()
    data.away = "database is locked\nmore"
    await feed.beat()
    await feed.beat()
    data.away = None
    await feed.beat()
    assert marks == [None, ("database is locked", NOON), None]  # the first word of it, too
    assert shown == ["one"]


async def test_a_lost_object_is_told_to_its_screen() -> None:
    data, lost = Data(), []
    data.answer = NotFound("task", "there is no task 9")
    feed = Feed(data, lambda: NOON, lambda: None)

    def failed(error: HostdeckError) -> None:
        lost.append(str(error))

    feed.watch(data.query, lambda answer: None, failed=failed)
    await feed.beat()
    await feed.beat()
    assert lost == ["task: there is no task 9"]
    assert feed.stale is None


async def test_a_slow_tick_asks_without_a_change() -> None:
    data = Data()
    feed = Feed(data, lambda: NOON, lambda: None)
    feed.watch(data.query, lambda answer: None, every=lambda: 0.0)
    await feed.beat()
    await feed.beat()
    assert data.asked == 2


async def test_at_most_every_so_often_is_meant_of_what_changes_with_the_clock_too() -> None:
    data, often, steady = Data(), Data(), Data()
    feed = Feed(data, lambda: NOON, lambda: None)
    feed.least = 3600.0
    feed.watch(often.query, lambda answer: None, every=lambda: 0.0)
    feed.watch(steady.query, lambda answer: None, every=lambda: 0.0, steady=True)
    for number in range(4):
        data.number = number
        await feed.beat()
        await feed.beat()
    assert (often.asked, steady.asked) == (1, 8)


@pytest.mark.parametrize("answer", ["one", NotFound("task", "there is no task 7")])
async def test_who_was_left_while_it_was_read_is_told_nothing_until_it_is_seen_again(answer: object) -> None:
    data, told, seen = Data(), [], [True]
    feed = Feed(data, lambda: NOON, lambda: None)

    def query() -> object:
        seen[0] = False
        data.answer = answer
        return data.query()

    watch = feed.watch(query, told.append, visible=lambda: seen[0], failed=lambda error: told.append(str(error)))
    await feed.beat()
    assert told == []
    watch.query, seen[0] = data.query, True
    await feed.beat()
    assert len(told) == 1
