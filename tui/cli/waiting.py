"""Following work until it has ended: reads when the data has changed, and says at once when nobody is working."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from hostdeck.core.domain.vocabulary import FINAL, ServiceStatus
from hostdeck.core.errors import TimedOut
from hostdeck.tui.cli import output
from hostdeck.tui.cli.words import took

if TYPE_CHECKING:
    from hostdeck.core.queries.bulk import BulkRun
    from hostdeck.core.queries.views import ServiceDetail, TaskRow

PULSE = 0.1
"""Seconds between two looks at the data's version."""

ENDED = frozenset({ServiceStatus.ACTIVE, ServiceStatus.ERROR, ServiceStatus.SUSPENDED, ServiceStatus.TERMINATED})
NO_WORKER = "no worker is running, so nothing happens until one does; start it: hostdeck worker"


def follow_service(key: int, timeout: float, *, each: Callable[[TaskRow], None] | None = None) -> ServiceDetail:
    """The service once its run has ended, follow-ups aside; TimedOut otherwise. `each` hears of every state a task
    has come to, where there is no terminal to draw a live line on."""
    from hostdeck.core.queries.services import service

    seen: dict[int, str] = {}
    for elapsed in _pulses(timeout, lambda: f"service: {_unfinished(service(key))}"):
        now = service(key)
        for task in now.tasks:
            if each and not task.follow_up and seen.get(task.id, "waiting") != task.status:
                each(task)
            seen[task.id] = task.status
        if now.status in ENDED and not _about_to_open(now):
            output.live_end()
            return now
        done = f"{now.progress.done}/{now.progress.total}"
        output.live(f"{now.domain}  {_bar(now.progress.percent)} {done}  {now.progress.now}  {took(elapsed)}")
    raise AssertionError("pulses end by raising")


def _about_to_open(now: ServiceDetail) -> bool:
    """A suspended service stays so until a worker takes up its opening."""
    waits = any(task.status not in FINAL for task in now.tasks if not task.follow_up)
    return now.status is ServiceStatus.SUSPENDED and waits


def wait_for_tasks(ids: Sequence[int], timeout: float) -> tuple[TaskRow, ...]:
    """The tasks once all are final; TimedOut otherwise."""
    from hostdeck.core.queries.tasks import task

    if not ids:
        return ()
    for elapsed in _pulses(timeout, lambda: f"task: {_unfinished_tasks(ids)}"):
        rows = tuple(task(number) for number in ids)
        left = [row for row in rows if row.status not in FINAL]
        if not left:
            output.live_end()
            return rows
        done = len(rows) - len(left)
        output.live(f"{_bar(100 * done // len(rows))} {done}/{len(rows)}  {left[0].label}  {took(elapsed)}")
    raise AssertionError("pulses end by raising")


def follow_bulk(number: int, timeout: float) -> BulkRun:
    """A bulk action once it has ended, with what had to be put back; TimedOut otherwise."""
    from hostdeck.core.queries.bulk import bulk_run

    for elapsed in _pulses(timeout, lambda: f"run: {number} is not done"):
        now = bulk_run(number)
        if now.finished_at is not None:
            output.live_end()
            return now
        output.live(f"{now.words}  {_bar(100 * now.done // max(1, now.total))} {now.done}/{now.total}  {took(elapsed)}")
    raise AssertionError("pulses end by raising")


def pulses(timeout: float | None = None) -> Iterator[float]:
    """The seconds gone by, whenever the data has changed and once a second; ends with the timeout."""
    from hostdeck.core.store.db import version

    began, asked, before = time.monotonic(), float("-inf"), None
    while timeout is None or time.monotonic() - began <= timeout:
        now, current = time.monotonic(), version()
        if current != before or now - asked >= 1.0:
            before, asked = current, now
            yield now - began
        time.sleep(PULSE)


def _pulses(timeout: float, unfinished: Callable[[], str]) -> Iterator[float]:
    from hostdeck.core.queries.fleet import workers

    working = True
    for elapsed in pulses(timeout):
        yield elapsed
        alive = any(row.alive for row in workers())
        if working and not alive:
            output.live_end()
            output.note(NO_WORKER)
        working = alive
    output.live_end()
    raise TimedOut(f"{unfinished()} after {timeout:g} s; the work goes on by itself")


def _unfinished(now: ServiceDetail) -> str:
    return f"#{now.id} {now.domain} is still {now.status}"


def _unfinished_tasks(ids: Sequence[int]) -> str:
    return f"{', '.join(f'#{number}' for number in ids)} not done"


def _bar(percent: int, width: int = 20) -> str:
    full = width * percent // 100
    return f"[{'#' * full}{'.' * (width - full)}]"
