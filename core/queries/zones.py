"""Logical zones, one row each whatever their nameservers hold; never a query per row."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from peewee import fn

from hostdeck.core.domain.action_names import Action
from hostdeck.core.domain.order_plan import RecordView, View
from hostdeck.core.domain.text import safe
from hostdeck.core.domain.vocabulary import DONE, PENDING, Driver, RecordType, ServiceStatus, TaskStatus
from hostdeck.core.domain.zone import ZoneRecord
from hostdeck.core.errors import NotFound
from hostdeck.core.queries.rows import like
from hostdeck.core.store.fleet_models import Server
from hostdeck.core.store.work_models import Record, Service, Task, Zone, ZoneDeploy


class ZoneServer(View):
    """A zone on one nameserver: `state` is active, deploying, failed or waiting, and the task that says so."""

    server: str
    ip: str
    driver: Driver
    state: str
    serial: str | None
    deployed_at: datetime | None
    task: int | None
    error: str | None


class ZoneRow(View):
    """`records` is their number."""

    id: int
    zone: str
    service: int
    status: ServiceStatus
    servers: tuple[ZoneServer, ...]
    records: int


class ZoneDetail(View):
    id: int
    zone: str
    service: int
    status: ServiceStatus
    servers: tuple[ZoneServer, ...]
    records: tuple[RecordView, ...]


def zones(search: str = "", limit: int = 500) -> tuple[ZoneRow, ...]:
    """Those of services that are not terminated, newest first."""
    query = Zone.select(Zone.id, Zone.name, Service.id.alias("service_id"), Service.status.alias("status"))
    query = query.join(Service).where(Service.status != ServiceStatus.TERMINATED)
    if search:
        query = query.where(like(Zone.name, search))
    rows = list(query.order_by(Zone.id.desc()).limit(limit).objects())
    counts = dict(
        Record.select(Record.zone, fn.COUNT(Record.id))
        .where(Record.zone.in_([row.id for row in rows]))
        .group_by(Record.zone)
        .tuples()
    )
    servers = _servers(rows)
    return tuple(
        ZoneRow(
            id=row.id,
            zone=row.name,
            service=row.service_id,
            status=row.status,
            servers=servers[row.id],
            records=counts.get(row.id, 0),
        )
        for row in rows
    )


def zone(name: str) -> ZoneDetail:
    """By its name or its id; the live service's."""
    query = Zone.select(Zone.id, Zone.name, Service.id.alias("service_id"), Service.status.alias("status"))
    wanted = name.strip().rstrip(".").lower()
    named = (
        Zone.id == int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 19 else Zone.name == wanted
    )
    live = query.join(Service).where(named, Service.status != ServiceStatus.TERMINATED)
    row = live.order_by(Zone.id.desc()).objects().first()
    if row is None:
        raise NotFound("zone", f"there is no zone '{safe(name)}'; see 'hostdeck zone list'")
    records = Record.select().where(Record.zone == row.id).order_by(Record.name, Record.type, Record.value)
    return ZoneDetail(
        id=row.id,
        zone=row.name,
        service=row.service_id,
        status=row.status,
        servers=_servers([row])[row.id],
        records=tuple(
            RecordView(name=r.name, type=r.type, value=r.value, priority=r.priority, ttl=r.ttl) for r in records
        ),
    )


def wanted(detail: ZoneDetail) -> tuple[ZoneRecord, ...]:
    """The records as the decisions see them."""
    return tuple(ZoneRecord(r.name, RecordType(r.type), r.value, r.priority, r.ttl) for r in detail.records)


def _servers(rows: Sequence[Any]) -> dict[int, tuple[ZoneServer, ...]]:
    """The newest task about a zone on a server says more than an older success."""
    by_service = {row.service_id: row.id for row in rows}
    newest: dict[tuple[int, int], Any] = {}
    columns = (Task.id, Task.service, Task.server, Task.status, Task.error)
    # What was stopped before it began says nothing of the zone: a refused change of product leaves such tasks.
    begun = (Task.status != TaskStatus.CANCELLED) | Task.started_at.is_null(False)
    tasks = Task.select(*columns).where(
        Task.service.in_(list(by_service)), Task.action == Action.DNS_DEPLOY_ZONE, Task.server.is_null(False), begun
    )
    for task in tasks.order_by(Task.id):
        newest[by_service[task.service_id], task.server_id] = task
    found: dict[int, list[ZoneServer]] = defaultdict(list)
    deploys = ZoneDeploy.select(ZoneDeploy, Server).join(Server).where(ZoneDeploy.zone.in_(list(by_service.values())))
    for deploy in deploys.order_by(Server.name):
        task = newest.get((deploy.zone_id, deploy.server_id))
        found[deploy.zone_id].append(
            ZoneServer(
                server=deploy.server.name,
                ip=deploy.server.ip,
                driver=deploy.server.driver,
                state=_state(task, deploy),
                serial=deploy.serial,
                deployed_at=deploy.deployed_at,
                task=task.id if task else None,
                error=task.error if task and task.status not in DONE else None,
            )
        )
    return defaultdict(tuple, {zone_id: tuple(servers) for zone_id, servers in found.items()})


def _state(task: Any, deploy: Any) -> str:
    if task is None or task.status in DONE:
        return "active" if deploy.deployed_at else "waiting"
    if task.status in PENDING | {TaskStatus.RUNNING}:
        return "waiting" if task.status is TaskStatus.WAITING else "deploying"
    return "failed"
