"""A run about something inside a service: beside the service's current one, whose status has nothing to do with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hostdeck.core.domain.pipeline import PlannedAccount, PlannedTask
from hostdeck.core.domain.text import safe
from hostdeck.core.domain.vocabulary import FINAL, Role, RunKind, ServiceStatus, TaskStatus
from hostdeck.core.errors import Conflict
from hostdeck.core.intents.life import held_service
from hostdeck.core.intents.runs import write_tasks
from hostdeck.core.intents.standing import standing_of
from hostdeck.core.store.work_models import Run, Service, Task, TaskAfter

STANDING = (ServiceStatus.ACTIVE, ServiceStatus.ERROR)
BUILDING = (ServiceStatus.PENDING, ServiceStatus.DEPLOYING)


def held(number: int, *, also: Sequence[ServiceStatus] = ()) -> Service:
    """The service, of which nobody else begins a run until the transaction ends. Conflict [SVC_STATE] where it is not
    in a state in which something inside it may change; `also` may be others."""
    service = held_service(number)
    refuse_closed(service, also=also)
    return service


def refuse_closed(service: Service, *, also: Sequence[ServiceStatus] = ()) -> None:
    """Conflict [SVC_STATE], as `held`; for who only looks."""
    run = Run.get_or_none(Run.id == service.run)
    if run is not None and run.kind is RunKind.TERMINATE:
        raise Conflict("service", f"the termination of {service.domain} has begun; resume it", "SVC_STATE")
    if service.status not in (*STANDING, *also):
        suspended = service.status is ServiceStatus.SUSPENDED
        mend = "open it first: hostdeck service unsuspend" if suspended else "wait until it is active"
        raise Conflict("service", f"{service.domain} is {service.status}; {mend}", "SVC_STATE")


def account_holding(service: Service, role: Role) -> PlannedAccount | None:
    """The account of its own that holds a role."""
    return next((one for one in standing_of(service).accounts if role in one.roles), None)


def account_of(service: Service, role: Role) -> PlannedAccount:
    """As `account_holding`; Conflict [SVC_ROLE] where there is none."""
    account = account_holding(service, role)
    if account is None:
        raise Conflict("role", f"{service.domain} has no {safe(role)} account of its own", "SVC_ROLE")
    return account


def begin(
    service: Service,
    tasks: Sequence[PlannedTask],
    kind: RunKind = RunKind.ITEM,
    before: dict[str, dict[str, Any]] | None = None,
) -> tuple[int, ...]:
    """Writes the run; what is wished again meanwhile stands behind it. Returns its tasks' ids, in their order. `before`
    are the items that it is about as they were, so that the wish can be taken back."""
    run = Run.create(kind=kind, service=service, detail=before and {"items": before})
    write_tasks(service, run, tasks, edits=True)
    rows = list(Task.select().where(Task.run == run).order_by(Task.id))
    for row in rows:
        _await_account(service, row)
    return tuple(row.id for row in rows)


def _await_account(service: Service, task: Task) -> None:
    """What is ordered while the account is being built waits until it stands."""
    if service.status is ServiceStatus.ACTIVE:
        return
    building = Task.select().where(
        Task.run == service.run, Task.server == task.server_id, ~Task.follow_up, Task.status.not_in(list(FINAL))
    )
    needed = list(building)
    for other in needed:
        TaskAfter.create(task=task, needs=other)
    if needed:
        Task.update(status=TaskStatus.WAITING).where(Task.id == task.id).execute()
