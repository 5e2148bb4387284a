"""A run about something inside a service: beside the service's current one, whose status has nothing to do with it."""

from __future__ import annotations

from collections.abc import Sequence

from hostdeck.core.domain.inputs import safe
from hostdeck.core.domain.pipeline import PlannedAccount, PlannedTask
from hostdeck.core.domain.vocabulary import Role, RunKind, ServiceStatus
from hostdeck.core.errors import Conflict, NotFound
from hostdeck.core.intents.runs import hold, write_tasks
from hostdeck.core.intents.standing import servers_of, standing_of
from hostdeck.core.store.work_models import Run, Service, Task

OPEN = (ServiceStatus.ACTIVE, ServiceStatus.ERROR)


def held(number: int, *, also: Sequence[ServiceStatus] = ()) -> Service:
    """The service, of which nobody else begins a run until the transaction ends. Conflict [SVC_STATE] where it is not
    in a state in which something inside it may change; `also` may be others."""
    service = Service.get_or_none(Service.id == number)
    if service is None:
        raise NotFound("service", f"there is no service #{number}; see 'hostdeck service list'")
    service = hold(service, {row.id for row in servers_of(service)})
    if service.status not in (*OPEN, *also):
        raise Conflict("service", f"{service.domain} is {service.status}; wait until it is active", "SVC_STATE")
    run = Run.get_or_none(Run.id == service.run)
    if run is not None and run.kind is RunKind.TERMINATE:
        raise Conflict("service", f"the termination of {service.domain} has begun; resume it", "SVC_STATE")
    return service


def account_of(service: Service, role: Role) -> PlannedAccount:
    """The account that holds a role. Conflict [SVC_ROLE] where there is none of the service's own."""
    account = next((one for one in standing_of(service).accounts if role in one.roles), None)
    if account is None:
        raise Conflict("role", f"{service.domain} has no {safe(role)} account of its own", "SVC_ROLE")
    return account


def begin(service: Service, tasks: Sequence[PlannedTask]) -> tuple[int, ...]:
    """Writes the run. Returns its tasks' ids, in their order."""
    run = Run.create(kind=RunKind.ITEM, service=service)
    write_tasks(service, run, tasks)
    return tuple(task.id for task in Task.select(Task.id).where(Task.run == run).order_by(Task.id))
