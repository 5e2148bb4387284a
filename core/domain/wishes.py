"""What may be wished for a service in which state, and what a wish would do, in values a person can read first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from types import MappingProxyType
from typing import Protocol

from hostdeck.core.domain.action_names import Action
from hostdeck.core.domain.actions import label
from hostdeck.core.domain.order_plan import PlannedTaskView, View
from hostdeck.core.domain.pipeline import PlannedTask
from hostdeck.core.domain.vocabulary import Role, RunKind, ServiceStatus

S = ServiceStatus
Views = tuple[PlannedTaskView, ...]


class Wish(StrEnum):
    SUSPEND = "suspend"
    UNSUSPEND = "unsuspend"
    REDEPLOY = "redeploy"
    HARD_REDEPLOY = "redeploy --hard"
    CHANGE_PRODUCT = "change-product"
    TERMINATE = "terminate"


RUN_OF: dict[Wish, RunKind] = {
    Wish.SUSPEND: RunKind.SUSPEND,
    Wish.UNSUSPEND: RunKind.UNSUSPEND,
    Wish.REDEPLOY: RunKind.DEPLOY,
    Wish.HARD_REDEPLOY: RunKind.DEPLOY,
    Wish.CHANGE_PRODUCT: RunKind.CHANGE,
    Wish.TERMINATE: RunKind.TERMINATE,
}
DESTROYS = frozenset({Wish.HARD_REDEPLOY, Wish.TERMINATE})
"""Wishes that need the service's domain typed."""

_OPENINGS = (RunKind.SUSPEND, RunKind.UNSUSPEND)


def why_not(wish: Wish, status: ServiceStatus, kind: RunKind) -> str | None:
    """Why a wish is refused for a service in this status whose current run is of `kind`; None where it may be."""
    if status is S.TERMINATED:
        return "it is terminated; order it anew"
    if kind is RunKind.TERMINATE:
        return "its termination has begun and parts of it are gone; resume it where it has stopped"
    if wish is Wish.TERMINATE:
        return None
    if wish is Wish.SUSPEND:
        if status in (S.SUSPENDED, S.SUSPENDING):
            return f"it is {status} already"
        return None if status in (S.ACTIVE, S.ERROR) else f"it is {status}; wait until it is active"
    if wish is Wish.CHANGE_PRODUCT:
        return None if status is S.ACTIVE else f"it is {status}; wait until it is active, or mend it first"
    if wish is Wish.UNSUSPEND:
        return None if status is S.SUSPENDED or (status is S.ERROR and kind in _OPENINGS) else f"it is {status}"
    if status in (S.SUSPENDED, S.SUSPENDING) or (kind in _OPENINGS and status is not S.ACTIVE):
        return f"it is {status}; unsuspend it first"
    return None


class WishPlan(View):
    """What a wish would do; nothing has been written. `stops`: how many tasks of the run before it are cancelled, and
    `stops_whose` in words who asked for it.
    `destroys`, `leaves` and `changes` are sentences. `plan` is its number once the nodes are asked what would be sent
    to them, `read` whether each has told of all its tasks, and `unread` are the servers that have not."""

    service: int
    domain: str
    wish: Wish
    tasks: tuple[PlannedTaskView, ...]
    destroys: tuple[str, ...]
    leaves: tuple[str, ...]
    stops: int
    stops_whose: str = ""
    changes: tuple[str, ...] = ()
    plan: int | None = None
    read: bool = False
    unread: tuple[str, ...] = ()


class Told(Protocol):
    """What a task would send, however it was found out; `note` says why there is nothing to send."""

    @property
    def commands(self) -> tuple[str, ...]: ...

    @property
    def note(self) -> str | None: ...


def task_views(tasks: Sequence[PlannedTask], told: Mapping[str, Told] = MappingProxyType({})) -> Views:
    """`told` by the tasks' keys; a task without it has its commands still to be read."""
    position = {task.key: number for number, task in enumerate(tasks, 1)}
    return tuple(
        PlannedTaskView(
            position=position[task.key],
            action=task.action,
            label=label(task.action),
            target=task.target,
            server=task.server.name,
            after=tuple(position[key] for key in task.after),
            follow_up=task.follow_up,
            commands=told[task.key].commands if task.key in told else None,
            note=told[task.key].note if task.key in told else None,
        )
        for task in tasks
    )


def stops_words(plan: WishPlan) -> str:
    """What becomes of the run that is under way; empty where none is."""
    if not plan.stops:
        return ""
    tasks = "1 task" if plan.stops == 1 else f"{plan.stops} tasks"
    told = f": {plan.stops_whose}" if plan.stops_whose else ""
    return f"{tasks} of the run that is under way{told}"


HELD = {
    Role.WEB: "website, its files, databases, FTP accounts and cron jobs",
    Role.MAIL: "mailboxes and all mail in them",
    Role.DNS: "zone",
}


def destroyed(tasks: Sequence[PlannedTask], roles: dict[tuple[str, str], tuple[Role, ...]]) -> tuple[str, ...]:
    """A sentence for everything that is lost; `roles` by (server, user)."""
    lost = []
    for task in tasks:
        if task.action.endswith(".removeUser"):
            held = " and ".join(HELD[role] for role in roles.get((task.server.name, task.target), ()))
            lost.append(f"{task.server.name}: account {task.target} with its {held or 'contents'}")
        elif task.action is Action.DNS_REMOVE_ZONE:
            lost.append(f"{task.server.name}: zone {task.target}")
        elif task.action is Action.MAIL_REMOVE_MAILBOX:
            lost.append(f"{task.server.name}: mailbox {task.target} and all mail in it")
        elif task.action is Action.DNS_REMOVE_RECORD:
            lost.append(f"{task.server.name}: the record {task.target}")
    return tuple(lost)
