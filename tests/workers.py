"""Worker processes of the tests: started for a home, stopped by their pid."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from hostdeck.core.settings import Settings
from hostdeck.core.store.db import connection
from hostdeck.core.store.fleet_models import Worker


def spawn(settings: Settings, *extra: str) -> subprocess.Popen[bytes]:
    """A worker of its own process; its log goes into the home."""
    environment = os.environ | {"HOSTDECK_HOME": str(settings.home)}
    if settings.database_url:
        environment["HOSTDECK_DATABASE_URL"] = settings.database_url
    log = (Path(settings.home) / "worker.log").open("ab")
    command = [sys.executable, "-W", "ignore", "-m", "hostdeck", "worker", *extra]
    return subprocess.Popen(command, env=environment, stdout=log, stderr=log, stdin=subprocess.DEVNULL)


def wait_until(is_so: Callable[[], bool], seconds: float = 30.0) -> None:
    """Looks ten times a second until it is so; what is watched is another process, which sends no event."""
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, f"not so within {seconds:.0f} s"
        time.sleep(0.1)


def is_up(process: subprocess.Popen[bytes]) -> bool:
    """Whether the worker has written its row, so that it is past its start."""
    assert process.poll() is None, "the worker ended by itself"
    with connection():
        return bool(Worker.select().where(Worker.pid == process.pid).exists())


@contextmanager
def worker(settings: Settings, *extra: str) -> Iterator[subprocess.Popen[bytes]]:
    process = spawn(settings, *extra)
    try:
        wait_until(lambda: is_up(process))
        yield process
    finally:
        stop(process)


def stop(process: subprocess.Popen[bytes], how: int = signal.SIGTERM) -> int:
    """Ends a worker by its pid and gives its exit code."""
    if process.poll() is None:
        process.send_signal(how)
    return process.wait(40)
