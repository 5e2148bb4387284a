"""What wakes the worker: the commit itself. A thread watches the database's version and hands every newly due task to
Huey; so an order needs no message, and none can be lost between the commit and a wake-up.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable
from datetime import datetime

from peewee import fn

from hostdeck.core.domain.vocabulary import TaskId, TaskStatus
from hostdeck.core.store import breakers, db
from hostdeck.core.store.due import is_any_unwoken, take_unwoken
from hostdeck.core.store.fields import utcnow
from hostdeck.core.store.work_models import Task

LOOK_EVERY = 0.02
"""Seconds between two looks at the version, a few microseconds each on SQLite."""

FUTILE = 0.03
"""Seconds more after a look for nothing: while steps write their logs, the version moves all the time."""

FAR = 3600.0
"""Seconds to the next look where no clock is waited for."""

log = logging.getLogger("hostdeck.worker")


class Doorbell(threading.Thread):
    """Rings `wake` for tasks that became due by a commit or by the clock."""

    def __init__(self, wake: Callable[[Iterable[TaskId]], None], stop: threading.Event) -> None:
        super().__init__(name="doorbell", daemon=True)
        self._wake = wake
        self._stop_asked = stop

    def run(self) -> None:
        while not self._stop_asked.is_set():
            try:
                with db.connection():
                    self._watch()
            except Exception:
                log.exception("doorbell: looking again in a second; the rows will still be there")
                self._stop_asked.wait(1.0)

    def _watch(self) -> None:
        seen: object = None
        due_at = 0.0
        while not self._stop_asked.wait(LOOK_EVERY):
            version = db.version()
            if version == seen and time.time() < due_at:
                continue
            seen = version
            now = utcnow()
            due: list[TaskId] = []
            if is_any_unwoken() or breakers.is_any():
                due = take_unwoken(now)
                self._wake(due)
                due_at = _next_due(now)
            else:
                due_at = time.time() + FAR  # two small questions instead of three large ones, at each line of a log
            if not due:
                self._stop_asked.wait(FUTILE)


def _next_due(now: datetime) -> float:
    """When the clock will make the next retry due, or a parked node callable again, as a Unix time; `FAR` from
    now where nothing waits for it."""
    earliest = Task.select(fn.MIN(Task.not_before)).where(
        Task.status == TaskStatus.RETRYING, ~Task.woken, Task.not_before > now
    )
    row = next(iter(earliest.tuples()), (None,))
    found: datetime | None = Task.not_before.python_value(row[0])
    times = [moment.timestamp() for moment in (found, breakers.next_until(now)) if moment]
    return min(times, default=now.timestamp() + FAR)
