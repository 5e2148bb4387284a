"""Is the process behind a worker's row still there?"""

from __future__ import annotations

import os
import socket
from pathlib import Path

from hostdeck.core.store.clock import boot_id, machine_id
from hostdeck.core.store.fields import utcnow
from hostdeck.core.store.fleet_models import Worker


def process_start(pid: int) -> str | None:
    """The kernel's start time of a process, in clock ticks since boot; None where there is no such process.

    Together with the pid it names one process of this boot: pids are used again.
    """
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return _signalled(pid)
    state, *fields = stat.rpartition(")")[2].split()
    return None if state == "Z" else fields[18]


def _signalled(pid: int) -> str | None:
    """Without /proc a process is known by its pid alone."""
    if Path("/proc/self/stat").exists():
        return None
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return None
    except PermissionError:
        pass
    return "unknown"


def register_worker() -> Worker:
    """This process's own row."""
    return Worker.create(
        host=socket.gethostname(),
        machine=machine_id(),
        boot_id=boot_id(),
        pid=os.getpid(),
        process_start=process_start(os.getpid()) or "",
    )


def dead_workers() -> list[int]:
    """Workers of this machine that have not said goodbye and are gone: their leases need not run out."""
    here = Worker.select().where(
        Worker.host == socket.gethostname(), Worker.machine == machine_id(), Worker.stopped_at.is_null()
    )
    return [row.id for row in here if not lives(row)]


def lives(row: Worker) -> bool:
    """Whether the process of a worker can still be there; of another machine's nobody here can say no."""
    if row.stopped_at is not None:
        return False
    if (row.host, row.machine) != (socket.gethostname(), machine_id()):
        return True
    return bool(row.boot_id == boot_id() and process_start(row.pid) == row.process_start)


def bury(workers: list[int]) -> None:
    """Notes that dead workers are dead, so that nobody looks again."""
    if workers:
        Worker.update(stopped_at=utcnow()).where(Worker.id.in_(workers)).execute()
