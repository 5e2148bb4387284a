"""Small things several commands need: KEY=VALUE, one word of many, and a list of tasks."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from hostdeck.core.errors import Invalid
from hostdeck.tui.cli import output

if TYPE_CHECKING:
    from hostdeck.core.queries.views import TaskRow

W = TypeVar("W", bound=StrEnum)

FILE_LIMIT = 65_536


def pairs_of(field: str, given_pairs: Iterable[str] | None) -> dict[str, str]:
    """`KEY=VALUE` as a dictionary; a key that comes twice is somebody's mistake."""
    values: dict[str, str] = {}
    for pair in given_pairs or ():
        key, sign, value = pair.partition("=")
        if not sign or not key:
            raise Invalid(field, "use KEY=VALUE", "CLI_PAIR")
        if key in values:
            raise Invalid(field, f"'{key[:64]}' is given twice", "CLI_TWICE")
        values[key] = value
    return values


def one_of(words: type[W], text: str, field: str) -> W:
    try:
        return words(text)
    except ValueError:
        raise Invalid(field, f"use {', '.join(words)}", "CLI_WORD") from None


def file_text(path: Path, field: str, code: str, limit: int = FILE_LIMIT) -> str:
    """The text of a file, of stdin for `-`; Invalid where it can't be read."""
    try:
        if str(path) == "-":
            raw = sys.stdin.buffer.read(limit + 1)
        else:
            with path.expanduser().open("rb") as file:
                raw = file.read(limit + 1)
    except (OSError, RuntimeError) as error:  # the latter where nobody has the name behind a ~
        raise Invalid(field, f"{path}: {getattr(error, 'strerror', None) or error}", code) from None
    if len(raw) > limit:
        raise Invalid(field, f"{path} is longer than {limit} bytes", code)
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise Invalid(field, f"{path} is not UTF-8 text", code) from None


def show_tasks(rows: Sequence[TaskRow], empty: str) -> None:
    output.listed(
        (">ID", "STEP", "TARGET", ">SERVICE", "SERVER", "STATUS", ">TRY", ">TOOK", "ERROR"),
        rows,
        lambda row: (
            row.id,
            row.label,
            row.target,
            row.service,
            row.server,
            row.status,
            f"{row.attempts}/{row.max_attempts}",
            took(row.duration_s),
            row.error,
        ),
        empty,
    )


def took(seconds: float | None) -> str:
    """`0:07`, `1:02:30`."""
    if seconds is None:
        return "-"
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def state_line(task: TaskRow) -> str:
    """One task's new state: time, what it works on, step, server, state."""
    at = (task.finished_at or datetime.now(UTC)).astimezone()
    words = [f"{at:%H:%M:%S}", task.domain or task.target, task.label, task.server or "-", task.status]
    return "  ".join(words) + (f"  {task.error}" if task.error else "")
