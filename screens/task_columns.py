"""The columns of every list of tasks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from rich.text import Text

from hostdeck.tui.theme import Tone
from hostdeck.tui.widgets.columns import Column
from hostdeck.tui.widgets.gauges import task_pill
from hostdeck.tui.widgets.words import ago, muted, toned, took

if TYPE_CHECKING:
    from hostdeck.core.queries.views import TaskRow

Now = Callable[[], datetime]


def tries(task: TaskRow) -> str:
    """Without a colour of its own: it often changes, and a colour is forty bytes."""
    return f"{task.attempts}/{task.max_attempts}"


def first_error(error: str | None) -> Text:
    return toned(error.split("\n", 1)[0], Tone.WRONG) if error else Text("", end="")


def waits(task: TaskRow) -> Text | None:
    """Why a task waits although it is due, if it does."""
    return toned(task.parked, Tone.WAITING) if task.parked else None


def state(now: Now) -> Column[TaskRow]:
    return Column("state", "STATE", lambda t: task_pill(t, now().timestamp()), 12, sort=lambda t: t.status, letter="S")


def task_columns(now: Now, *, domain: bool = True) -> tuple[Column[TaskRow], ...]:
    """What changes while a task runs stands on the left: a line is sent from its beginning up to what differs."""
    columns: tuple[Column[TaskRow], ...] = (
        Column("id", "ID", lambda t: f"#{t.id}", 7, sort=lambda t: t.id, letter="I", right=True),
        Column("took", "TOOK", lambda t: took(t.duration_s), 7, priority=2, right=True),
        state(now),
        Column("tries", "TRY", tries, 4, priority=5),
        Column("label", "TASK", lambda t: t.label, 26, grow=1, most=27, sort=lambda t: t.label, letter="T"),
        Column(
            "domain", "FOR", lambda t: t.domain or muted(t.target), 14, 1, 26, 1, lambda t: t.domain or t.target, "F"
        ),
        Column("server", "SERVER", lambda t: t.server or muted("-"), 8, 1, 16, 3, lambda t: t.server),
        Column(
            "age", "AGE", lambda t: ago(t.created_at, now()), 4, 0, 0, 6, lambda t: -t.created_at.timestamp(), "A", True
        ),
        Column("error", "ERROR", lambda t: waits(t) or first_error(t.error), 12, grow=6, priority=7),
    )
    return columns if domain else tuple(column for column in columns if column.key != "domain")
