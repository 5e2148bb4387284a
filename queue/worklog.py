"""The worker's own log: a JSON object a line, in the home, beside the lines on stderr."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

from pythonjsonlogger.json import JsonFormatter

SIZE = 10 << 20
KEPT = 5
"""Files of SIZE bytes that are kept beside the one being written."""

log = logging.getLogger("hostdeck.worker")


class Lines(JsonFormatter):
    """`time` (ISO 8601, UTC), `level`, `event` (one word), `text`, and what is known of `task`, `action`, `server` (its
    name), `service` (its id) and `outcome`."""

    def add_fields(self, log_data: dict[str, Any], record: logging.LogRecord, message_dict: dict[str, Any]) -> None:
        log_data["time"] = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        log_data["level"] = record.levelname.lower()
        log_data["event"] = getattr(record, "event", "note")
        log_data["text"] = record.getMessage()
        super().add_fields(log_data, record, message_dict)
        log_data.pop("message", None)


def log_to(path: Path) -> None:
    """Adds the file to the root logger's handlers; the umask of a home makes it 0600. Where it can't be written the
    worker works on without it, and says so on stderr."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handler = RotatingFileHandler(path, maxBytes=SIZE, backupCount=KEPT, encoding="utf-8")
    except OSError as error:
        log.warning("no log in %s: %s", path, error)
        return
    handler.setFormatter(Lines())
    logging.getLogger().addHandler(handler)
