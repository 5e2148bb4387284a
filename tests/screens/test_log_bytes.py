"""What following a log costs an engineer's SSH link, and that the terminal shows what was meant."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import ModuleType

import pytest
from tests.drawn import Screen
from tests.screens.test_bytes import RUNNER
from tests.terminal import Terminal

from hostdeck.core.domain.vocabulary import Stream
from hostdeck.core.store.db import transaction
from hostdeck.core.store.work_models import TaskLog

TASK = 17
BUDGET = 1.3
QUIET_BUDGET = 500
ROUNDS = 24
AT_ONCE = 8
EVERY = 0.15
TEXT = "reading the configuration of customer.com, {n} of many, and writing it out again"


def write(seeds: ModuleType, first: int, count: int) -> int:
    """Lines as a worker writes them, fifty a second; the bytes that `hostdeck task log` makes of them."""
    rows = [
        {"task": TASK, "seq": n, "attempt": 1, "at": seeds.NOW + timedelta(seconds=n / 30), "stream": Stream.STDOUT,
         "text": TEXT.format(n=n)}
        for n in range(first, first + count)
    ]  # fmt: skip
    with transaction():
        TaskLog.insert_many(rows).execute()
    return sum(len(f"21:12:45   {row['text']}\n") for row in rows)


@pytest.fixture
def line(seeded: Path, seeds: ModuleType) -> Iterator[Terminal]:
    write(seeds, 4, 100)
    terminal = Terminal([sys.executable, str(RUNNER), str(seeded)])
    terminal.read_until(b"Running and last tasks")
    terminal.read_for(1.0)
    yield terminal
    terminal.close()


def test_following_a_log_costs_little_more_than_its_own_bytes(line: Terminal, seeds: ModuleType) -> None:
    """Fifty lines a second; of fewer each batch costs some sixty bytes more than itself."""
    screen = Screen(120, 36)
    line.press(f":task {TASK}\r")
    screen.feed(line.read_for(2.0))
    own, sent, last = 0, 0, 103
    for _ in range(ROUNDS):
        own += write(seeds, last + 1, AT_ONCE)
        last += AT_ONCE
        data = line.read_for(EVERY)
        sent += len(data)
        screen.feed(data)
    data = line.read_for(1.5)
    screen.feed(data)
    print(f"following: {sent / own:.2f} of {own} bytes")  # noqa: T201
    shown = [row.split("reading")[1] for row in screen.lines if "reading" in row]
    assert shown == [TEXT.format(n=n).removeprefix("reading") for n in range(last - len(shown) + 1, last + 1)]
    assert len(shown) > 20
    assert screen.scrolled == ROUNDS * AT_ONCE
    assert sent <= BUDGET * own


def test_a_screen_that_is_covered_sends_nothing(line: Terminal) -> None:
    """Home with its stopwatch lies under the task, which has one of its own: one cell a second."""
    line.press(f":task {TASK}\r")
    line.read_for(2.0)
    per_second = len(line.read_for(3.0)) / 3.0
    print(f"a running task: {per_second:.0f} B/s")  # noqa: T201
    assert per_second < QUIET_BUDGET
