"""How far a deployment is: counts what "active" waits for, so that active is 100 % and the bar never goes back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from hostdeck.core.domain.vocabulary import DONE, TaskStatus


@dataclass(frozen=True, slots=True)
class Count:
    """Tasks of a run that are not follow-ups; `running` includes those between two attempts."""

    total: int
    done: int
    running: int
    pending: int
    failed: int

    @property
    def percent(self) -> int:
        return 100 * self.done // self.total if self.total else 0


def count(tasks: Iterable[tuple[TaskStatus, bool]]) -> Count:
    """From (status, follow_up) pairs."""
    statuses = [status for status, follow_up in tasks if not follow_up]
    done = sum(status in DONE for status in statuses)
    running = sum(status in (TaskStatus.RUNNING, TaskStatus.RETRYING) for status in statuses)
    failed = sum(status in (TaskStatus.FAILED, TaskStatus.CANCELLED) for status in statuses)
    return Count(len(statuses), done, running, len(statuses) - done - running - failed, failed)
