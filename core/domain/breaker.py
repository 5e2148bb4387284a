"""When nobody calls at a node for a while: pure arithmetic over its failures (`robustness.md` 2)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from hostdeck.core.domain.vocabulary import BreakerKind

FAILURES = 5
WITHIN = timedelta(minutes=2)
"""So many connections that fail within this time open it."""

FIRST = timedelta(seconds=60)
LONGEST = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Trouble:
    """Failures since `first_at`; open where `opened_at` is set, until `until`, or until an operator acts where that is
    None. `opens`: how often in a row it has opened."""

    kind: BreakerKind
    failures: int
    first_at: datetime
    opens: int = 0
    opened_at: datetime | None = None
    until: datetime | None = None

    @property
    def is_open(self) -> bool:
        return self.opened_at is not None

    def parks(self, now: datetime) -> bool:
        """Whether tasks wait; past `until` one may try."""
        return self.is_open and (self.until is None or self.until > now)


def after_failure(before: Trouble | None, kind: BreakerKind, now: datetime) -> Trouble:
    """What one more failure makes of it. A refused login opens at once, for an operator to close: trying on would get
    us banned."""
    if kind is BreakerKind.LOGIN:
        first = before.first_at if before else now
        return Trouble(kind, (before.failures if before else 0) + 1, first, 1, now)
    if before is None:
        return Trouble(kind, 1, now)
    if before.kind is BreakerKind.LOGIN:
        return replace(before, failures=before.failures + 1)  # a node that is silent has not let us in
    if before.is_open:
        if before.parks(now):
            return replace(before, failures=before.failures + 1)  # one that was under way when it opened
        pause = min(LONGEST, FIRST * 2 ** min(before.opens, 8))
        return replace(before, failures=before.failures + 1, opens=before.opens + 1, opened_at=now, until=now + pause)
    if now - before.first_at > WITHIN:
        return Trouble(kind, 1, now)
    counted = replace(before, failures=before.failures + 1)
    if counted.failures < FAILURES:
        return counted
    return replace(counted, opens=1, opened_at=now, until=now + FIRST)


def parked_words(server: str, until: datetime | None, now: datetime) -> str:
    """Why a task of a node that is not called at waits, and until when."""
    if until is None:
        return f"{server} waits for an operator; mend it, then: hostdeck server check {server}"
    seconds = round((until - now).total_seconds())
    return f"{server} does not answer; tried again in {seconds} s" if seconds > 0 else f"{server} is tried again now"
