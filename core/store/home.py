"""The home: one folder, 0700, with the configuration, the worker's key, the database and the queue."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from hostdeck.core.errors import UnsafeHome
from hostdeck.core.settings import Settings
from hostdeck.core.store.db import connection, open_store, transaction
from hostdeck.core.store.seal import make_worker_key, publish_key, read_worker_key


def make_home(settings: Settings) -> None:
    """Makes what is missing and migrates the database; safe to repeat. Raises as `check_home` and `open_store` do."""
    os.umask(0o077)
    settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    check_home(settings)
    make_worker_key(settings.worker_key)
    private = read_worker_key(settings.worker_key)
    open_store(settings, migrate=True)
    with connection(), transaction():
        publish_key(private)


def check_home(settings: Settings) -> None:
    """Raises UnsafeHome, with the command that mends it, where others could read or replace what lies in the home."""
    os.umask(0o077)
    _check(settings.home, 0o700)
    for name in ("hostdeck.db", "queue.db", "worker.key"):
        _check(settings.home / name, 0o600)


def _check(path: Path, mode: int) -> None:
    try:
        found = os.lstat(path)
    except FileNotFoundError:
        return
    if found.st_uid != os.getuid():
        raise UnsafeHome(f"home: {path} belongs to uid {found.st_uid}; run: chown -R {os.getuid()} {path}")
    if not stat.S_ISLNK(found.st_mode) and stat.S_IMODE(found.st_mode) & 0o077:
        raise UnsafeHome(f"home: {path} is open to others; run: chmod {mode:o} {path}")
