"""What the console costs with 10,000 services, 1,000 servers, 100,000 tasks and a log of a million lines."""

from __future__ import annotations

import sqlite3
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests import big_fleet
from tests.terminal import Terminal

from hostdeck.core.errors import Refused
from hostdeck.core.settings import Settings
from hostdeck.core.store.db import close_store
from hostdeck.core.store.home import make_home

HERE = Path(__file__).parent
CONSOLE = HERE / "console_runner.py"
BARE = HERE / "bare_table.py"
ROUNDS = 2
KEY_BUDGET = 0.050
"""Seconds from a key to the first byte drawn, at the 95th percentile of the best round."""
FIRST = 1.5
"""So many times a bare table's start; 1.3 where nothing else runs."""
LEAST, MOST = 3, 15
"""Rounds of such starts."""
BUSY = 3.0
"""On a machine that is busy with other tests: so many times what a bare table takes there at that moment."""

pytestmark = pytest.mark.xdist_group("big fleet")


@pytest.fixture(scope="module")
def big(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("big")
    big_fleet.make(home)
    return home


@pytest.fixture
def console(big: Path) -> Iterator[Terminal]:
    terminal = Terminal([sys.executable, str(CONSOLE), str(big)])
    terminal.read_until(b"Running and last tasks")
    yield terminal
    terminal.close()


@pytest.fixture
def bare() -> Iterator[Terminal]:
    terminal = Terminal([sys.executable, str(BARE)])
    terminal.read_until(b"row 25")
    yield terminal
    terminal.close()


def late(terminal: Terminal) -> float:
    """Of twenty steps of the cursor, the one that only one was slower than."""
    down, up = "\x1b[B", "\x1b[A"
    return sorted(terminal.answer(key) for key in [down, down, *[down, up] * 9])[-2]


def seconds_until(seen: bytes, *argv: str) -> float:
    """From the start of a program to its first picture with that on it."""
    start = time.monotonic()
    terminal = Terminal([sys.executable, *argv])
    try:
        terminal.read_until(seen)
        return time.monotonic() - start
    finally:
        terminal.close()


def test_the_first_picture_comes_in_little_more_time_than_a_bare_table(
    big: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its frame and keys, whatever lies in the database; the rows come as soon as they are read. The first round
    compiles both sides, as what was installed is. The best of each side counts, and what runs beside this test spoils
    one or the other, so they are tried more often where it is close."""
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    monkeypatch.setenv("PYTHONPYCACHEPREFIX", str(tmp_path))
    frame = rows = bare = float("inf")
    for turn in range(MOST):
        frame = min(frame, seconds_until(b"new order", "-m", "hostdeck", "--home", str(big)))
        rows = min(rows, seconds_until(b"Running and last tasks", "-m", "hostdeck", "--home", str(big)))
        bare = min(bare, seconds_until(b"row 25", str(BARE)))
        if turn >= LEAST and frame < FIRST * bare:
            break
    print(f"frame {frame:.2f} s, rows {rows:.2f} s, a bare table {bare:.2f} s")  # noqa: T201
    assert frame < FIRST * bare


def test_what_is_typed_before_the_database_is_read_is_not_lost(big: Path) -> None:
    terminal = Terminal([sys.executable, "-m", "hostdeck", "--home", str(big)])
    terminal.read_until(b"new order")
    terminal.press("4/shop00042\r")
    terminal.read_until(b"1 of 10000")
    terminal.close()


def test_a_key_that_asks_at_once_waits_for_the_database(big: Path) -> None:
    """A pseudo-terminal keeps what is typed before anybody reads it."""
    terminal = Terminal([sys.executable, "-m", "hostdeck", "--home", str(big)])
    terminal.press("z")
    terminal.read_until(b"you have not wished anything yet")
    terminal.close()


def test_a_database_that_can_not_be_opened_is_said_in_the_shell(tmp_path: Path) -> None:
    home = tmp_path / "older"
    make_home(Settings(home=home))
    close_store()
    with sqlite3.connect(home / "hostdeck.db") as file:
        file.execute("DELETE FROM schema_migration WHERE name = (SELECT max(name) FROM schema_migration)")
    terminal = Terminal([sys.executable, "-m", "hostdeck", "--home", str(home)])
    assert b"new order" in terminal.read_until(b"its schema is older than this program")
    assert terminal.process.wait() == Refused.exit_code
    terminal.close()


@pytest.mark.parametrize(
    ("section", "seen"),
    [("4", b"10000 in all"), ("6", b"100000 in all"), ("2", b"new server")],
    ids=["services", "tasks", "servers"],
)
def test_a_key_is_drawn_within_fifty_milliseconds(console: Terminal, bare: Terminal, section: str, seen: bytes) -> None:
    console.press(section)
    console.read_until(seen)
    rounds = [(late(console), late(bare)) for _ in range(ROUNDS)]
    ours, theirs = (min(side) for side in zip(*rounds, strict=True))
    print(f"{section}: {ours * 1000:.0f} ms, a bare table {theirs * 1000:.0f} ms")  # noqa: T201
    assert ours < max(KEY_BUDGET, BUSY * theirs)


def test_the_end_of_a_list_of_a_hundred_thousand_is_one_key_away(console: Terminal) -> None:
    console.press("6")
    console.read_until(b"100000 in all")
    console.press("G")
    console.read_until(b"shop00001")
    console.press("g")
    console.read_until(b"shop10000")


def test_a_filter_looks_through_all_of_them(console: Terminal) -> None:
    console.press("4")
    console.read_until(b"10000 in all")
    console.press("/shop00042\r")
    console.read_until(b"1 of 10000")


def test_what_a_filter_found_is_still_under_the_cursor_among_all(console: Terminal) -> None:
    console.press("4")
    console.read_until(b"10000 in all")
    console.press("/shop00042\r")
    console.read_until(b"1 of 10000")
    console.press("\x1b")
    console.read_until(b"shop00043")
