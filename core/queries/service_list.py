"""The list of all services, by windows."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any

from peewee import fn

from hostdeck.core.domain.vocabulary import Mode, ServiceStatus
from hostdeck.core.domain.windows import Asked, Window
from hostdeck.core.queries.narrowed import Listed, all_of, any_of, holds, one_of
from hostdeck.core.queries.rows import utc
from hostdeck.core.queries.services import service_rows
from hostdeck.core.queries.views import ServiceRow
from hostdeck.core.store.fleet_models import Group, Server
from hostdeck.core.store.work_models import Account, Product, Service, Zone, ZoneDeploy


def service_window(asked: Asked, *, now: datetime | None = None) -> Window[ServiceRow]:
    """`state: product: mode: group: server: email: domain:` and `age:` are its qualifiers; a bare word is looked for in
    domain, address, product, group, state, error, user name and servers. The newest order stands first."""
    moment = utc(now)
    conditions = _services().conditions(asked.text, moment)
    kept = Service.select(Service.id).join(Product).join(Group)
    kept = kept.where(all_of(conditions)) if conditions else kept
    ordered = kept.order_by(*_services().order(asked.order)).limit(asked.limit).offset(asked.first)
    ids = [number for (number,) in ordered.tuples()]
    rows = {row.id: row for row in service_rows(ids, moment)}
    states = dict(Service.select(Service.status, fn.COUNT(Service.id)).group_by(Service.status).tuples())
    total = sum(states.values())
    return Window(
        tuple(rows[number] for number in ids if number in rows),
        asked,
        kept.count() if conditions else total,
        total,
        {str(ServiceStatus(state)): count for state, count in states.items()},
        _services().qualifiers,
    )


def _user(word: str) -> Any:
    return Service.id.in_(Account.select(Account.service).where(holds(Account.username)(word)))


def _server(word: str) -> Any:
    """Where an account or a part of its zone stands."""
    named = Server.select(Server.id).where(holds(Server.name)(word))
    zones = Zone.select(Zone.service).join(ZoneDeploy).where(ZoneDeploy.server.in_(named))
    return Service.id.in_(Account.select(Account.service).where(Account.server.in_(named))) | Service.id.in_(zones)


@cache
def _services() -> Listed:
    state = one_of(Service.status, list(ServiceStatus))
    domain, email, product, group = (
        holds(Service.domain),
        holds(Service.email),
        holds(Product.name),
        holds(Group.name),
    )
    return Listed(
        anywhere=any_of([domain, email, product, group, state, holds(Service.error), _user, _server]),
        keys={
            "state": state,
            "status": state,
            "domain": domain,
            "product": product,
            "mode": one_of(Service.mode, list(Mode)),
            "group": group,
            "server": _server,
            "email": email,
            "user": _user,
        },
        born=Service.created_at,
        orders={
            "id": Service.id,
            "domain": Service.domain,
            "status": Service.status,
            "product": Product.name,
            "age": Service.id * -1,
        },
    )
