"""From a line on the node to the same line on the screen: through SSH, the worker's process, the database, the feed.

The pretend node prints its monotonic clock into every line; the console reads the same clock when the line is drawn.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Iterator
from itertools import pairwise
from unittest.mock import patch

from bench.house import Figure, house
from hostdeck.core.intents.forms import OrderForm
from hostdeck.core.intents.services import place_order
from hostdeck.core.queries.log_lines import More
from hostdeck.core.queries.reader import Reader
from hostdeck.core.store.work_models import Task
from hostdeck.tui.app import HostdeckApp
from hostdeck.tui.widgets.log_sources import Begin
from hostdeck.tui.widgets.log_tail import LogTail

LINES = 10_000
PATIENCE = 120.0
"""Seconds until lines that have not come count as lost."""


def measure() -> Iterator[Figure]:
    with house(("web01",), {"web01": [f"v-add-user=chat:{LINES}*1"]}) as (_, _, door):
        service = place_order(door, OrderForm("bench.test", "basic", options={"mail_disk_quota": "0"}))
        task = Task.get(Task.service == service, Task.action == "web.createUser")
        delays, numbers, gaps = asyncio.run(_watch(door, int(task.id)))
    yield (
        f"line on the node to line on the screen, median of {len(delays)}",
        f"{statistics.median(delays):.0f} ms",
        "under 250 ms",
    )
    yield "the same, 99th of a hundred", f"{statistics.quantiles(delays, n=100)[98]:.0f} ms", ""
    yield f"lines lost of {LINES}", str(LINES - len(set(numbers) & set(range(1, LINES + 1)))), "0"
    yield "gaps in the numbering", str(gaps), "0"


async def _watch(door: object, task_id: int) -> tuple[list[float], list[int], int]:
    delays: list[float] = []
    numbers: list[int] = []
    seqs: list[int] = []
    take = LogTail.take

    def seen(tail: LogTail, page: Begin | More) -> None:
        take(tail, page)
        now = time.monotonic_ns()
        for line in page.lines:
            seqs.append(line.seq)
            words = line.text.split()
            if line.stream == "stdout" and len(words) == 4 and words[0] == "line":
                numbers.append(int(words[1]))
                delays.append((now - int(words[3])) / 1e6)

    app = HostdeckApp(Reader(), door)  # type: ignore[arg-type]
    with patch.object(LogTail, "take", seen):
        await _look(app, task_id, numbers)
    return delays, numbers, sum(b - a != 1 for a, b in pairwise(seqs))


async def _look(app: HostdeckApp, task_id: int, numbers: list[int]) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        app.open_task(task_id)
        end = time.monotonic() + PATIENCE
        while len(numbers) < LINES and time.monotonic() < end:
            await pilot.pause(0.2)
