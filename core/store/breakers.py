"""The breaker of each node: a row while connections fail, none while all is well."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from peewee import fn

from hostdeck.core.domain.breaker import Trouble, after_failure
from hostdeck.core.domain.vocabulary import BreakerKind, HealthState
from hostdeck.core.store.figure_models import Breaker
from hostdeck.core.store.fleet_models import Server
from hostdeck.core.store.kept import Kept


def failed(server: int, kind: BreakerKind, reason: str, now: datetime) -> None:
    """Counts a failure; the caller's transaction is open. Where it opens, the node's health says why."""
    row = Breaker.get_or_none(Breaker.server == server)
    new = after_failure(trouble_of(row) if row else None, kind, now)
    values: dict[str, Any] = {
        "kind": new.kind,
        "failures": new.failures,
        "first_at": new.first_at,
        "opens": new.opens,
        "opened_at": new.opened_at,
        "until": new.until,
        "reason": reason,
    }
    Breaker.insert(server=server, **values).on_conflict(conflict_target=[Breaker.server], update=values).execute()
    if new.is_open:
        ill = {"health": HealthState.ERROR, "health_error": reason}
        Server.update(**ill).where(Server.id == server).execute()


def close(server: int) -> bool:
    """The node was reached, or an operator has acted. False where there was nothing to close."""
    return bool(Breaker.delete().where(Breaker.server == server).execute())


def trouble_of(row: Breaker) -> Trouble:
    return Trouble(row.kind, row.failures, row.first_at, row.opens, row.opened_at, row.until)


def parked(now: Any) -> Any:
    """Servers at which nobody calls now, as a subquery of ids."""
    return Breaker.select(Breaker.server).where(
        Breaker.opened_at.is_null(False), Breaker.until.is_null() | (Breaker.until > now)
    )


def is_any() -> bool:
    return _ANY.first() is not None


_ANY = Kept(lambda: Breaker.select(Breaker.server).limit(1))


def next_until(now: datetime) -> datetime | None:
    """When the next parked node may be tried again."""
    soonest = Breaker.select(fn.MIN(Breaker.until)).where(Breaker.until > now).tuples()
    found = next(iter(soonest), (None,))[0]
    return Breaker.until.python_value(found) if found is not None else None


def refused(server: int) -> str | None:
    """Why this node's login waits for an operator, if it does."""
    row = Breaker.first_by(Breaker.server, server)
    return row.reason if row is not None and row.kind is BreakerKind.LOGIN else None


def by_server() -> dict[int, Breaker]:
    """Open breakers by server."""
    return {row.server_id: row for row in Breaker.select().where(Breaker.opened_at.is_null(False))}
