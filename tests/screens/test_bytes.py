"""What the console costs an engineer's SSH link, measured on a real terminal line."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from hostdeck.core.domain.vocabulary import TaskStatus
from hostdeck.core.store.db import transaction
from hostdeck.core.store.work_models import Task

RUNNER = Path(__file__).with_name("console_runner.py")
SECONDS = 4
UNWANTED = {"NO_COLOR", "TMUX", "COLUMNS", "LINES"}
"""What would make the console draw something else than 120x36 in colour; some test runners set a size."""
IDLE_BUDGET = 150
BUSY_BUDGET = 2500


class Line:
    """The console's end of a pseudo-terminal, 120x36."""

    def __init__(self, home: Path, runner: Path = RUNNER) -> None:
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 36, 120, 0, 0))
        keep = {key: value for key, value in os.environ.items() if key not in UNWANTED}
        env = keep | {"TERM": "xterm-256color", "COLORTERM": "truecolor", "PYTHONUTF8": "1"}
        self.process = subprocess.Popen(
            [sys.executable, str(runner), str(home)], stdin=slave, stdout=slave, stderr=slave, env=env, close_fds=True
        )
        os.close(slave)

    def read_for(self, seconds: float) -> bytes:
        data, end = b"", time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if select.select([self.master], [], [], left)[0]:
                data += os.read(self.master, 65536)
        return data

    def read_until(self, text: bytes) -> None:
        """Until the console has drawn this; the test's time limit ends the wait."""
        data = b""
        while text not in data:
            data += os.read(self.master, 65536)

    def press(self, key: str) -> None:
        os.write(self.master, key.encode())

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self.master)


@pytest.fixture
def line(seeded: Path) -> Iterator[Line]:
    terminal = Line(seeded)
    terminal.read_until(b"Running and last tasks")
    terminal.read_for(1.5)
    yield terminal
    terminal.close()


def touch_ten(turn: int) -> None:
    with transaction():
        for task in range(1, 11):
            status = TaskStatus.RETRYING if (turn + task) % 2 else TaskStatus.RUNNING
            Task.update(status=status, attempts=1 + turn % 3, finished_at=None).where(Task.id == task).execute()


def test_an_idle_console_sends_next_to_nothing(line: Line) -> None:
    """Home with one running task, whose stopwatch ticks."""
    per_second = len(line.read_for(SECONDS)) / SECONDS
    print(f"idle: {per_second:.0f} B/s")  # noqa: T201
    assert per_second < IDLE_BUDGET


def test_ten_rows_changing_each_second_stay_in_the_budget(line: Line) -> None:
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
