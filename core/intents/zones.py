"""Publishing a zone again, on all its nameservers or on some; the service's own status has nothing to do with it."""

from __future__ import annotations

from collections.abc import Sequence

from hostdeck.core.domain.action_names import Action
from hostdeck.core.domain.order_plan import PlannedTaskView
from hostdeck.core.domain.pipeline import PlannedTask
from hostdeck.core.domain.text import safe
from hostdeck.core.domain.vocabulary import PENDING, RunKind, ServiceStatus, TaskStatus
from hostdeck.core.domain.wishes import task_views
from hostdeck.core.errors import Conflict, NotFound
from hostdeck.core.intents.base import Door
from hostdeck.core.intents.plans import begin_reading, expectations
from hostdeck.core.intents.runs import hold, write_tasks
from hostdeck.core.intents.standing import standing_of
from hostdeck.core.store.asked import asker
from hostdeck.core.store.db import connection
from hostdeck.core.store.fields import utcnow
from hostdeck.core.store.work_models import Run, Service, Task, Zone

PUBLISHED = (ServiceStatus.ACTIVE, ServiceStatus.ERROR)


def plan_redeploy_zone(door: Door, name: str, servers: Sequence[str] = ()) -> tuple[PlannedTaskView, ...]:
    """What `redeploy_zone` would send where; writes nothing."""
    with connection():
        return task_views(zone_tasks(_service(name), servers))


def ask_nameservers(door: Door, name: str, servers: Sequence[str] = ()) -> int:
    """Has the worker read from the nodes what publishing would send to them. Returns the plan's number."""
    with door.change("zone.plan", f"zone {name[:253]}"):
        service = _service(name)
        return begin_reading(service, _what(servers), zone_tasks(service, servers))


def _what(servers: Sequence[str]) -> str:
    return f"zone {','.join(sorted(servers))}"


def redeploy_zone(door: Door, name: str, servers: Sequence[str] = (), plan: int | None = None) -> tuple[int, ...]:
    """One task a nameserver, side by side; with `plan` exactly its commands. Returns their ids; Conflict while the zone
    is being published already, or where the plan is another by now."""
    with door.change("zone.redeploy", f"zone {name[:253]}") as change:
        service = _service(name)
        service = hold(service, {task.server.id for task in zone_tasks(service, servers)})
        tasks = zone_tasks(service, servers)
        moving = Task.select().where(
            Task.service == service,
            Task.action == Action.DNS_DEPLOY_ZONE,
            Task.status.in_([*PENDING, TaskStatus.RUNNING]),
            Task.server.in_([task.server.id for task in tasks]),
        )
        if busy := moving.first():
            asked = asker(busy.run.asked)
            whose = f" ({asked.words(utcnow())})" if asked is not None else ""
            text = f"task #{busy.id} publishes {service.domain} already{whose}; see how it ends"
            raise Conflict("zone", text, "ZONE_BUSY")
        expects = None if plan is None else expectations(service, _what(servers), tasks, plan)
        run = Run.create(kind=RunKind.ZONE, service=service)
        write_tasks(service, run, tasks, expects)
        change.detail = {"servers": [task.server.name for task in tasks]}
        return tuple(task.id for task in Task.select(Task.id).where(Task.run == run).order_by(Task.id))


def _service(name: str) -> Service:
    wanted = name.strip().rstrip(".").lower()
    live = Service.select().join(Zone, on=(Zone.service == Service.id)).where(Zone.name == wanted)
    service: Service | None = live.where(Service.status != ServiceStatus.TERMINATED).first()
    if service is None:
        raise NotFound("zone", f"there is no zone '{safe(name)}'; see 'hostdeck zone list'")
    if service.status not in PUBLISHED:
        raise Conflict("zone", f"{service.domain} is {service.status}; wait until it is active", "SVC_STATE")
    run = Run.get_or_none(Run.id == service.run)
    if run is not None and run.kind is RunKind.TERMINATE:
        raise Conflict("zone", f"the termination of {service.domain} has begun; resume it", "SVC_STATE")
    return service


def zone_tasks(service: Service, servers: Sequence[str]) -> tuple[PlannedTask, ...]:
    """The zone tasks of a whole deployment, without what they would wait for there."""
    built = [task for task in standing_of(service).build().tasks if task.action is Action.DNS_DEPLOY_ZONE]
    unknown = set(servers) - {task.server.name for task in built}
    if unknown:
        raise NotFound("server", f"'{safe(min(unknown))}' is no nameserver of {service.domain}")
    if not built:
        raise Conflict("zone", f"{service.domain} has no nameserver: its group had none when it was ordered", "ZONE_NS")
    wanted = [task for task in built if not servers or task.server.name in servers]
    return tuple(PlannedTask(t.key, t.action, t.target, t.server, t.args, (), t.lane) for t in wanted)
