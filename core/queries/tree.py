"""Who stands on what: groups, their servers, the services on each, and the tasks of a service's present run."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from peewee import Case, fn

from hostdeck.core.domain.actions import label
from hostdeck.core.domain.order_plan import View
from hostdeck.core.domain.vocabulary import ServiceStatus
from hostdeck.core.queries import fleet
from hostdeck.core.queries.rows import utc
from hostdeck.core.queries.views import GroupRow, ServerRow
from hostdeck.core.store.fleet_models import Server
from hostdeck.core.store.work_models import Account, Product, Service, Task, Zone, ZoneDeploy

SERVICES, TASKS = 200, 100
"""Under one server, and of one service, so many at most: the lists have them all."""
LOOSE = "no group"


class Branch(View):
    """`path` names it within the whole, `depth` counts from 0; `opens` is what it leads to: the name or number of a
    `kind`. `inner` counts what is below it, None where nothing can be; `since`: what its age counts from."""

    path: str
    depth: int
    kind: str
    opens: str
    name: str
    state: str
    says: str = ""
    inner: int | None = None
    since: datetime | None = None


def tree(opened: frozenset[str], *, now: datetime | None = None) -> tuple[Branch, ...]:
    """What is seen when the branches at the `opened` paths are open; what is below a closed one is not read."""
    moment = utc(now)
    return tuple(_groups(opened, moment))


def _groups(opened: frozenset[str], now: datetime) -> Iterator[Branch]:
    servers = {row.name: row for row in fleet.servers(now=now)}
    grouped: set[str] = set()
    for group in fleet.groups():
        members = [*group.servers, *(name for name in group.dns_servers if name not in group.servers)]
        grouped |= set(members)
        yield from _group(group, [servers[name] for name in members if name in servers], opened)
    loose = [row for name, row in servers.items() if name not in grouped]
    if loose:
        yield Branch(path=LOOSE, depth=0, kind="", opens="", name=LOOSE, state="", inner=len(loose))
        if LOOSE in opened:
            yield from _servers(LOOSE, loose, opened)


def _group(group: GroupRow, members: list[ServerRow], opened: frozenset[str]) -> Iterator[Branch]:
    path = f"group {group.id}"
    well = sum(row.health.state == "ok" for row in members)
    yield Branch(
        path=path, depth=0, kind="group", opens=group.name, name=group.name, inner=len(members),
        state="ok" if members and well == len(members) else "", says=f"{well} of {len(members)} servers answer well",
    )  # fmt: skip
    if path in opened:
        yield from _servers(path, members, opened)


def _servers(parent: str, rows: list[ServerRow], opened: frozenset[str]) -> Iterator[Branch]:
    counts = _counts([row.id for row in rows])
    for row in rows:
        path = f"{parent}/server {row.id}"
        state = row.health.state if row.status == "active" else row.status
        yield Branch(
            path=path, depth=1, kind="server", opens=row.name, name=row.name, state=str(state),
            says=" ".join(row.capabilities), inner=counts.get(row.id, 0), since=row.health.collected_at,
        )  # fmt: skip
        if path in opened:
            yield from _services(path, row.id, opened)


def _counts(ids: list[int]) -> dict[int, int]:
    """Services with an account or a part of their zone on each server."""
    placed: dict[int, set[int]] = {number: set() for number in ids}
    accounts = Account.select(Account.server, Account.service).where(Account.server.in_(ids))
    zones = ZoneDeploy.select(ZoneDeploy.server, Zone.service).join(Zone).where(ZoneDeploy.server.in_(ids))
    for server, service in [*accounts.tuples(), *zones.tuples()]:
        placed[server].add(service)
    return {number: len(found) for number, found in placed.items()}


def _services(parent: str, server: int, opened: frozenset[str]) -> Iterator[Branch]:
    here = Account.select(Account.service).where(Account.server == server)
    zones = Zone.select(Zone.service).join(ZoneDeploy).where(ZoneDeploy.server == server)
    wrong_first = Case(None, ((Service.status == ServiceStatus.ERROR, 0),), 1)
    query = Service.select(Service, Product.name.alias("product_name")).join(Product)
    query = query.where(Service.id.in_(here) | Service.id.in_(zones)).order_by(wrong_first, Service.domain)
    rows = list(query.limit(SERVICES).objects())
    steps = Task.select(Task.run, fn.COUNT(Task.id)).where(Task.run.in_([row.run for row in rows if row.run]))
    counts = dict(steps.group_by(Task.run).tuples())
    for row in rows:
        path = f"{parent}/service {row.id}"
        yield Branch(
            path=path, depth=2, kind="service", opens=str(row.id), name=row.domain, state=str(row.status),
            says=(row.error or row.product_name).splitlines()[0], inner=counts.get(row.run, 0), since=row.created_at,
        )  # fmt: skip
        if path in opened:
            yield from _tasks(path, row.run)


def _tasks(parent: str, run: int | None) -> Iterator[Branch]:
    columns = (Task.id, Task.action, Task.status, Task.error, Task.created_at, Server.name.alias("server_name"))
    query = Task.select(*columns).left_outer_join(Server).where(Task.run == run).order_by(Task.id).limit(TASKS)
    for row in query.dicts():
        yield Branch(
            path=f"{parent}/task {row['id']}", depth=3, kind="task", opens=str(row["id"]), name=label(row["action"]),
            state=str(row["status"]), says=(row["error"] or row["server_name"] or "").split("\n", 1)[0],
            since=row["created_at"],
        )  # fmt: skip
