"""What this console looks at, told to the others: when it changes, and every so often while it stays."""

from __future__ import annotations

import asyncio
import os
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING

from hostdeck.core.errors import HostdeckError

if TYPE_CHECKING:
    from hostdeck.core.intents.base import Door

RENEW_EVERY = 20.0
"""Seconds. Every write makes the other consoles look at the database again, so that one at no object writes nothing."""


class Attendance:
    """Written beside the screen. What can't be written is tried again with the next: who looks at what is worth no word
    to somebody whose database is away."""

    def __init__(self, door: Door, host: str, clock: Callable[[], datetime]) -> None:
        self.seat = str(uuid.uuid4())
        self._door = door
        self._clock = clock
        self._host = host
        self._told = ""
        self._told_at = 0.0

    def is_due(self, place: str) -> bool:
        """Whether it has to be told that this console looks at that object now; empty for none."""
        if self._door.read_only:
            return False
        return place != self._told or (bool(place) and time.monotonic() - self._told_at >= RENEW_EVERY)

    async def tell(self, place: str) -> None:
        self._told, self._told_at = place, time.monotonic()
        await asyncio.to_thread(self._write, place)

    async def leave(self) -> None:
        if self._told:
            await self.tell("")

    def _write(self, place: str) -> None:
        from peewee import PeeweeException

        from hostdeck.core.intents import presence

        me = presence.Console(self.seat, self._host, os.getpid())
        with suppress(HostdeckError, PeeweeException, OSError):
            if place:
                presence.look(self._door, me, place, self._clock())
            else:
                presence.leave(self._door, me)
