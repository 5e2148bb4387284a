"""Saying what one's console looks at, so that two operators do not work on the same thing unawares. It changes nothing
of the fleet, so no line of the audit is made of it; a console that is read-only leaves no trace.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from hostdeck.core.intents.base import Door
from hostdeck.core.store.db import transaction
from hostdeck.core.store.fleet_models import Presence

FORGOTTEN = timedelta(minutes=10)
"""A row that nobody has renewed for so long is of a console that was killed."""


@dataclass(frozen=True, slots=True)
class Console:
    """`name` is its own among all consoles."""

    name: str
    host: str
    pid: int


def look(door: Door, console: Console, place: str, now: datetime) -> None:
    """That console is at `place` now, an object such as `service 12`; since when is kept while it stays there."""
    if door.read_only:
        return
    mine = Presence.console == console.name
    with transaction():
        Presence.delete().where(Presence.seen_at < now - FORGOTTEN).execute()
        if Presence.update(seen_at=now).where(mine, Presence.place == place[:300]).execute():
            return
        Presence.delete().where(mine).execute()
        Presence.create(
            console=console.name, actor=door.actor[:128], host=console.host[:253], pid=console.pid, place=place[:300],
            since=now, seen_at=now,
        )  # fmt: skip


def leave(door: Door, console: Console) -> None:
    """That console is at no object any more."""
    if not door.read_only:
        with transaction():
            Presence.delete().where(Presence.console == console.name).execute()
