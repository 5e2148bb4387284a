"""Logs as they look, at the two sizes that matter."""

from __future__ import annotations

from datetime import timedelta
from types import ModuleType
from typing import Any

import pytest
from tests.screens.seeing import press, settle

from hostdeck.core.domain.vocabulary import Stream
from hostdeck.core.store.db import transaction
from hostdeck.core.store.work_models import Task, TaskLog
from hostdeck.tui.app import HostdeckApp

SIZES = [(80, 24), (120, 36)]
TASK = 28

CASES: dict[str, tuple[bool, tuple[str, ...]]] = {
    "found": (False, ("slash", *"record 31", "enter")),
    "filtered": (False, ("slash", "tab", *"exit -C2", "enter")),
    "typing": (False, ("slash", "tab", *"exit")),
    "folded": (False, ("o", "t", "E")),
    "wrapped": (False, ("slash", *"everything", "enter", "w", "m")),
    "one_try": (False, ("left_square_bracket",)),
    "saving": (False, ("ctrl+s",)),
    "merged": (True, ()),
}


def write(seeds: ModuleType) -> None:
    """A third try that says more, one line of it too long, and a gap."""
    words = [f"record {n} of the zone was read" for n in range(1, 41)]
    words[20] = "everything at once: " + " ".join(f"{word}@north-sail.net" for word in ("info", "sales", "post") * 6)
    lines = [
        (Stream.COMMAND, "v-list-mail-domains ••••••••"), *((Stream.STDOUT, word) for word in words),
        (Stream.NOTE, "exit 0 after 0.61 s"), (Stream.COMMAND, "v-add-mail-domain north-sail.net"),
        (Stream.STDERR, "Error: north-sail.net exists"), (Stream.NOTE, "exit 4 after 0.12 s"),
    ]  # fmt: skip
    with transaction():
        Task.update(max_attempts=4).where(Task.id == TASK).execute()
        for n, (stream, text) in enumerate(lines):
            at = seeds.NOW - timedelta(minutes=8) + timedelta(milliseconds=170 * n)
            TaskLog.create(task=TASK, seq=6 + n + 3 * (n > 30), attempt=4, at=at, stream=stream, text=text)


@pytest.mark.parametrize("size", SIZES, ids=["80x24", "120x36"])
@pytest.mark.parametrize("case", CASES)
def test_log(snap_compare: Any, app: HostdeckApp, seeds: ModuleType, case: str, size: tuple[int, int]) -> None:
    merged, presses = CASES[case]
    write(seeds)

    async def show(pilot: Any) -> None:
        await settle(pilot)
        pilot.app.open_task(TASK)
        await settle(pilot)
        await press(pilot, *(["M"] if merged else []), *presses)

    assert snap_compare(app, terminal_size=size, run_before=show)
