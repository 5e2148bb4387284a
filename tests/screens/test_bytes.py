"""What the console costs an engineer's SSH link, measured on a real terminal line."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.terminal import Terminal

from hostdeck.core.domain.vocabulary import TaskStatus
from hostdeck.core.store.db import transaction
from hostdeck.core.store.work_models import Task

RUNNER = Path(__file__).with_name("console_runner.py")
SECONDS = 4
IDLE_BUDGET = 150
BUSY_BUDGET = 2500


@pytest.fixture
def line(seeded: Path) -> Iterator[Terminal]:
    terminal = Terminal([sys.executable, str(RUNNER), str(seeded)])
    terminal.read_until(b"Running and last tasks")
    # The first picture is drawn when it has been read, which beside other tests may be later.
    for _ in range(10):
        if len(terminal.read_for(1.5)) < 1.5 * IDLE_BUDGET:
            break
    yield terminal
    terminal.close()


def touch_ten(turn: int) -> None:
    with transaction():
        for task in range(1, 11):
            status = TaskStatus.RETRYING if (turn + task) % 2 else TaskStatus.RUNNING
            Task.update(status=status, attempts=1 + turn % 3, finished_at=None).where(Task.id == task).execute()


def test_an_idle_console_sends_next_to_nothing(line: Terminal) -> None:
    """Home with one running task, whose stopwatch ticks."""
    per_second = len(line.read_for(SECONDS)) / SECONDS
    print(f"idle: {per_second:.0f} B/s")  # noqa: T201
    assert per_second < IDLE_BUDGET


def test_ten_rows_changing_each_second_stay_in_the_budget(line: Terminal) -> None:
    touch_ten(0)
    line.read_for(1.0)
    data = b""
    for turn in range(1, SECONDS + 1):
        touch_ten(turn)
        data += line.read_for(1.0)
    per_second = len(data) / SECONDS
    print(f"ten rows: {per_second:.0f} B/s")  # noqa: T201
    assert data, "nothing was drawn: the rows did not reach the screen"
    assert per_second < BUSY_BUDGET
