"""Suspending, opening, redeploying, resuming and terminating a service."""

from __future__ import annotations

from collections.abc import Callable

from hostdeck.core.domain.actions import BackupArgs
from hostdeck.core.domain.life import (
    Standing,
    plan_hard_redeploy,
    plan_suspend,
    plan_terminate,
    plan_unsuspend,
)
from hostdeck.core.domain.pipeline import PlannedAccount, PlannedTask, is_combined
from hostdeck.core.domain.placement import Placement
from hostdeck.core.domain.product import Limits, resolve_limits
from hostdeck.core.domain.vocabulary import PENDING, Driver, Role, RunKind, ServiceId, TaskStatus
from hostdeck.core.domain.wishes import DESTROYS, RUN_OF, Wish, WishPlan, destroyed, task_views, why_not
from hostdeck.core.errors import Conflict, Invalid, NotFound
from hostdeck.core.intents.base import Door
from hostdeck.core.intents.runs import begin_run, hold, stop_run
from hostdeck.core.intents.work import RETRIED, requeue
from hostdeck.core.store.db import connection
from hostdeck.core.store.fields import utcnow
from hostdeck.core.store.fleet_models import Server
from hostdeck.core.store.nodes import node_of
from hostdeck.core.store.work_models import Account, Run, Service, Task, Zone, ZoneDeploy

TASKS: dict[Wish, Callable[[Standing], tuple[PlannedTask, ...]]] = {
    Wish.SUSPEND: plan_suspend,
    Wish.UNSUSPEND: plan_unsuspend,
    Wish.REDEPLOY: lambda standing: standing.build().tasks,
    Wish.HARD_REDEPLOY: plan_hard_redeploy,
    Wish.TERMINATE: plan_terminate,
}


def plan_wish(door: Door, service_id: int, wish: Wish) -> WishPlan:
    """What `grant` would do now; writes nothing. Raises the same refusals."""
    with connection():
        service = _service(service_id)
        _refuse(service, wish)
        standing = standing_of(service)
        tasks = TASKS[wish](standing)
        moving = [*PENDING, TaskStatus.RUNNING]
        return WishPlan(
            service=service.id,
            domain=service.domain,
            wish=wish,
            tasks=task_views(tasks),
            destroys=destroyed(tasks, {(a.server.name, a.username): a.roles for a in standing.accounts}),
            leaves=_leaves(standing, wish),
            stops=Task.select().where(Task.run == service.run, Task.status.in_(moving)).count(),
        )


def grant(door: Door, service_id: int, wish: Wish, typed: str = "") -> int:
    """Stops what is left of the run before and writes the new one, in one transaction. `typed` is the domain, where
    something would be destroyed. Returns the new run's id."""
    with door.change(f"service.{wish}", f"service #{service_id}") as change:
        service = _held(service_id)
        change.object = f"service #{service.id} {service.domain}"
        _refuse(service, wish)
        if wish in DESTROYS and typed.strip().rstrip(".").lower() != service.domain:
            raise Invalid("confirm", f"type '{service.domain}' to {wish} it; nothing was changed", "CONFIRM")
        tasks = TASKS[wish](standing_of(service))
        stopped = stop_run(service.run)
        change.detail = {"tasks": len(tasks), "stopped": stopped}
        return begin_run(service, RUN_OF[wish], tasks)


def resume(door: Door, service_id: int) -> int:
    """Queues every failed or cancelled task of the current run again. Returns how many; Conflict where there is
    none."""
    with door.change("service.resume", f"service #{service_id}") as change:
        service = _held(service_id)
        change.object = f"service #{service.id} {service.domain}"
        stuck = list(Task.select().where(Task.run == service.run, Task.status.in_(RETRIED)).order_by(Task.id))
        if not stuck:
            raise Conflict("service", f"nothing of {service.domain} has failed; it is {service.status}", "SVC_STATE")
        for task in stuck:
            requeue(task)
        change.detail = {"tasks": [task.id for task in stuck]}
        return len(stuck)


def _service(service_id: int) -> Service:
    service = Service.get_or_none(Service.id == service_id)
    if service is None:
        raise NotFound("service", f"there is no service #{service_id}; see 'hostdeck service list'")
    return service


def _held(service_id: int) -> Service:
    service = _service(service_id)
    return hold(service, {row.id for row in _servers(service)})


def _refuse(service: Service, wish: Wish) -> None:
    run = Run.get_or_none(Run.id == service.run)
    if reason := why_not(wish, service.status, RunKind(run.kind) if run else RunKind.DEPLOY):
        raise Conflict("service", f"{service.domain} can't {wish}: {reason}", "SVC_STATE")


def _servers(service: Service) -> list[Server]:
    hosting = Server.select().join(Account, on=(Account.server == Server.id)).where(Account.service == service)
    return [*hosting, *_nameservers(service)]


def _nameservers(service: Service) -> list[Server]:
    deploys = Server.select().join(ZoneDeploy, on=(ZoneDeploy.server == Server.id)).join(Zone)
    return list(deploys.where(Zone.service == service, Zone.name == service.domain).order_by(Server.id))


def standing_of(service: Service) -> Standing:
    """The service as its rows have it now."""
    rows = list(Account.select().where(Account.service == service).order_by(Account.id))
    accounts = []
    for row in rows:
        roles = tuple(role for role in Role if role in row.roles)
        combined = is_combined(service.mode, roles)
        accounts.append(PlannedAccount(node_of(row.server), roles, row.username, row.nonce, row.slot, combined))

    def holding(role: Role) -> PlannedAccount | None:
        return next((account for account in accounts if role in account.roles), None)

    web, mail = holding(Role.WEB), holding(Role.MAIL)
    placement = Placement(
        web.server if web else None,
        mail.server if mail else None,
        tuple(node_of(row) for row in _nameservers(service)),
        tuple(service.why),
    )
    filled = resolve_limits(service.limits, {})
    limits = Limits(filled.values, service.origin)
    now = int(utcnow().timestamp())
    return Standing(ServiceId(service.id), service.domain, service.email, limits, placement, tuple(accounts), now)


def _leaves(standing: Standing, wish: Wish) -> tuple[str, ...]:
    """What stays as it is although one might think otherwise."""
    if wish is Wish.TERMINATE:
        saved = (task for task in plan_terminate(standing) if isinstance(task.args, BackupArgs))
        return tuple(f"{t.server.name}: a backup of {t.target} is taken first, and stays on the node" for t in saved)
    if wish is not Wish.SUSPEND:
        return ()
    shared = [a.server.name for a in standing.accounts if Role.DNS in a.roles and len(a.roles) > 1]
    alone = [n.name for n in standing.placement.dns if n.name not in shared or n.driver is Driver.POWERDNS]
    said = []
    if alone:
        said.append(f"{', '.join(alone)}: the zone is answered as before, so that visitors find the notice")
    if shared:
        said.append(f"{', '.join(shared)}: the zone shares the account there and is not answered until it is opened")
    return tuple(said)
