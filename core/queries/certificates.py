"""Certificates, and what Let's Encrypt still allows their domains this week; never a query per row."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from peewee import Case

from hostdeck.core.domain.acme import PER_REGISTERED, WEEK, CertificateState, Order, Wanted, used_this_week
from hostdeck.core.domain.action_names import Action
from hostdeck.core.domain.order_plan import View
from hostdeck.core.domain.vocabulary import ServiceStatus
from hostdeck.core.errors import Invalid
from hostdeck.core.queries.rows import utc
from hostdeck.core.store.certificates import is_of, order_of
from hostdeck.core.store.fleet_models import Server
from hostdeck.core.store.work_models import AcmeOrder, Certificate, Service, Task

S = CertificateState
WORST_FIRST = (S.FROZEN, S.FAILING, S.NONE, S.WAITING, S.ISSUING, S.ACTIVE)


class CertificateRow(View):
    """One set of names: `days_left` whole days until `not_after`, negative once it is over; `task` the newest that
    cares for it. `week_used` of `week_limit` certificates are spent for all names below `registered`."""

    id: int
    service: int
    domain: str
    kind: str
    hosts: tuple[str, ...]
    server: str
    state: CertificateState
    issuer: str | None
    not_after: datetime | None
    days_left: int | None
    failures: int
    reason: str | None
    next_try: datetime | None
    checked_at: datetime | None
    task: int | None
    registered: str
    week_used: int
    week_limit: int


def certificates(
    service: int | None = None, state: str | None = None, limit: int = 500, *, now: datetime | None = None
) -> tuple[CertificateRow, ...]:
    """One service's by its id, web before mail; else those of all that are not terminated, the worst first and then
    what ends first. Invalid where there is no such state."""
    moment = utc(now)
    columns = (Certificate, Service.domain.alias("domain"), Server.name.alias("server_name"))
    query = Certificate.select(*columns).join(Service).switch(Certificate).join(Server)
    if service is not None:
        query = query.where(Certificate.service == service)
    else:
        query = query.where(Service.status != ServiceStatus.TERMINATED)
    if state is not None:
        query = query.where(_stands(_known(state), moment))
    worst = Case(None, tuple((_stands(one, moment), at) for at, one in enumerate(WORST_FIRST)), len(WORST_FIRST))
    order = (Certificate.kind.desc(),) if service is not None else (worst, Certificate.not_after, Service.domain)
    return tuple(_rows(list(query.order_by(*order, Certificate.id).limit(limit).objects()), moment))


def _stands(state: CertificateState, now: datetime) -> Any:
    """A row moves with its task; a certificate runs out although nobody touches it, and is none then."""
    over = (Certificate.state == S.ACTIVE) & (Certificate.not_after <= Certificate.not_after.db_value(now))
    match state:
        case S.ACTIVE:
            return (Certificate.state == state) & (Certificate.not_after > Certificate.not_after.db_value(now))
        case S.NONE:
            return (Certificate.state == state) | over
        case _:
            return Certificate.state == state


def _known(state: str) -> CertificateState:
    try:
        return CertificateState(state)
    except ValueError:
        raise Invalid("state", f"use one of {', '.join(CertificateState)}", "CERT_STATE") from None


def _rows(rows: Sequence[Any], now: datetime) -> Iterable[CertificateRow]:
    domains = {row.id: Wanted("", frozenset(row.hosts)).registered for row in rows}
    used = _used(frozenset().union(*domains.values()), now)
    # Of several, the one that has used the most.
    registered = {number: max(sorted(names), key=lambda name: used[name]) for number, names in domains.items()}
    tasks = _tasks(row.service_id for row in rows)
    for row in rows:
        task = tasks.get((row.service_id, row.kind))
        yield CertificateRow(
            id=row.id,
            service=row.service_id,
            domain=row.domain,
            kind=row.kind,
            hosts=tuple(row.hosts),
            server=row.server_name,
            state=S.NONE if row.state == S.ACTIVE and _is_over(row, now) else CertificateState(row.state),
            issuer=row.issuer,
            not_after=row.not_after,
            days_left=None if row.not_after is None else (row.not_after - now) // timedelta(days=1),
            failures=row.failures,
            reason=row.reason,
            next_try=row.next_try,
            checked_at=row.checked_at,
            task=task.id if task else None,
            registered=registered[row.id],
            week_used=used[registered[row.id]],
            week_limit=PER_REGISTERED.most,
        )


def _is_over(row: Any, now: datetime) -> bool:
    return row.not_after is None or row.not_after <= now


def _used(registered: frozenset[str], now: datetime) -> dict[str, int]:
    found: dict[str, list[Order]] = {name: [] for name in registered}
    for order in map(order_of, AcmeOrder.select().where(is_of(registered), AcmeOrder.at > now - WEEK)):
        for name in order.registered & registered:
            found[name].append(order)
    return {name: used_this_week(orders, name, now) for name, orders in found.items()}


def _tasks(services: Iterable[int]) -> dict[tuple[int, str], Any]:
    """By service and kind."""
    found: dict[tuple[int, str], Any] = {}
    query = Task.select(Task.id, Task.service, Task.args)
    for task in query.where(Task.service.in_(sorted(set(services))), Task.action == Action.SSL_SEED).order_by(Task.id):
        found[task.service_id, task.args.get("kind", "web")] = task
    return found
