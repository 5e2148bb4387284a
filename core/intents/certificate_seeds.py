"""Let's Encrypt's tasks beside a deployment: when something else changes what there is to be certified."""

from __future__ import annotations

from dataclasses import replace

from hostdeck.core.domain.action_args import CertificateArgs
from hostdeck.core.domain.action_names import Action
from hostdeck.core.domain.pipeline import PlannedTask
from hostdeck.core.domain.vocabulary import PENDING, Role, TaskStatus
from hostdeck.core.intents.inside import begin
from hostdeck.core.intents.standing import standing_of
from hostdeck.core.store.db import LOCKED, is_postgres
from hostdeck.core.store.items import has_own_certificate
from hostdeck.core.store.work_models import Service, Task, TaskAfter


def seed(service: Service, role: Role, *after: str) -> tuple[PlannedTask, ...]:
    """Let's Encrypt's task of a whole deployment, which waits for nothing but `after`."""
    built = standing_of(service).build().tasks
    return tuple(
        replace(task, after=after)
        for task in built
        if isinstance(task.args, CertificateArgs) and task.args.kind == role
    )


def seeded_hosts(service: Service, role: Role) -> tuple[str, ...]:
    """The names that the order has certified."""
    return next((task.args.hosts for task in seed(service, role) if isinstance(task.args, CertificateArgs)), ())


def seed_after(service: Service, role: Role, task: int) -> None:
    """Has it asked once `task` has ended, however it did: by the task that waits to ask already, where there is one. A
    certificate of one's own stays."""
    if has_own_certificate(service.id, role):
        return
    waiting = [row.id for row in waiting_seeds(service, role)]
    waiting = waiting or [number for planned in seed(service, role) for number in begin(service, (planned,))]
    for number in waiting:
        TaskAfter.create(task=number, needs=task)
    Task.update(status=TaskStatus.WAITING, not_before=None).where(Task.id.in_(waiting)).execute()


def look_again(service: Service, role: Role) -> None:
    """Whoever waits to ask does not wait any longer."""
    waiting = [row.id for row in waiting_seeds(service, role) if row.status is TaskStatus.RETRYING]
    Task.update(not_before=None).where(Task.id.in_(waiting)).execute()


def waiting_seeds(service: Service, role: Role) -> list[Task]:
    """Held, so that nobody begins them meanwhile."""
    rows = Task.select().where(Task.service == service, Task.action == Action.SSL_SEED, Task.status.in_(list(PENDING)))
    held = rows.order_by(Task.id).for_update(LOCKED) if is_postgres() else rows
    return [row for row in held if row.args.get("kind", "web") == role]
