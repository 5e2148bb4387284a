"""When a node's figures are due: each at its own point of the interval, so that a fleet is never asked all at once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

GOLDEN = 0.6180339887498949
"""Multiples of it, without their whole part, lie as far apart as any row of numbers can (the golden ratio)."""


def next_round(server: int, every: float, now: datetime) -> datetime:
    """The first moment after `now` that is this server's; `every` in seconds. Stable: it does not drift with load, and
    a worker that starts anew keeps to it."""
    phase = (server * GOLDEN) % 1.0 * every
    passed = (now.timestamp() - phase) % every
    return datetime.fromtimestamp(now.timestamp() - passed, UTC) + timedelta(seconds=every)
