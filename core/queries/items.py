"""What is inside a service, kind by kind, with how many of its limit are used."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import ConfigDict

from hostdeck.core.domain.archives import fetch_command, path_of
from hostdeck.core.domain.items import KINDS, ItemKind, ItemStatus
from hostdeck.core.domain.order_plan import View
from hostdeck.core.queries.services import service_id
from hostdeck.core.store.db import connection
from hostdeck.core.store.fleet_models import Server
from hostdeck.core.store.item_models import Item
from hostdeck.core.store.work_models import Record, Service, Zone


class ItemRow(View):
    """One item; the fields of its kind (`item_specs`) stand beside these, and what the node says of it in `known`. A
    record has no server and no task: its zone has. `server` is where it stands."""

    model_config = ConfigDict(frozen=True, extra="allow")

    id: int
    kind: ItemKind
    name: str
    service: int
    domain: str
    server: str | None
    status: ItemStatus
    error: str | None
    task: int | None
    known: dict[str, Any]
    created_at: datetime | None
    seen_at: datetime | None

    def field(self, name: str) -> Any:
        """A field of its kind, None where it has no such."""
        return (self.model_extra or {}).get(name)


class UseOfKind(View):
    """`limit` None: not limited; `used` are rows, whether the node has them yet or not."""

    kind: ItemKind
    used: int
    limit: int | None


def items(key: int | str, kind: ItemKind | None = None) -> tuple[ItemRow, ...]:
    """The items of a service, oldest first; records are only given when they are asked for."""
    with connection():
        number = service_id(key)
        if kind is ItemKind.RECORD:
            return _records(number)
        query = _query().where(Item.service == number).order_by(Item.kind, Item.id)
        rows = query if kind is None else query.where(Item.kind == kind)
        return tuple(_row(row) for row in rows)


def _query() -> Any:
    reached = (Server.name, Server.ip, Server.ssh_port, Server.ssh_username)
    named = Item.select(Item, *reached, Service.id, Service.domain)
    return named.join_from(Item, Server).join_from(Item, Service)


def item(number: int) -> ItemRow | None:
    """One item by its number; None where it is there no more."""
    with connection():
        row = _query().where(Item.id == number).first()
        return _row(row) if row else None


def _row(row: Item) -> ItemRow:
    return ItemRow(
        id=row.id,
        kind=row.kind,
        name=row.name,
        service=row.service_id,
        domain=row.service.domain,
        server=row.server.name,
        status=row.status,
        error=row.error,
        task=row.task,
        known=row.known,
        created_at=row.created_at,
        seen_at=row.seen_at,
        **row.wanted,
        **(_lies(row) if row.kind is ItemKind.BACKUP else {}),
    )


def _lies(row: Item) -> dict[str, Any]:
    """Of a backup: `path` on its node, and `fetch`, the command that brings it here; None where it lies on none.
    `proven` is what reading it through has shown, `tried` what restoring it for trial has; None where
    nobody has."""
    path, server = path_of(row.known), row.server
    fetch = fetch_command(path, server.ip, server.ssh_port, server.ssh_username) if path else None
    return {"path": path, "fetch": fetch, "proven": row.known.get("proven"), "tried": row.known.get("tried")}


def _records(service: int) -> tuple[ItemRow, ...]:
    rows = Record.select(Record, Zone.name).join(Zone).where(Zone.service == service)
    ordered = rows.order_by(Record.name, Record.type, Record.priority, Record.value)
    return tuple(
        ItemRow(
            id=row.id,
            kind=ItemKind.RECORD,
            name=row.name,
            service=service,
            domain=row.zone.name,
            server=None,
            status=ItemStatus.ACTIVE,
            error=None,
            task=None,
            known={},
            created_at=None,
            seen_at=None,
            type=str(row.type),
            value=row.value,
            priority=row.priority,
            ttl=row.ttl,
        )
        for row in ordered
    )


def use_of_items(key: int | str) -> dict[ItemKind, UseOfKind]:
    """How many of each kind there are, and how many there may be."""
    with connection():
        row = Service.get_by_id(service_id(key))
        return {kind: UseOfKind(kind=kind, used=count, limit=limit) for kind, count, limit in _counted(row)}


def _counted(row: Service) -> list[tuple[ItemKind, int, int | None]]:
    counted = [(kind, _count(row, kind), _limit(row.limits, spec.limit)) for kind, spec in KINDS.items()]
    records = Record.select().join(Zone).where(Zone.service == row).count()
    return [*counted, (ItemKind.RECORD, records, _limit(row.limits, "dns_records"))]


def _count(row: Service, kind: ItemKind) -> int:
    return int(Item.select().where(Item.service == row, Item.kind == kind).count())


def _limit(limits: Mapping[str, str], key: str | None) -> int | None:
    value = limits.get(key, "unlimited") if key else "unlimited"
    return int(value) if value.isdigit() else None
