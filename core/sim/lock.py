"""The node's lock: many who look or one who changes, and who held it last (`flock` on the guard's lock file)."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

_PIDS = itertools.count(4001)


class NodeLock:
    def __init__(self) -> None:
        self.holder = ""  # what the lock file says: the last one who changed something
        self._free = asyncio.Condition()
        self._lookers = 0
        self._changing = False

    @asynccontextmanager
    async def held(self, mode: str, wait: float, nonce: str) -> AsyncIterator[bool]:
        """Holds the lock for the block: `x` alone, `s` beside other `s`, `n` not at all; False after `wait` seconds."""
        if not await self._take(mode, wait):
            yield False
            return
        if mode == "x":
            self.holder = f"{nonce} pid={next(_PIDS)} at={int(time.time())}"
        try:
            yield True
        finally:
            await self._give(mode)

    def __str__(self) -> str:
        """As the health probe tells it."""
        return f"held {self.holder[:200]}" if self._changing or self._lookers else "free"

    async def _take(self, mode: str, wait: float) -> bool:
        if mode == "n":
            return True
        try:
            async with asyncio.timeout(wait), self._free:
                await self._free.wait_for(lambda: not self._changing and (mode == "s" or not self._lookers))
                if mode == "x":
                    self._changing = True
                else:
                    self._lookers += 1
        except TimeoutError:
            return False
        return True

    async def _give(self, mode: str) -> None:
        if mode == "n":
            return
        if mode == "x":
            self._changing = False
        else:
            self._lookers -= 1
        async with self._free:
            self._free.notify_all()
