"""How long a run will still take, from what its kind of steps took before (`features.md` 128)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from hostdeck.core.domain.vocabulary import FINAL, TaskId, TaskStatus


@dataclass(frozen=True, slots=True)
class Ahead:
    """A task of a run: `spent` is the seconds it has run, `needs` the tasks it waits for."""

    id: TaskId
    action: str
    status: TaskStatus
    spent: float
    needs: tuple[TaskId, ...]


def typical(durations: Iterable[tuple[str, float]]) -> dict[str, float]:
    """The median seconds of each action, from (action, seconds) of steps that succeeded."""
    by_action: dict[str, list[float]] = {}
    for action, seconds in durations:
        by_action.setdefault(action, []).append(seconds)
    return {action: median(values) for action, values in by_action.items()}


def seconds_left(tasks: Sequence[Ahead], usual: Mapping[str, float]) -> float | None:
    """The longest way through what is not done; None where nothing like it was ever done, or it has come to a stop.

    Waiting for a busy server is not in it: it is the least that can be expected, not a promise.
    """
    if any(task.status in (TaskStatus.FAILED, TaskStatus.CANCELLED) for task in tasks):
        return None
    if any(task.status not in FINAL and task.action not in usual for task in tasks):
        return None
    by_id = {task.id: task for task in tasks}
    known: dict[TaskId, float] = {}

    def until(task: Ahead) -> float:
        if task.id not in known:
            own = 0.0 if task.status in FINAL else max(usual[task.action] - task.spent, 0.0)
            known[task.id] = own + max((until(by_id[n]) for n in task.needs if n in by_id), default=0.0)
        return known[task.id]

    return max((until(task) for task in tasks), default=0.0)
