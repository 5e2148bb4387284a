"""A task's log: appended in batches by the one who holds its claim, capped, never with a silent gap."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from peewee import fn

from hostdeck.core.domain.vocabulary import Stream, TaskStatus
from hostdeck.core.store.base import database
from hostdeck.core.store.db import transaction
from hostdeck.core.store.kept import Kept
from hostdeck.core.store.tasks import Claim
from hostdeck.core.store.work_models import Task, TaskLog


@dataclass(frozen=True, slots=True)
class Entry:
    """One line as it goes into the log: cleaned and free of secrets already."""

    at: datetime
    stream: Stream
    text: str


def append(held: Claim, attempt: int, entries: Sequence[Entry]) -> bool:
    """Adds the lines after the last one there is; False, and nothing written, when the lease is lost."""
    with transaction():
        if (found := _NEWEST.first(task=held.task, number=held.number)) is None:
            return False
        last = found[0] or 0
        rows = [
            (held.task, last + n, attempt, _at(entry.at), str(entry.stream), entry.text)
            for n, entry in enumerate(entries, 1)
        ]
        for start in range(0, len(rows), 100):
            _insert(rows[start : start + 100])
        return True


def _newest(task: Any, number: Any) -> Any:
    """The number of a task's last line, while the claim holds."""
    last = TaskLog.select(fn.MAX(TaskLog.seq)).where(TaskLog.task == Task.id)
    return Task.select(last).where(Task.id == task, Task.claim_no == number, Task.status == TaskStatus.RUNNING)


_NEWEST = Kept(_newest)
_at = TaskLog.at.db_value


def _insert(rows: Sequence[tuple[object, ...]]) -> None:
    """One statement, written out: peewee puts together each of its values by itself, which takes longer than all else
    that a step of many lines costs the worker."""
    names = ", ".join(f'"{field.column_name}"' for field in TaskLog._meta.sorted_fields)
    one = f"({', '.join([database.param] * len(rows[0]))})"
    text = f'INSERT INTO "{TaskLog._meta.table_name}" ({names}) VALUES {", ".join([one] * len(rows))}'
    database.execute_sql(text, [value for row in rows for value in row])


def size(task_id: int) -> int:
    """Characters kept of a task's log."""
    found = _SIZE.first(task=task_id)
    return int(found[0] or 0) if found else 0


_SIZE = Kept(lambda task: TaskLog.select(fn.SUM(fn.LENGTH(TaskLog.text) + 1)).where(TaskLog.task == task))


def trim(held: Claim, cap: int, now: datetime) -> None:
    """Brings a log above `cap` characters down to it: the first quarter stays, lines after it go, oldest first, and
    one note on the last dropped line's number says how many they were."""
    with transaction():
        total = size(held.task)
        rows = TaskLog.select(TaskLog.seq, fn.LENGTH(TaskLog.text) + 1).where(TaskLog.task == held.task)
        first, last = _middle(rows.order_by(TaskLog.seq).tuples(), total, cap)
        if last < first:
            return
        gone = (TaskLog.task == held.task) & TaskLog.seq.between(first, last)
        attempt = TaskLog.select(fn.MAX(TaskLog.attempt)).where(gone).scalar() or 1
        TaskLog.delete().where(gone).execute()
        text = f"-- lines {first} to {last} were dropped: this log is capped at {cap} bytes --"
        TaskLog.create(task=held.task, seq=last, attempt=attempt, at=now, stream=Stream.NOTE, text=text)


def _middle(lines: Iterable[tuple[int, int]], total: int, cap: int) -> tuple[int, int]:
    """The first and last number to drop, from (number, length) in order: all after the first quarter of the cap,
    until what is left fits; a gap ends the first quarter, so that there is never more than one. The last is below the
    first where nothing has to go."""
    head, first, last = 0, 1, 0
    filling = True
    for seq, length in lines:
        filling = filling and seq == first and head + length <= cap // 4
        if filling:
            head, first = head + length, seq + 1
        elif total > cap:
            total, last = total - length, seq
    return first, last
