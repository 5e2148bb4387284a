"""What the rows say for the doctor: workers, servers, nameservers, and the youngest time in the database."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from peewee import fn

from hostdeck.core.domain.doctor import Beat, Node
from hostdeck.core.domain.vocabulary import FINAL, ServerStatus, ServiceStatus
from hostdeck.core.queries.fleet import workers
from hostdeck.core.queries.rows import utc
from hostdeck.core.store.figure_models import Breaker
from hostdeck.core.store.fleet_models import Audit, Server, Worker
from hostdeck.core.store.work_models import Service, Task, Zone, ZoneDeploy


class NameserverRow(NamedTuple):
    """`zone` is one that it should hold, None where it has none yet."""

    name: str
    ip: str
    zone: str | None


class Rows(NamedTuple):
    beats: tuple[Beat, ...]
    waiting: int
    newest: datetime | None
    nodes: tuple[Node, ...]
    nameservers: tuple[NameserverRow, ...]


def rows(*, now: datetime | None = None) -> Rows:
    moment = utc(now)
    return Rows(
        beats=tuple(Beat(row.host, row.pid, row.beat_age_s, row.alive) for row in workers(now=moment)),
        waiting=Task.select().where(Task.status.not_in(FINAL)).count(),
        newest=_newest(),
        nodes=_nodes(moment),
        nameservers=_nameservers(),
    )


def _newest() -> datetime | None:
    """Of what is written all the time, by whatever machine."""
    known = []
    for column in (Task.created_at, Audit.at, Worker.beat_at):
        value = column.model.select(fn.MAX(column)).scalar()
        if value is not None:
            known.append(value if isinstance(value, datetime) else column.python_value(value))
    return max(known, default=None)


def _nodes(now: datetime) -> tuple[Node, ...]:
    open_ones = {
        row.server_id: row.reason or str(row.kind) for row in Breaker.select().where(Breaker.opened_at.is_null(False))
    }
    return tuple(
        Node(
            name=row.name,
            status=row.status,
            health=row.health,
            error=row.health_error or None,
            age=(now - row.collected_at).total_seconds() if row.collected_at else None,
            breaker=open_ones.get(row.id),
        )
        for row in Server.select().order_by(Server.name)
    )


def _nameservers() -> tuple[NameserverRow, ...]:
    held = ZoneDeploy.select(ZoneDeploy.server, Zone.name).join(Zone).join(Service)
    live = held.where(ZoneDeploy.deployed_at.is_null(False), Service.status == ServiceStatus.ACTIVE)
    zones = dict(live.order_by(ZoneDeploy.deployed_at).tuples())
    servers = Server.select().where(Server.dns, Server.status.in_((ServerStatus.ACTIVE, ServerStatus.DRAINING)))
    return tuple(NameserverRow(row.name, row.ip, zones.get(row.id)) for row in servers.order_by(Server.name))
