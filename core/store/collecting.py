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

CALLED_AT = (ServerStatus.ACTIVE, ServerStatus.DRAINING)
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
    taken = []
    with transaction():
        for row in rows:
            following = {kind.name: next_round(row.id, every, now)}
            if Server.update(**following).where(Server.id == row.id, due).execute():
                taken.append(row)
    return taken


def soon(server: int, now: datetime) -> None:
    """Its figures are wanted at the next look."""
    Server.update(collect_at=now).where(Server.id == server).execute()


def write(told: Sequence[tuple[int, tuple[Finding, ...]]], now: datetime) -> None:
    """What nodes have told, in one transaction; a server that is gone meanwhile is left out."""
    with transaction():
        there = {row.id for row in Server.select(Server.id).where(Server.id.in_([server for server, _ in told]))}
        for server, findings in told:
            for finding in findings if server in there else ():
                keep_of_node(server, finding, now)
