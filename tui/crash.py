"""What is left of a console that met an error nobody foresaw: one sentence, and a traceback without locals."""

from __future__ import annotations

import os
import traceback
from datetime import datetime
from pathlib import Path

from textual.worker import WorkerFailed


def crash_words(error: Exception | None, home: Path | None, now: datetime) -> str:
    """The sentence for the terminal. The traceback goes to a file of the home: a frame's values may hold secrets, so
    they are in neither."""
    if isinstance(error, WorkerFailed):
        error = error.error if isinstance(error.error, Exception) else error
    name = type(error).__name__ if error is not None else "an unknown error"
    where = _write(error, home / "console-crash.log", now) if error is not None and home is not None else None
    details = f"; details in {where}" if where else ""
    return f"hostdeck: the console met {name} and stopped; the worker goes on{details}"


def _write(error: Exception, path: Path, now: datetime) -> Path | None:
    try:
        with open(path, "a", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            file.write(f"{now.isoformat()}\n{''.join(traceback.format_exception(error))}\n")
    except OSError:
        return None
    return path
