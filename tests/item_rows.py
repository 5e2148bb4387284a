"""Items of a service: rows written as the intents do, and the run that carries one to its node."""

from __future__ import annotations

from typing import Any

from hostdeck.core.domain.item_tasks import PlacedItem, item_task
from hostdeck.core.domain.items import KINDS, ItemKind, ItemStatus
from hostdeck.core.domain.pipeline import PlannedAccount
from hostdeck.core.domain.vocabulary import Role, RunKind, ServiceId
from hostdeck.core.intents.runs import write_tasks
from hostdeck.core.store.fields import utcnow
from hostdeck.core.store.item_models import Item
from hostdeck.core.store.nodes import node_of
from hostdeck.core.store.seal import seal
from hostdeck.core.store.work_models import Account, Run, Service, Task

PASSWORD = "Sesam-open-77"


def account_of(service: int, role: Role) -> Account:
    return next(row for row in Account.select().where(Account.service == service) if role in row.roles)


def write(service: int, kind: ItemKind, name: str, password: str | None = PASSWORD, **wanted: Any) -> int:
    """A new item's row; a kind without a password has none."""
    server = account_of(service, KINDS[kind].role).server
    row = Item.create(service=service, server=server, kind=kind, name=name, wanted=wanted)
    if KINDS[kind].has_password and password is not None:
        set_password(row.id, password)
    return int(row.id)


def set_password(item: int, password: str) -> None:
    row = Item.get_by_id(item)
    row.secret = seal("item", row.uuid, "secret", password)
    row.save()


def want(item: int, **wanted: Any) -> None:
    row = Item.get_by_id(item)
    row.wanted = row.wanted | wanted
    row.save()


def let_go(item: int) -> None:
    Item.update(status=ItemStatus.REMOVING).where(Item.id == item).execute()


def send(item: int) -> int:
    """A run of the item's one task; the task's id."""
    row = Item.get_by_id(item)
    spec = KINDS[row.kind]
    account = account_of(row.service_id, spec.role)
    node = node_of(account.server)
    planned = PlannedAccount(node, tuple(account.roles), account.username, account.nonce, takes_slot=False)
    service = Service.get_by_id(row.service_id)
    Run.update(finished_at=utcnow()).where(Run.service == service).execute()
    run = Run.create(kind=RunKind.ITEM, service=service)
    Service.update(run=run.id).where(Service.id == service.id).execute()
    placed = PlacedItem(row.id, row.kind, spec.role)
    task = item_task(ServiceId(service.id), service.domain, planned, placed, spec.add, ())
    write_tasks(service, run, [task])
    return int(Task.get(Task.run == run).id)
