"""When figures are too old to be trusted: once a collection was missed (`features.md` 61)."""

from __future__ import annotations

from datetime import datetime, timedelta

COLLECT_EVERY = timedelta(minutes=5)
"""How often figures are collected where nothing else is set."""


def is_stale(collected_at: datetime | None, now: datetime, every: timedelta = COLLECT_EVERY) -> bool:
    """Older than two collections; never collected is not stale but unknown."""
    return collected_at is not None and now - collected_at > 2 * every
