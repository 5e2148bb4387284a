"""Servers, groups, products and workers, as people see them; Home and the header's counts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from peewee import fn

from hostdeck.core.domain.product import resolve_limits
from hostdeck.core.domain.text import safe
from hostdeck.core.domain.vocabulary import (
    FINAL,
    PENDING,
    HealthState,
    Role,
    ServiceStatus,
    TaskStatus,
)
from hostdeck.core.errors import NotFound
from hostdeck.core.queries.attention import attention, wanting
from hostdeck.core.queries.first_steps import first_steps
from hostdeck.core.queries.rows import breaker_view, can_host, server_row, task_query, task_rows, utc
from hostdeck.core.queries.tickets import open_tickets
from hostdeck.core.queries.views import GroupRow, HomeView, ProductRow, Pulse, ServerRow, VanityView, WorkerRow
from hostdeck.core.store import breakers
from hostdeck.core.store.fleet_models import Group, GroupDns, Server, VanityDomain, VanityWeb, Worker
from hostdeck.core.store.processes import lives
from hostdeck.core.store.work_models import Product, Service, Task, VanitySlot

ALIVE_FOR = timedelta(seconds=45)
"""A worker beats every few seconds; one that has been silent for this long is taken for dead."""

RUNNING_LIMIT = 50
LAST_LIMIT = 20
WORKER_LIMIT = 50


def servers(capability: Role | None = None, *, now: datetime | None = None) -> tuple[ServerRow, ...]:
    """All servers, or those able to host a role, by name."""
    del now  # a server's ages are drawn by whoever shows them
    query = Server.select().order_by(Server.name)
    if capability is not None:
        query = query.where(can_host(Role(capability)))
    return _server_rows(query)


def server(name: str, *, now: datetime | None = None) -> ServerRow:
    del now
    rows = _server_rows(Server.select().where(Server.name == name))
    if not rows:
        raise NotFound("server", f"no server is called '{safe(name)}'; see 'hostdeck server list'")
    return rows[0]


def groups() -> tuple[GroupRow, ...]:
    return _group_rows(Group.select().order_by(Group.name))


def group(name: str) -> GroupRow:
    rows = _group_rows(Group.select().where(Group.name == name))
    if not rows:
        raise NotFound("group", f"no group is called '{safe(name)}'; see 'hostdeck group list'")
    return rows[0]


def products() -> tuple[ProductRow, ...]:
    return _product_rows(Product.select().order_by(Product.name))


def product(name: str) -> ProductRow:
    rows = _product_rows(Product.select().where(Product.name == name))
    if not rows:
        raise NotFound("product", f"no product is called '{safe(name)}'; see 'hostdeck product list'")
    return rows[0]


def workers(*, now: datetime | None = None) -> tuple[WorkerRow, ...]:
    """The workers that have not said good-bye, the one that beat last first."""
    moment = utc(now)
    query = Worker.select().where(Worker.stopped_at.is_null()).order_by(Worker.beat_at.desc()).limit(WORKER_LIMIT)
    return tuple(
        WorkerRow(
            id=row.id,
            host=row.host,
            pid=row.pid,
            started_at=row.started_at,
            beat_age_s=round(max(0.0, (moment - row.beat_at).total_seconds()), 3),
            alive=moment - row.beat_at < ALIVE_FOR and lives(row),
        )
        for row in query
    )


def pulse(*, now: datetime | None = None) -> Pulse:
    """The header's counts; a failed task counts while its service still stands by that run."""
    health = _counted(Server, Server.health)
    statuses = _counted(Task, Task.status)
    return Pulse(
        servers=sum(health.values()),
        servers_ok=health.get(HealthState.OK, 0),
        servers_error=health.get(HealthState.ERROR, 0),
        services=Service.select().where(Service.status != ServiceStatus.TERMINATED).count(),
        tasks_running=statuses.get(TaskStatus.RUNNING, 0),
        tasks_waiting=sum(statuses.get(status, 0) for status in PENDING),
        tasks_failed=wanting(Task.select(Task.id)).where(Task.status == TaskStatus.FAILED).count(),
        workers_alive=sum(row.alive for row in workers(now=now)),
    )


def home(*, now: datetime | None = None) -> HomeView:
    """What wants a person, the fleet, and the work under way and just done."""
    moment = utc(now)
    tasks = task_query()
    under_way = tasks.where(Task.status.in_((TaskStatus.RUNNING, TaskStatus.RETRYING)))
    ended = tasks.where(Task.status.in_(FINAL), Task.finished_at.is_null(False))
    fleet, crew = servers(now=moment), workers(now=moment)
    return HomeView(
        attention=attention(fleet, any(row.alive for row in crew), moment),
        workers=crew,
        tickets=open_tickets(),
        servers=fleet,
        running=task_rows(under_way.order_by(Task.started_at, Task.id).limit(RUNNING_LIMIT), moment),
        last=task_rows(ended.order_by(Task.finished_at.desc(), Task.id.desc()).limit(LAST_LIMIT), moment),
        steps=first_steps(),
    )


def _counted(model: Any, column: Any) -> dict[Any, int]:
    return dict(model.select(column, fn.COUNT(model.id)).group_by(column).tuples())


def _server_rows(query: Iterable[Server]) -> tuple[ServerRow, ...]:
    names = dict(Group.select(Group.id, Group.name).tuples())
    serves: dict[int, list[str]] = defaultdict(list)
    for group_id, server_id in GroupDns.select(GroupDns.group, GroupDns.server).tuples():
        serves[server_id].append(names[group_id])
    opened = {number: breaker_view(row) for number, row in breakers.by_server().items()}
    return tuple(server_row(row, names.get(row.group_id), sorted(serves[row.id]), opened.get(row.id)) for row in query)


def _group_rows(query: Iterable[Group]) -> tuple[GroupRow, ...]:
    fleet = {row.id: row for row in servers()}
    attached: dict[int, list[str]] = defaultdict(list)
    for group_id, server_id in GroupDns.select(GroupDns.group, GroupDns.server).tuples():
        attached[group_id].append(fleet[server_id].name)
    names = _vanity_domains()
    sold: dict[int, list[str]] = defaultdict(list)
    for group_id, name in Product.select(Product.group, Product.name).order_by(Product.name).tuples():
        sold[group_id].append(name)
    rows = []
    for row in query:
        members = [member for member in fleet.values() if member.group == row.name]
        rows.append(
            GroupRow(
                id=row.id,
                name=row.name,
                servers=tuple(member.name for member in members),
                dns_servers=tuple(sorted(attached[row.id])),
                online=sum(member.health.state is HealthState.OK for member in members),
                products=tuple(sold[row.id]),
                vanity_domains=tuple(names[row.id]),
            )
        )
    return tuple(rows)


def _vanity_domains() -> dict[int, list[VanityView]]:
    """By group."""
    webs: dict[int, list[str]] = defaultdict(list)
    chosen = VanityWeb.select(VanityWeb.vanity, Server.name).join(Server).order_by(Server.name)
    for vanity_id, name in chosen.tuples():
        webs[vanity_id].append(name)
    counts = dict(VanitySlot.select(VanitySlot.vanity, fn.COUNT(VanitySlot.id)).group_by(VanitySlot.vanity).tuples())
    found: dict[int, list[VanityView]] = defaultdict(list)
    for row in VanityDomain.select(VanityDomain, Server).join(Server).order_by(VanityDomain.domain):
        found[row.group_id].append(
            VanityView(
                domain=row.domain,
                mail_server=row.mail_server.name,
                mail_user=row.mail_user,
                web_servers=tuple(webs[row.id]),
                reserved=tuple(row.reserved),
                selling=row.selling,
                sold=counts.get(row.id, 0),
            )
        )
    return found


def _product_rows(query: Iterable[Product]) -> tuple[ProductRow, ...]:
    names = dict(Group.select(Group.id, Group.name).tuples())
    live = Service.select(Service.product, fn.COUNT(Service.id)).where(Service.status != ServiceStatus.TERMINATED)
    sold = dict(live.group_by(Service.product).tuples())
    ever = dict(Service.select(Service.product, fn.COUNT(Service.id)).group_by(Service.product).tuples())
    rows = []
    for row in query:
        limits = resolve_limits(row.limits, {})
        rows.append(
            ProductRow(
                id=row.id,
                name=row.name,
                group=names[row.group_id],
                mode=row.mode,
                roles=tuple(role for role in Role if role in row.roles),
                limits=dict(limits.values),
                origin=dict(limits.origin),
                services=sold.get(row.id, 0),
                ordered=ever.get(row.id, 0),
            )
        )
    return tuple(rows)
