"""What a task and a service may become: legal moves as tables, statuses as arithmetic over tasks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from hostdeck.core.domain.action_names import Action
from hostdeck.core.domain.actions import RetryPolicy
from hostdeck.core.domain.vocabulary import DONE, RunKind, ServiceStatus, TaskId, TaskStatus

S = TaskStatus

TASK_MOVES: dict[TaskStatus, frozenset[TaskStatus]] = {
    S.WAITING: frozenset({S.QUEUED, S.CANCELLED}),
    S.QUEUED: frozenset({S.RUNNING, S.CANCELLED}),
    S.RETRYING: frozenset({S.RUNNING, S.CANCELLED}),
    S.RUNNING: frozenset({S.SUCCESS, S.SKIPPED, S.RETRYING, S.FAILED, S.CANCELLED}),
    S.FAILED: frozenset({S.QUEUED}),
    S.SUCCESS: frozenset(),
    S.SKIPPED: frozenset(),
    S.CANCELLED: frozenset({S.QUEUED}),
}

LAPSES = 10
"""A task whose worker dies this many times in a row fails: something about it kills workers."""

SNOOZE_LIMIT = 24 * 3600.0
"""Seconds a step may wait on a node before waiting counts as failing (`robustness.md` 2)."""

LONGEST_WAIT = 12 * 3600.0
"""Seconds; no back-off is longer. A retry that lies further ahead stands there because somebody moved the clock."""

LONGEST_SNOOZE = 6 * 3600.0
"""Seconds; what is not ready before a known moment is looked at again by then, or at that moment."""

SEED_SNOOZE_LIMIT = 30 * 24 * 3600.0
"""A certificate waits longer: a customer may move the delegation weeks after the order."""


def backoff(attempt: int, policy: RetryPolicy, jitter: float) -> float:
    """Seconds to wait after `attempt` (1 is the first); `jitter` in 0..1 spreads it from half to one and a half."""
    return float(min(policy.cap, policy.base * 2 ** (attempt - 1)) * (0.5 + jitter))


def snooze(times: int, action: Action, jitter: float) -> float:
    """Seconds until a step that could not begin looks again: quickly at first, a minute at most; certificates ask
    public DNS, so they wait between one minute and an hour."""
    if action is Action.SSL_SEED:
        return float(min(3600.0, 60.0 * 2 ** min(times, 8)) * (0.5 + jitter))
    return float(min(60.0, 1.0 * 2 ** min(times, 8)) * (0.5 + jitter))


@dataclass(frozen=True, slots=True)
class TaskFacts:
    """A task as the arithmetic of its run sees it. `troubled`: it has failed, was cancelled or put off by its node, or
    its server is quarantined."""

    id: TaskId
    action: Action
    status: TaskStatus
    follow_up: bool
    lane: str | None
    troubled: bool


def become_follow_ups(tasks: Iterable[TaskFacts]) -> frozenset[TaskId]:
    """The tasks of nameserver lanes in trouble, once another nameserver answers for the zone: one dead nameserver
    does not hold a service. A lane that is merely slower is still waited for."""
    tasks = tuple(tasks)
    answering = (Action.DNS_DEPLOY_ZONE, Action.DNS_ADD_RECORD)
    answered = any(task.action in answering and task.status in DONE for task in tasks)
    if not answered:
        return frozenset()
    in_trouble = {task.lane for task in tasks if task.lane and task.troubled and task.status not in DONE}
    return frozenset(t.id for t in tasks if t.lane in in_trouble and t.status not in DONE and not t.follow_up)


ON_THE_WAY: dict[RunKind, tuple[ServiceStatus, ServiceStatus]] = {
    RunKind.DEPLOY: (ServiceStatus.DEPLOYING, ServiceStatus.ACTIVE),
    RunKind.CHANGE: (ServiceStatus.DEPLOYING, ServiceStatus.ACTIVE),
    RunKind.SUSPEND: (ServiceStatus.SUSPENDING, ServiceStatus.SUSPENDED),
    RunKind.UNSUSPEND: (ServiceStatus.DEPLOYING, ServiceStatus.ACTIVE),
    RunKind.TERMINATE: (ServiceStatus.TERMINATING, ServiceStatus.TERMINATED),
}
"""What a service is while a run of a kind is under way, and when all of it is done. Other runs leave it as it is."""


def service_status(before: ServiceStatus, kind: RunKind, tasks: Iterable[TaskFacts]) -> ServiceStatus:
    """The status that follows from the tasks of the service's current run; follow-ups never count."""
    if before is ServiceStatus.TERMINATED or kind not in ON_THE_WAY:
        return before
    moving, done = ON_THE_WAY[kind]
    counted = [task for task in tasks if not task.follow_up]
    statuses = {task.status for task in counted}
    if S.FAILED in statuses:
        return ServiceStatus.ERROR
    if statuses <= DONE:
        return done
    if S.CANCELLED in statuses:
        return ServiceStatus.ERROR
    begun = bool(statuses & (DONE | {S.RUNNING, S.RETRYING})) or before is moving
    # An order waits as pending, and a suspended service stays so, until a worker takes the first task.
    waits = before in (ServiceStatus.PENDING, ServiceStatus.SUSPENDED) and kind in (RunKind.DEPLOY, RunKind.UNSUSPEND)
    return before if waits and not begun else moving
