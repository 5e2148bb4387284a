"""Let's Encrypt's tasks beside a deployment: when something else changes what there is to be certified."""

from __future__ import annotations

from dataclasses import replace

from hostdeck.core.domain.action_args import CertificateArgs
from hostdeck.core.domain.action_names import Action
from hostdeck.core.domain.pipeline import PlannedTask
from hostdeck.core.domain.vocabulary import PENDING, Role
from hostdeck.core.intents.inside import begin
from hostdeck.core.intents.standing import standing_of
from hostdeck.core.store.db import LOCKED, is_postgres
from hostdeck.core.store.items import has_own_certificate
from hostdeck.core.store.work_models import Service, Task


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


def seed_beside(service: Service, role: Role) -> None:
    """Has it asked for the names that there are now, unless a task waits to do so already, which sees them too; one
    that runs may have read what there was before. A certificate of one's own stays."""
    if has_own_certificate(service.id, role):
        return
    rows = Task.select().where(Task.service == service, Task.action == Action.SSL_SEED, Task.status.in_(list(PENDING)))
    held = rows.order_by(Task.id).for_update(LOCKED) if is_postgres() else rows  # nobody begins one meanwhile
    if not any(row.args.get("kind", "web") == role for row in held):
        begin(service, seed(service, role))
