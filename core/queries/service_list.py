"""The list of all services, by windows."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any

from hostdeck.core.domain.narrowing import How
from hostdeck.core.domain.vocabulary import Mode, ServiceStatus
from hostdeck.core.domain.windows import Asked, Window
from hostdeck.core.queries.narrowed import Listed, any_of, by_state, holds, one_of, read_window
from hostdeck.core.queries.rows import utc
from hostdeck.core.queries.services import service_rows
from hostdeck.core.queries.views import ServiceRow
from hostdeck.core.store.fleet_models import Group, Server
from hostdeck.core.store.work_models import Account, Product, Service, Zone, ZoneDeploy


def service_window(asked: Asked, *, now: datetime | None = None) -> Window[ServiceRow]:
    """`state: product: mode: group: server: email: domain:` and `age:` are its qualifiers; a bare word is looked for in
    domain, address, product, group, state, error, user name and servers. The newest order stands first."""
    moment = utc(now)
    states = by_state(Service, ServiceStatus)
    return read_window(
        _services(),
        Service.select(Service.id).join(Product).join(Group),
        asked,
        lambda ids: service_rows(ids, moment),
        now=moment,
        total=sum(states.values()),
        states=states,
    )


def _user(word: str, how: How) -> Any:
    return Service.id.in_(Account.select(Account.service).where(holds(Account.username)(word, how)))


def _server(word: str, how: How) -> Any:
    """Where an account or a part of its zone stands."""
    named = Server.select(Server.id).where(holds(Server.name)(word, how))
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
