"""Services with their accounts and how far they are; never a query per row."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from peewee import Case

from hostdeck.core.domain.action_names import Action
from hostdeck.core.domain.actions import label
from hostdeck.core.domain.estimate import Ahead, seconds_left, typical
from hostdeck.core.domain.inputs import check_domain
from hostdeck.core.domain.order_plan import AccountView, RecordView
from hostdeck.core.domain.progress import count
from hostdeck.core.domain.text import safe
from hostdeck.core.domain.vocabulary import DONE, FINAL, Driver, Role, ServiceStatus, TaskId, TaskStatus
from hostdeck.core.errors import Invalid, NotFound
from hostdeck.core.queries.rows import like, retry_words, task_query, task_rows, utc
from hostdeck.core.queries.views import NameserverState, ProgressView, ServiceDetail, ServiceRow
from hostdeck.core.store.asked import asker
from hostdeck.core.store.figure_models import Breaker
from hostdeck.core.store.fleet_models import Group, Server
from hostdeck.core.store.work_models import (
    Account,
    Product,
    Record,
    Run,
    Service,
    Task,
    TaskAfter,
    VanityRecord,
    VanitySlot,
    Zone,
    ZoneDeploy,
)

S = TaskStatus
ROLE_ORDER = {role: position for position, role in enumerate(Role)}


def services(
    status: ServiceStatus | str | None = None, search: str = "", limit: int = 500, *, now: datetime | None = None
) -> tuple[ServiceRow, ...]:
    """Newest first; `search` is found in domain, address, product and user name, as it is."""
    query = Service.select(Service, Product.name.alias("product_name")).join(Product)
    if status is not None:
        query = query.where(Service.status == ServiceStatus(status))
    if search:
        users = Account.select(Account.service).where(like(Account.username, search))
        query = query.where(
            like(Service.domain, search)
            | like(Service.email, search)
            | like(Product.name, search)
            | Service.id.in_(users)
        )
    rows = list(query.order_by(Service.id.desc()).limit(limit).objects())
    return tuple(ServiceRow(**fields) for fields in _fields(rows, utc(now)))


def service_rows(ids: Sequence[int], now: datetime) -> tuple[ServiceRow, ...]:
    """The services with these ids, in no order."""
    query = Service.select(Service, Product.name.alias("product_name")).join(Product)
    return tuple(ServiceRow(**fields) for fields in _fields(list(query.where(Service.id.in_(ids)).objects()), now))


def service(key: int | str, *, now: datetime | None = None) -> ServiceDetail:
    """By id, `#id` or domain; a domain's live service wins over terminated ones."""
    row, moment = _find(key), utc(now)
    zone = Zone.select().where(Zone.service == row.id).order_by(Zone.id.desc()).first()
    group = Group.select(Group.name).join(Product).where(Product.id == row.product_id).scalar()
    tasks = task_query().where(Task.run == row.run, Task.service == row.id).order_by(Task.id) if row.run else None
    return ServiceDetail(
        **next(iter(_fields([row], moment))),
        group=group,
        email=row.email,
        limits=row.limits,
        origin=row.origin,
        meta={name: str(value) for name, value in row.meta.items()},
        why=tuple(row.why),
        records=_records(zone),
        nameservers=_nameservers(row, zone),
        tasks=task_rows(tasks, moment) if tasks is not None else (),
        seconds_left=_seconds_left(row, moment),
        asked=asker(Run.select(Run.asked).where(Run.id == row.run).scalar()),
    )


MOVING = frozenset(
    {ServiceStatus.PENDING, ServiceStatus.DEPLOYING, ServiceStatus.SUSPENDING, ServiceStatus.TERMINATING}
)
HISTORY = 300
"""How many of the newest successful steps say how long such a step takes."""


def _seconds_left(row: Any, now: datetime) -> float | None:
    """None where nothing is under way, or where there is no history to go by."""
    if row.status not in MOVING or not row.run:
        return None
    tasks = list(Task.select().where(Task.run == row.run, ~Task.follow_up))
    needs: dict[int, list[TaskId]] = defaultdict(list)
    for edge in TaskAfter.select().where(TaskAfter.task.in_([task.id for task in tasks])):
        needs[edge.task_id].append(TaskId(edge.needs_id))
    took = Task.select(Task.action, Task.started_at, Task.finished_at).where(
        Task.status == TaskStatus.SUCCESS, Task.action.in_({task.action for task in tasks})
    )
    usual = typical(
        (past.action, (past.finished_at - past.started_at).total_seconds())
        for past in took.order_by(Task.id.desc()).limit(HISTORY)
        if past.started_at and past.finished_at
    )
    ahead = [
        Ahead(
            TaskId(task.id),
            task.action,
            task.status,
            (now - task.started_at).total_seconds() if task.started_at else 0.0,
            tuple(needs[task.id]),
        )
        for task in tasks
    ]
    return seconds_left(ahead, usual)


def service_id(key: int | str) -> int:
    """Of the service that `service` would show."""
    return int(_find(key).id)


def _find(key: int | str) -> Any:
    query = Service.select(Service, Product.name.alias("product_name")).join(Product)
    text = str(key)
    number = text.removeprefix("#")
    if number.isascii() and number.isdigit() and len(number) < 19:
        query = query.where(Service.id == int(number))
    else:
        query = query.where(Service.domain == _domain(text))
    last = Case(None, ((Service.status == ServiceStatus.TERMINATED, 1),), 0)
    row = query.order_by(last, Service.id.desc()).objects().first()
    if row is None:
        raise _missing(text)
    return row


def _domain(text: str) -> str:
    try:
        return check_domain(text, reserved_ok=True, confusable_ok=True)
    except Invalid:
        raise _missing(text) from None


def _missing(text: str) -> NotFound:
    return NotFound("service", f"there is no service '{safe(text)}'; see 'hostdeck service list'")


def _fields(rows: Sequence[Any], now: datetime) -> Iterable[dict[str, Any]]:
    """The fields of a ServiceRow for each row, from three queries in all."""
    ids = [row.id for row in rows]
    tasks = _tasks_of([row.run for row in rows if row.run])
    accounts = _accounts_of(ids, tasks)
    for row in rows:
        own = tasks.get(row.run, [])
        yield {
            "id": row.id,
            "domain": row.domain,
            "product": row.product_name,
            "mode": row.mode,
            "status": row.status,
            "roles": tuple(role for role in Role if role in row.roles),
            "accounts": accounts[row.id],
            "progress": _progress(own, now),
            "error": row.error or None,
            "created_at": row.created_at,
        }


def _tasks_of(runs: list[int]) -> dict[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    columns = (Task.run, Task.service, Task.action, Task.status, Task.follow_up, Task.not_before, Task.changing)
    names = (Server.name.alias("server_name"), Breaker.opened_at.alias("parked_at"))
    query = Task.select(*columns, *names).left_outer_join(Server)
    query = query.left_outer_join(Breaker, on=(Breaker.server == Server.id))
    for task in query.where(Task.run.in_(runs)).order_by(Task.id).dicts():
        found[task["run"]].append(task)
    return found


def _accounts_of(ids: list[int], tasks: dict[int, list[dict[str, Any]]]) -> dict[int, tuple[AccountView, ...]]:
    """PowerDNS has no users: its nodes are those with a part of the zone and no account."""
    found: dict[int, dict[tuple[Role, str], str | None]] = defaultdict(dict)
    shared = _shared_of(ids)
    users = Account.select(Account.service, Account.roles, Account.username, Server.name).join(Server)
    for service_id, roles, username, server in users.where(Account.service.in_(ids)).tuples():
        found[service_id] |= {(Role(role), server): username for role in roles}
    deploys = ZoneDeploy.select(Zone.service, Server.name).join(Zone).switch(ZoneDeploy).join(Server)
    for service_id, server in deploys.where(Zone.service.in_(ids)).tuples():
        found[service_id].setdefault((Role.DNS, server), None)
    for service_id, places in shared.items():
        found[service_id] |= places
    for task in (task for own in tasks.values() for task in own):
        if task["action"] == Action.DNS_DEPLOY_ZONE and task["server_name"]:
            found[task["service"]].setdefault((Role.DNS, task["server_name"]), None)
    return defaultdict(
        tuple,
        {
            service_id: tuple(
                AccountView(
                    role=role, server=server, username=username, shared=(role, server) in shared.get(service_id, {})
                )
                for (role, server), username in sorted(
                    places.items(), key=lambda item: (ROLE_ORDER[item[0][0]], item[0][1])
                )
            )
            for service_id, places in found.items()
        },
    )


def _shared_of(ids: list[int]) -> dict[int, dict[tuple[Role, str], str | None]]:
    """What of a sold name stands in the provider's own accounts."""
    found: dict[int, dict[tuple[Role, str], str | None]] = defaultdict(dict)
    mail = VanitySlot.select(VanitySlot.service, VanitySlot.mail_user, Server.name, Service.roles)
    mail = mail.join(Server, on=(VanitySlot.mail_server == Server.id)).switch(VanitySlot).join(Service)
    for service_id, user, server, roles in mail.where(VanitySlot.service.in_(ids)).tuples():
        if Role.MAIL in roles:
            found[service_id][Role.MAIL, server] = user
    records = VanityRecord.select(VanitySlot.service, VanitySlot.mail_user, Server.name, Server.driver)
    records = records.join(VanitySlot).switch(VanityRecord).join(Server)
    for service_id, user, server, driver in records.where(VanitySlot.service.in_(ids)).tuples():
        found[service_id][Role.DNS, server] = user if driver is Driver.HESTIA else None
    return found


def _progress(tasks: Sequence[dict[str, Any]], now: datetime) -> ProgressView:
    """`follow_ups` counts those still under way or to come."""
    counted = count((task["status"], task["follow_up"]) for task in tasks)
    return ProgressView(
        total=counted.total,
        done=counted.done,
        running=counted.running,
        pending=counted.pending,
        failed=counted.failed,
        percent=counted.percent,
        now=_now([task for task in tasks if not task["follow_up"]], now),
        follow_ups=sum(task["follow_up"] and task["status"] not in FINAL for task in tasks),
    )


def _now(tasks: Sequence[dict[str, Any]], now: datetime) -> str:
    first: dict[TaskStatus, dict[str, Any]] = {}
    for task in tasks:
        first.setdefault(task["status"], task)
    telling = (S.RUNNING, S.RETRYING, S.FAILED, S.CANCELLED, S.QUEUED, S.WAITING)
    status = next((status for status in telling if status in first), None)
    if status is None:
        return "Finished" if tasks else "Nothing planned"
    words = label(first[status]["action"])
    if status is S.RETRYING and first[status].get("changing") and first[status].get("parked_at") is not None:
        return f"{words} (waits for {first[status]['server_name']})"
    if status is S.RETRYING:
        return retry_words(words, first[status]["not_before"], now)
    return f"{words} {status}" if status in FINAL else words


def _records(zone: Any) -> tuple[RecordView, ...]:
    if zone is None:
        return ()
    query = Record.select().where(Record.zone == zone.id).order_by(Record.id)
    return tuple(RecordView(name=r.name, type=r.type, value=r.value, priority=r.priority, ttl=r.ttl) for r in query)


PUBLISHING = (Action.DNS_DEPLOY_ZONE, Action.DNS_CHECK_RECORD, Action.DNS_ADD_RECORD)


def _nameservers(row: Any, zone: Any) -> tuple[NameserverState, ...]:
    """Every nameserver that has the zone, or a sold name's record, or will have it; its current tasks say more than an
    older success."""
    states: dict[str, NameserverState] = {}
    deploys = ZoneDeploy.select(ZoneDeploy.serial, ZoneDeploy.deployed_at, Server.name).join(Server)
    for serial, deployed_at, name in deploys.where(ZoneDeploy.zone == (zone and zone.id)).tuples():
        state = "active" if deployed_at else "pending"
        states[name] = NameserverState(server=name, state=state, serial=serial, deployed_at=deployed_at)
    sold = VanityRecord.select(VanityRecord.ours, Server.name).join(VanitySlot).switch(VanityRecord).join(Server)
    for ours, name in sold.where(VanitySlot.service == row.id).tuples():
        state = "active" if ours else "pending"
        states[name] = NameserverState(server=name, state=state, serial=None, deployed_at=None)
    tasks = Task.select(Task.status, Server.name).join(Server).where(Task.run == row.run, Task.action.in_(PUBLISHING))
    current: dict[str, set[TaskStatus]] = defaultdict(set)
    for status, name in tasks.tuples():
        current[name].add(status)
    for name, statuses in current.items():
        before = states.get(name)
        state = "failed" if statuses & {S.FAILED, S.CANCELLED} else "active" if statuses <= DONE else "pending"
        serial, deployed_at = (before.serial, before.deployed_at) if before else (None, None)
        states[name] = NameserverState(server=name, state=state, serial=serial, deployed_at=deployed_at)
    return tuple(states[name] for name in sorted(states))
