"""From the commit of an order to the claim of its first task, on an idle worker."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from datetime import timedelta

from bench.house import Figure, house
from hostdeck.core.domain.vocabulary import TaskStatus
from hostdeck.core.intents.fleet import check_server
from hostdeck.core.store.work_models import Task

TASKS = 60


def measure() -> Iterator[Figure]:
    waits = []
    with house(("web01",)) as (_, _, door):
        for _ in range(TASKS):
            task_id = check_server(door, "web01")
            while Task.get_by_id(task_id).status is not TaskStatus.SUCCESS:
                time.sleep(0.05)
            task = Task.get_by_id(task_id)
            waits.append((task.started_at - task.created_at) / timedelta(milliseconds=1))
    yield f"commit to claim, median of {TASKS}", f"{statistics.median(waits):.0f} ms", "at most 50 ms"
    yield "commit to claim, slowest", f"{max(waits):.0f} ms", ""
