"""Who asked for a piece of work, and how it is said to somebody else who wants the same."""

from __future__ import annotations

from datetime import datetime

from hostdeck.core.domain.order_plan import View

SHOWN = 24
"""Letters of an actor, who may be a key's fingerprint."""


class AskedBy(View):
    """The line of the audit that a run came of."""

    actor: str
    intent: str
    at: datetime

    def words(self, now: datetime) -> str:
        """`asked by ops2, 40 s ago`."""
        return f"asked by {who(self.actor)}, {age(self.at, now)} ago"

    def under_way(self, now: datetime) -> str:
        """`ops2 redeploys this since 40 s`."""
        verb = _VERBS.get(self.intent, "works on this")
        return f"{who(self.actor)} {verb} since {age(self.at, now)}"


_VERBS = {
    "service.create": "has this built",
    "service.redeploy": "redeploys this",
    "service.redeploy --hard": "redeploys this from nothing",
    "service.rename_account": "has this built under another account name",
    "service.suspend": "suspends this",
    "service.unsuspend": "opens this",
    "service.change-product": "changes the product of this",
    "service.terminate": "terminates this",
    "group.apply": "applies this",
    "zone.redeploy": "publishes this",
}


def who(actor: str) -> str:
    return actor[:SHOWN]


def age(then: datetime, now: datetime) -> str:
    """`40 s`, `3 min`, `2 h`, `3 d`: for a person who decides whether to wait."""
    seconds = max(0, int((now - then).total_seconds()))
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"
