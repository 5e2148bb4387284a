"""Every ten seconds: the heartbeat, leases that ran out, backups that are due, what stopped trials have left, and
once more the wake-ups that may have got lost."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable

from hostdeck.core.domain.vocabulary import TaskId
from hostdeck.core.store import backup_rounds, tasks, trials
from hostdeck.core.store.clock import lease_time, since_boot
from hostdeck.core.store.db import connection
from hostdeck.core.store.due import all_due
from hostdeck.core.store.fields import utcnow
from hostdeck.core.store.fleet_models import Worker
from hostdeck.core.store.processes import bury, dead_workers

EVERY = 10.0

log = logging.getLogger("hostdeck.worker")


class Sweep(threading.Thread):
    def __init__(self, worker: int, wake: Callable[[Iterable[TaskId]], None], stop: threading.Event) -> None:
        super().__init__(name="sweep", daemon=True)
        self._worker = worker
        self._wake = wake
        self._stop_asked = stop
        self._ended_at = since_boot()

    @property
    def age(self) -> float:
        """Seconds since a round has ended, well or not: a database that is away comes back without a new worker."""
        return since_boot() - self._ended_at

    def run(self) -> None:
        while not self._stop_asked.wait(EVERY):
            try:
                with connection():
                    self._wake(sweep(self._worker))
            except Exception:
                log.exception("sweep: trying again in %.0f s", EVERY)
            self._ended_at = since_boot()


def sweep(worker: int) -> list[TaskId]:
    """One round; the tasks to wake."""
    now = utcnow()
    Worker.update(beat_at=now).where(Worker.id == worker).execute()
    dead = dead_workers()
    freed = tasks.lapse(lease_time(), now, dead)
    bury(dead)
    if freed:
        log.warning("took over from dead workers: tasks %s", ", ".join(map(str, freed)), extra={"event": "takeover"})
    backup_rounds.schedule(now)
    trials.end_stopped(now)
    return all_due(now)
