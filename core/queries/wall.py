"""What a screen on the wall shows: counts, the worst first, and courses over a day. Every window is cut in SQL, and
what is counted is counted there."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime, timedelta
from typing import Any

from peewee import JOIN, SQL, NodeList, fn

from hostdeck.core.domain.action_names import Action
from hostdeck.core.domain.freshness import is_stale
from hostdeck.core.domain.order_plan import View
from hostdeck.core.domain.vocabulary import (
    DONE,
    PENDING,
    Driver,
    HealthState,
    Role,
    ServerStatus,
    ServiceStatus,
    TaskStatus,
)
from hostdeck.core.queries import fleet
from hostdeck.core.queries.attention import attention
from hostdeck.core.queries.rows import can_host, task_query, task_rows, utc
from hostdeck.core.queries.servers import collect_every
from hostdeck.core.queries.tickets import open_tickets
from hostdeck.core.queries.views import Attention, Pulse, ServerRow, TaskRow
from hostdeck.core.store import db
from hostdeck.core.store.figure_models import HealthSample
from hostdeck.core.store.fleet_models import Server
from hostdeck.core.store.work_models import Service, Task, Zone, ZoneDeploy

SERVER_WORDS = ("OK", "UNKNOWN", "OFF", "STALE", "WARN", "DOWN")
"""What a server is on the wall, from harmless to worst; a figure that is too old is no OK."""

COLLECTED = (ServerStatus.ACTIVE, ServerStatus.DRAINING)
"""Servers whose figures are asked for by themselves."""

LIST_LIMIT = 100
DAY = timedelta(hours=24)
LOAD_EVERY = timedelta(minutes=10)
TASKS_EVERY = timedelta(minutes=5)


class WallCounts(View):
    """`servers` by word, `services` by status, terminated ones left out. `figures_at`: when any server's figures were
    last collected; None where no server is asked for them."""

    servers: dict[str, int]
    services: dict[ServiceStatus, int]
    pulse: Pulse
    tickets: int
    attention: tuple[Attention, ...]
    figures_at: datetime | None
    collect_every: timedelta


class WallTasks(View):
    """Under way, and what failed within a day and still stands; the newest of each."""

    running: tuple[TaskRow, ...]
    failed: tuple[TaskRow, ...]


class LoadCourse(View):
    """The average load of a tier's servers in percent, every ten minutes of a day, oldest first; None: not collected.
    `now` is the newest of the last half hour."""

    role: Role
    servers: int
    values: tuple[float | None, ...]
    now: float | None


class WallCourses(View):
    """`done` and `failed`: tasks that ended so in every five minutes of a day, oldest first."""

    load: tuple[LoadCourse, ...]
    done: tuple[int, ...]
    failed: tuple[int, ...]


class NameserverZones(View):
    """How many zones are how on one nameserver."""

    server: str
    driver: Driver
    active: int
    deploying: int
    waiting: int
    failed: int


class WallZones(View):
    """`failed`: the deploys that stand failed, newest first."""

    zones: int
    servers: tuple[NameserverZones, ...]
    failed: tuple[TaskRow, ...]


def counts(*, now: datetime | None = None) -> WallCounts:
    moment = utc(now)
    rows, every, pulse = fleet.servers(now=moment), collect_every(), fleet.pulse(now=moment)
    lines = attention(rows, pulse.workers_alive > 0, moment)
    warned = {line.id for line in lines if (line.kind, line.level) == ("server", "WARN")}
    words = Counter(_word(row, row.id in warned, moment, every) for row in rows)
    asked = [row.health.collected_at for row in rows if row.status in COLLECTED and row.breaker is None]
    live = Service.select(Service.status, fn.COUNT(Service.id)).where(Service.status != ServiceStatus.TERMINATED)
    return WallCounts(
        servers={word: words[word] for word in SERVER_WORDS if words[word]},
        services=dict(live.group_by(Service.status).tuples()),
        pulse=pulse,
        tickets=open_tickets(),
        attention=lines,
        figures_at=max((at for at in asked if at is not None), default=None),
        collect_every=every,
    )


def _word(row: ServerRow, warned: bool, now: datetime, every: timedelta) -> str:
    if row.status is ServerStatus.DISABLED:
        return "OFF"
    if row.health.state is HealthState.ERROR or row.status is ServerStatus.QUARANTINED:
        return "DOWN"
    if row.health.state is HealthState.UNKNOWN:
        return "UNKNOWN"
    if is_stale(row.health.collected_at, now, every):
        return "STALE"
    return "WARN" if warned else "OK"


def tasks(*, now: datetime | None = None) -> WallTasks:
    moment = utc(now)
    under_way = task_query().where(Task.status.in_((TaskStatus.RUNNING, TaskStatus.RETRYING)))
    live = Service.select(Service.run).where(Service.status != ServiceStatus.TERMINATED, Service.run.is_null(False))
    failed = task_query().where(
        Task.status == TaskStatus.FAILED, Task.finished_at >= moment - DAY, Task.run.in_(live) | Task.service.is_null()
    )
    return WallTasks(
        running=task_rows(under_way.order_by(Task.started_at, Task.id).limit(LIST_LIMIT), moment),
        failed=task_rows(failed.order_by(Task.finished_at.desc(), Task.id.desc()).limit(LIST_LIMIT), moment),
    )


def courses(*, now: datetime | None = None) -> WallCourses:
    moment = utc(now)
    ended = (
        Task.select(_slot(Task.finished_at, TASKS_EVERY), Task.status, fn.COUNT(Task.id))
        .where(Task.finished_at >= moment - DAY, Task.status.in_((*DONE, TaskStatus.FAILED)))
        .group_by(SQL("1"), Task.status)
    )
    done: dict[int, int] = defaultdict(int)
    failed: dict[int, int] = defaultdict(int)
    for slot, status, count in ended.tuples():
        (failed if status is TaskStatus.FAILED else done)[int(slot)] += count
    slots = _slots(moment, TASKS_EVERY)
    able = Server.status != ServerStatus.DISABLED
    held = {role: Server.select().where(able, can_host(role)).count() for role in Role}
    return WallCourses(
        load=tuple(_load(role, number, moment) for role, number in held.items() if number),
        done=tuple(done[slot] for slot in slots),
        failed=tuple(failed[slot] for slot in slots),
    )


def _load(role: Role, servers: int, now: datetime) -> LoadCourse:
    rows = (
        HealthSample.select(_slot(HealthSample.at, LOAD_EVERY), fn.AVG(HealthSample.load))
        .join(Server)
        .where(HealthSample.at >= now - DAY, can_host(role))
        .group_by(SQL("1"))
    )
    known = {int(slot): float(load) for slot, load in rows.tuples() if load is not None}
    values = tuple(known.get(slot) for slot in _slots(now, LOAD_EVERY))
    newest = next((value for value in reversed(values[-3:]) if value is not None), None)
    return LoadCourse(role=role, servers=servers, values=values, now=newest)


def _slot(column: Any, every: timedelta) -> Any:
    """Which stretch of time a moment lies in, counted from 1970."""
    seconds = int(every.total_seconds())
    if db.is_postgres():
        epoch = fn.EXTRACT(NodeList((SQL("EPOCH FROM"), column)))
        return fn.FLOOR(epoch / seconds).cast("bigint")
    return fn.STRFTIME("%s", column).cast("integer") / seconds


def _slots(now: datetime, every: timedelta) -> range:
    last = int(now.timestamp() // every.total_seconds())
    return range(last + 1 - int(DAY / every), last + 1)


def zones(*, now: datetime | None = None) -> WallZones:
    moment = utc(now)
    newest = _newest_deploys()
    of_it = (newest.c.service_id == Zone.service) & (newest.c.server_id == ZoneDeploy.server)
    held = (
        ZoneDeploy.select(ZoneDeploy.server, Task.status, ZoneDeploy.deployed_at.is_null(), fn.COUNT(ZoneDeploy.id))
        .join(Zone)
        .join(Service)
        .switch(ZoneDeploy)
        .join(newest, JOIN.LEFT_OUTER, on=of_it)
        .join(Task, JOIN.LEFT_OUTER, on=(Task.id == newest.c.newest))
        .where(Service.status != ServiceStatus.TERMINATED)
        .group_by(ZoneDeploy.server, Task.status, SQL("3"))
    )
    by_server: dict[int, Counter[str]] = defaultdict(Counter)
    for server, status, undone, count in held.tuples():
        by_server[server][_state(TaskStatus(status) if status else None, bool(undone))] += count
    standing = _newest_deploys()
    failed = (
        task_query()
        .join(standing, on=(standing.c.newest == Task.id))
        .where(Task.status.in_((TaskStatus.FAILED, TaskStatus.CANCELLED)), Service.status != ServiceStatus.TERMINATED)
    )
    live = Zone.select().join(Service).where(Service.status != ServiceStatus.TERMINATED)
    return WallZones(
        zones=live.count(),
        servers=tuple(
            NameserverZones(
                server=row.name,
                driver=row.driver,
                **{word: by_server[row.id][word] for word in ("active", "deploying", "waiting", "failed")},
            )
            for row in Server.select().where(can_host(Role.DNS)).order_by(Server.name)
        ),
        failed=task_rows(failed.order_by(Task.id.desc()).limit(LIST_LIMIT), moment),
    )


def _newest_deploys() -> Any:
    """The newest task about each service's zone on each nameserver; what was stopped before it began says nothing."""
    begun = (Task.status != TaskStatus.CANCELLED) | Task.started_at.is_null(False)
    about = Task.select(Task.service, Task.server, fn.MAX(Task.id).alias("newest"))
    about = about.where(Task.action == Action.DNS_DEPLOY_ZONE, Task.server.is_null(False), begun)
    return about.group_by(Task.service, Task.server).alias("newest_deploy")


def _state(status: TaskStatus | None, undone: bool) -> str:
    if status is None or status in DONE:
        return "waiting" if undone else "active"
    if status in PENDING | {TaskStatus.RUNNING}:
        return "waiting" if status is TaskStatus.WAITING else "deploying"
    return "failed"
