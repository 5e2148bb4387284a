"""The clock of a console on a terminal of its own: it starts at the moment the seeded home stands still at."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

START = time.monotonic()
NOON = datetime(2026, 3, 14, 21, 12, 45, tzinfo=UTC)


def moving_clock() -> datetime:
    return NOON + timedelta(seconds=time.monotonic() - START)
