"""Which commands `@` shows, and what it says of their ends: the same on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hostdeck.core.domain.vocabulary import RunKind, Stream, TaskStatus
from hostdeck.core.queries.command_log import commands
from hostdeck.core.settings import Settings
from hostdeck.core.store.work_models import Run, Task, TaskLog

NOON = datetime(2026, 3, 14, 12, tzinfo=UTC)


def task(*said: tuple[int, Stream, str], ended: int | None = None) -> int:
    """`said` are a log's lines, each with the minute after noon."""
    at = None if ended is None else NOON + timedelta(minutes=ended)
    row = Task.create(
        run=Run.create(kind=RunKind.DEPLOY), action="web.addDomain", target="x", started_at=NOON, finished_at=at,
        status=TaskStatus.RUNNING if at is None else TaskStatus.SUCCESS,
    )  # fmt: skip
    for seq, (minute, stream, text) in enumerate(said, 1):
        moment = NOON + timedelta(minutes=minute)
        TaskLog.create(task=row, seq=seq, attempt=1, at=moment, stream=stream, text=text)
    return int(row.id)


def test_an_old_task_that_was_retried_just_now_is_among_the_newest(any_store: Settings) -> None:
    old = task((1, Stream.COMMAND, "v-first"), (90, Stream.COMMAND, "v-again"))
    for minute in range(10, 20):
        task((minute, Stream.COMMAND, "v-x"), (minute, Stream.NOTE, "exit 0 after 0.10 s"), ended=minute)
    assert next((sent.task, sent.text) for sent in commands(3)) == (old, "v-again")
    assert len(commands(3)) == 3
    assert len(commands()) == 12


def test_an_end_belongs_to_the_command_before_it_whatever_the_clock_did(any_store: Settings) -> None:
    task(
        (10, Stream.COMMAND, "v-one"), (11, Stream.NOTE, "exit 0 after 1.00 s"),
        (5, Stream.COMMAND, "v-two"), (6, Stream.NOTE, "exit 4 after 2.00 s"), (7, Stream.COMMAND, "v-three"),
        ended=8,
    )  # fmt: skip
    assert {sent.text: (sent.exit, sent.seconds) for sent in commands()} == {
        "v-one": (0, 1.0), "v-two": (4, 2.0), "v-three": (None, None),
    }  # fmt: skip
