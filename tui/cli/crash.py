"""The file that keeps what an unexpected exception said, for whoever mends the program."""

from __future__ import annotations

import os
import tempfile
import traceback
from datetime import UTC, datetime
from pathlib import Path

from hostdeck.tui.cli.given import given


def keep(error: BaseException) -> str:
    """Writes the traceback, without any variable's value, into a file of the home that only its owner can read; the
    line for people."""
    trace = "".join(traceback.format_exception(error))
    name = f"crash-{datetime.now(UTC):%Y%m%d-%H%M%S}-{os.getpid()}.txt"
    try:
        path = _home() / name
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError:
        handle, where = tempfile.mkstemp(prefix="hostdeck-", suffix=f"-{name}")
        path = Path(where)
    with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
        file.write(trace)
    first = (str(error) or "no more is known").splitlines()[0]
    return f"unexpected {type(error).__name__}: {first}; the details are in {path}"


def _home() -> Path:
    from hostdeck.core.settings import default_home

    return given.home.expanduser() if given.home else default_home()
