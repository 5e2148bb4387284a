"""Suspending, opening, redeploying, changing, resuming and terminating a service."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from hostdeck.core.domain.action_args import BackupArgs, ItemArgs, SoldPasswordArgs
from hostdeck.core.domain.life import (
    Standing,
    plan_change,
    plan_hard_redeploy,
    plan_suspend,
    plan_terminate,
    plan_unsuspend,
)
from hostdeck.core.domain.pipeline import PlannedTask
from hostdeck.core.domain.vocabulary import PENDING, Driver, Role, RunKind, ServiceStatus, TaskStatus
from hostdeck.core.domain.wishes import DESTROYS, RUN_OF, Wish, WishPlan, destroyed, task_views, why_not
from hostdeck.core.errors import Conflict, Invalid, NotFound
from hostdeck.core.intents.base import Door
from hostdeck.core.intents.change import change_to
from hostdeck.core.intents.plans import begin_reading, expectations
from hostdeck.core.intents.runs import begin_run, hold, stop_run
from hostdeck.core.intents.standing import servers_of, standing_of
from hostdeck.core.intents.work import RETRIED, requeue
from hostdeck.core.store import changes
from hostdeck.core.store.asked import asker
from hostdeck.core.store.db import connection
from hostdeck.core.store.fields import utcnow
from hostdeck.core.store.work_models import Run, Service, Task

TASKS: dict[Wish, Callable[[Standing], tuple[PlannedTask, ...]]] = {
    Wish.SUSPEND: plan_suspend,
    Wish.UNSUSPEND: plan_unsuspend,
    Wish.REDEPLOY: lambda standing: standing.build().tasks,
    Wish.HARD_REDEPLOY: plan_hard_redeploy,
    Wish.TERMINATE: plan_terminate,
}


@dataclass(frozen=True, slots=True)
class _Drawn:
    """What a wish comes to now: its tasks, what its run has to know, and what changes, in sentences."""

    tasks: tuple[PlannedTask, ...]
    detail: dict[str, Any] | None = None
    changes: tuple[str, ...] = field(default=())


def plan_wish(door: Door, service_id: int, wish: Wish, product: str = "") -> WishPlan:
    """What `grant` would do now; writes nothing. Raises the same refusals. `product` is what a change is to."""
    with connection():
        service = _service(service_id)
        _refuse(service, wish)
        standing = standing_of(service)
        drawn = _draw(service, standing, wish, product)
        moving = Task.status.in_([*PENDING, TaskStatus.RUNNING])
        stops = Task.select().where(Task.run.in_(_stopped(service, wish)), moving).count()
        of_the_run = Task.select().where(Task.run == service.run, moving).exists()
        return WishPlan(
            service=service.id,
            domain=service.domain,
            wish=wish,
            tasks=task_views(drawn.tasks),
            destroys=destroyed(drawn.tasks, {(a.server.name, a.username): a.roles for a in standing.accounts}),
            leaves=_leaves(standing, wish),
            changes=drawn.changes,
            stops=stops,
            stops_whose=_whose(service.run) if of_the_run else "",
        )


def ask_nodes(door: Door, service_id: int, wish: Wish, product: str = "") -> int:
    """Has the worker read from the nodes what the wish would send to them. Returns the plan's number."""
    with door.change("service.plan", f"service #{service_id}: {wish}") as change:
        service = _service(service_id)
        change.object = f"service #{service.id} {service.domain}: {wish}"
        _refuse(service, wish)
        drawn = _draw(service, standing_of(service), wish, product)
        return begin_reading(service, _name(wish, product), drawn.tasks)


def grant(
    door: Door, service_id: int, wish: Wish, typed: str = "", *, product: str = "", plan: int | None = None
) -> int:
    """Stops what is left of the run before and writes the new one, in one transaction. `typed` is the domain, where
    something would be destroyed. With `plan`, exactly its commands are sent: Conflict [PLAN_MOVED] where the rows have
    changed since, and a task stops before it would send anything else. Returns the new run's id."""
    with door.change(f"service.{wish}", f"service #{service_id}") as change:
        service = held_service(service_id)
        change.object = f"service #{service.id} {service.domain}"
        _refuse(service, wish)
        if wish in DESTROYS and typed.strip().rstrip(".").lower() != service.domain:
            raise Invalid("confirm", f"type '{service.domain}' to {wish} it; nothing was changed", "CONFIRM")
        drawn = _draw(service, standing_of(service), wish, product)
        expects = None if plan is None else expectations(service, _name(wish, product), drawn.tasks, plan)
        runs = _stopped(service, wish)
        detail = (drawn.detail or {}) | changes.remembered(service, runs, _items_in(drawn.tasks))
        stopped = sum(stop_run(run) for run in runs)
        change.detail = {"tasks": len(drawn.tasks), "stopped": stopped, "plan": plan, "changes": list(drawn.changes)}
        return begin_run(service, RUN_OF[wish], drawn.tasks, expects, detail)


def _items_in(tasks: Sequence[PlannedTask]) -> set[int]:
    """What is inside the service that these tasks are about."""
    numbers = set()
    for task in tasks:
        if isinstance(task.args, ItemArgs):
            numbers.add(task.args.item)
        elif isinstance(task.args, SoldPasswordArgs):
            numbers.add(task.args.row)
    return numbers


def _draw(service: Service, standing: Standing, wish: Wish, product: str) -> _Drawn:
    if wish is not Wish.CHANGE_PRODUCT:
        return _Drawn(TASKS[wish](standing))
    change = change_to(service, product)
    detail = {"product": change.product, "limits": change.limits.values, "origin": change.limits.origin}
    return _Drawn(plan_change(standing, change.limits), detail, change.sentences)


def _stopped(service: Service, wish: Wish) -> list[int]:
    """The runs that a wish stops. One that destroys stops whatever else is on its way to the nodes: a zone published
    after its service has gone would be nobody's. The current run comes last: a certificate is what it says."""
    runs = [service.run] if service.run else []
    if wish in DESTROYS:
        beside = Run.select(Run.id).where(Run.service == service, Run.finished_at.is_null(), Run.id.not_in(runs))
        runs = [row.id for row in beside.order_by(Run.id)] + runs
    return runs


def _name(wish: Wish, product: str) -> str:
    return f"{wish} {product}".strip()


def resume(door: Door, service_id: int) -> int:
    """Queues every failed or cancelled task of the current run again. Returns how many; Conflict where there is
    none."""
    with door.change("service.resume", f"service #{service_id}") as change:
        service = held_service(service_id)
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


def held_service(service_id: int) -> Service:
    """The service, of which nobody else moves a task or begins a run until the transaction ends."""
    service = _service(service_id)
    return hold(service, {row.id for row in servers_of(service)})


def _refuse(service: Service, wish: Wish) -> None:
    """What does not fit the service's state, and the same kind of wish once more while the first is carried out. Where
    that has failed already, another may take over from it, whatever of it still moves."""
    run = Run.get_or_none(Run.id == service.run)
    first = _on_its_way(run)
    whose = _whose(service.run) if first is not None else ""
    if reason := why_not(wish, service.status, RunKind(run.kind) if run else RunKind.DEPLOY):
        told = f"; {whose}" if whose else ""
        raise Conflict("service", f"{service.domain} can't {wish}: {reason}{told}", "SVC_STATE")
    failed = service.status is ServiceStatus.ERROR
    if run is not None and first is not None and run.kind is RUN_OF[wish] and not failed:
        what = whose or f"a {run.kind} of this is under way"
        mend = f"let it end, or cancel its tasks (hostdeck task cancel {first.id})"
        raise Conflict("service", f"{service.domain}: {what}; {mend}", "SVC_BUSY")


def _on_its_way(run: Run | None) -> Task | None:
    """The first task of a run that will move by itself. One that waits for a failed one never does, and what the
    service's state does not wait for may be tried for weeks."""
    by_themselves = (TaskStatus.RUNNING, TaskStatus.QUEUED, TaskStatus.RETRYING)
    moving = Task.select().where(Task.run == run, Task.status.in_(by_themselves), ~Task.follow_up)
    first: Task | None = moving.order_by(Task.id).first()
    return first


def _whose(run: int | None) -> str:
    """`ops2 redeploys this since 40 s`; empty where nobody is known to have asked for it."""
    asked = asker(Run.select(Run.asked).where(Run.id == run).scalar())
    return asked.under_way(utcnow()) if asked is not None else ""


def _leaves(standing: Standing, wish: Wish) -> tuple[str, ...]:
    """What stays as it is although one might think otherwise."""
    if wish is Wish.TERMINATE:
        saved = (task for task in plan_terminate(standing) if isinstance(task.args, BackupArgs))
        without = ""
        if standing.slot is not None and Role.MAIL in standing.roles:
            box = f"{standing.slot.name}@{standing.slot.parent}"
            without = f"; it covers the website's account only, mailbox {box} is deleted without one"
        told = "is taken first, and stays on the node"
        return tuple(f"{t.server.name}: a backup of {t.target} {told}{without}" for t in saved)
    if wish is not Wish.SUSPEND:
        return ()
    if standing.slot is not None:
        return (
            f"everything else of account {standing.slot.mail_user} and of {standing.slot.parent}",
            f"{standing.slot.mail_server.name}: mail to {standing.slot.name}@{standing.slot.parent} is still kept",
        )
    shared = [a.server.name for a in standing.accounts if Role.DNS in a.roles and len(a.roles) > 1]
    alone = [n.name for n in standing.placement.dns if n.name not in shared or n.driver is Driver.POWERDNS]
    said = []
    if alone:
        said.append(f"{', '.join(alone)}: the zone is answered as before, so that visitors find the notice")
    if shared:
        said.append(f"{', '.join(shared)}: the zone shares the account there and is not answered until it is opened")
    return tuple(said)
