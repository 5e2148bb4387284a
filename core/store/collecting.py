"""Which nodes' figures are due, taken by one worker at a time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from hostdeck.core.domain.findings import Finding
from hostdeck.core.domain.rounds import next_round
from hostdeck.core.domain.vocabulary import ServerStatus
from hostdeck.core.store import breakers
from hostdeck.core.store.db import transaction
from hostdeck.core.store.findings import keep_of_node
from hostdeck.core.store.fleet_models import Server
from hostdeck.core.store.nodes import is_as_asked

CALLED_AT = (ServerStatus.ACTIVE, ServerStatus.DRAINING)
Told = tuple[Server, tuple[Finding, ...]]
"""A server as it was when it was asked, and what came of it."""

STATUS, USAGE = Server.collect_at, Server.usage_at
"""What is collected: a node's own figures, and what its services use."""


def take_due(kind: Any, every: float, now: datetime, limit: int = 512) -> list[Server]:
    """The servers whose round of a kind is due, its next one written: nobody else takes them now. Left out are those
    that an operator has disabled, and those that nobody calls at."""
    due = kind.is_null() | (kind <= now)
    waiting = Server.select().where(due, Server.status.in_(CALLED_AT), Server.id.not_in(breakers.parked(now)))
    rows = list(waiting.order_by(kind).limit(limit))
    if not rows:
        return []
    taken = set()
    with transaction():
        for row in sorted(rows, key=lambda row: int(row.id)):
            following = {kind.name: next_round(row.id, every, now)}
            if Server.update(**following).where(Server.id == row.id, due).execute():
                taken.add(row.id)
    return [row for row in rows if row.id in taken]


def soon(server: int, now: datetime) -> None:
    """Its figures are wanted at the next look."""
    Server.update(collect_at=now).where(Server.id == server).execute()


def write(told: Sequence[Told], now: datetime) -> None:
    """What nodes have told, in one transaction. Left out is a server that is gone meanwhile, or is reached in another
    way than it was asked: what was met there says nothing of it as it is now."""
    with transaction():
        there = {row.id: row for row in Server.select().where(Server.id.in_([asked.id for asked, _ in told]))}
        # Always in one order, as orders take their slots: two that lock each other's nodes would both wait.
        for asked, findings in sorted(told, key=lambda one: one[0].id):
            for finding in findings if is_as_asked(there.get(asked.id), asked) else ():
                keep_of_node(asked.id, finding, now)
