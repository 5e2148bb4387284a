"""Having a plan read from the nodes by the worker, and running what was planned."""

from __future__ import annotations

from collections.abc import Sequence

from hostdeck.core.domain.action_names import Action
from hostdeck.core.domain.actions import ACTIONS
from hostdeck.core.domain.pipeline import PlannedTask
from hostdeck.core.domain.plan_reading import brings_new_key, by_server, fingerprint
from hostdeck.core.domain.vocabulary import RunKind, TaskStatus
from hostdeck.core.errors import Conflict, NotFound
from hostdeck.core.store.plans import told_of
from hostdeck.core.store.work_models import Run, Service, Task


def begin_reading(service: Service, what: str, tasks: Sequence[PlannedTask]) -> int:
    """One reading task a server, beside whatever changes there. Returns the plan's number; the caller's transaction is
    open."""
    detail = {"what": what, "fingerprint": fingerprint(tasks), "keys": [task.key for task in tasks]}
    run = Run.create(kind=RunKind.PLAN, service=service, detail=detail)
    spec = ACTIONS[Action.SERVER_READ_PLAN]
    for node, args in by_server(tasks).values():
        Task.create(
            run=run,
            service=service,
            server=node.id,
            action=Action.SERVER_READ_PLAN,
            target=f"plan {run.id}",
            args=args.model_dump(mode="json"),
            changing=False,
            status=TaskStatus.QUEUED,
            max_attempts=spec.max_attempts,
        )
    return int(run.id)


def expectations(service: Service, what: str, tasks: Sequence[PlannedTask], plan: int) -> dict[str, list[str]]:
    """The commands each task is to send, by its key, as the plan showed them; Conflict [PLAN_MOVED] where the rows have
    changed since, or where not every node has been read."""
    run = Run.get_or_none(Run.id == plan, Run.kind == RunKind.PLAN, Run.service == service)
    if run is None:
        raise NotFound("plan", f"there is no plan {plan} for {service.domain}")
    detail = run.detail or {}
    if detail.get("what") != what or detail.get("fingerprint") != fingerprint(tasks):
        text = f"{service.domain} has changed since plan {plan} was made; nothing was done: plan it again"
        raise Conflict("plan", text, "PLAN_MOVED")
    told = told_of(plan)
    unread = [task for task in tasks if task.key not in told]
    if unread:
        text = f"plan {plan} has not been read from {unread[0].server.name}; nothing was done: plan it again"
        raise Conflict("plan", text, "PLAN_UNREAD")
    # A task that was seen to stop, or to wait, sends what it was seen to send until then: often nothing.
    new_key = brings_new_key((task.action, told[task.key].commands) for task in tasks)
    # The zone of a new key can't be held to anything: its plan was read before there was one, and says so.
    held = (task for task in tasks if not (new_key and task.action is Action.DNS_DEPLOY_ZONE))
    return {task.key: list(told[task.key].commands) for task in held}
