"""The clock of leases: never the wall clock, which people and time servers move.

On SQLite all workers share a machine: seconds since boot, and the boot's id as epoch, so that a reboot voids every
lease at once. On PostgreSQL the server's own clock.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from hostdeck.core.store.base import database
from hostdeck.core.store.db import connection, is_postgres


def machine_id() -> str:
    """This machine's own id; host names repeat among clones and containers."""
    try:
        return Path("/etc/machine-id").read_text().strip()
    except OSError:
        return "no-machine-id"


@dataclass(frozen=True, slots=True)
class LeaseTime:
    """`now` in seconds, comparable within one `epoch`."""

    now: float
    epoch: str


def boot_id() -> str:
    """The kernel's id of this boot; a constant where there is none."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return "no-boot-id"


def since_boot() -> float:
    """Seconds that also pass while the machine sleeps: what a lease's holder measures its own delay by."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


def lease_time() -> LeaseTime:
    if is_postgres():
        with connection():
            row = database.execute_sql("SELECT extract(epoch FROM clock_timestamp())").fetchone()
        return LeaseTime(float(row[0]), "postgresql")
    return LeaseTime(since_boot(), boot_id())
