"""Who else looks at an object."""

from __future__ import annotations

from datetime import datetime, timedelta

from hostdeck.core.domain.askers import who
from hostdeck.core.store.fleet_models import Presence

LASTS = timedelta(seconds=60)
"""A console that has not said anything for so long is not there any more."""


def also_here(place: str, console: str, actor: str, now: datetime) -> tuple[str, ...]:
    """The actors whose consoles, other than `console`, are at `place`, the first to come first; `you elsewhere` where
    that is `actor` again."""
    if not place:
        return ()
    rows = Presence.select(Presence.actor).where(
        Presence.place == place, Presence.console != console, Presence.seen_at > now - LASTS
    )
    names = (row.actor for row in rows.order_by(Presence.since, Presence.id))
    return tuple(dict.fromkeys("you elsewhere" if name == actor else who(name) for name in names))
