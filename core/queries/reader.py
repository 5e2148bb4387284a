"""One thread with one reading connection, for the console: a read never blocks the screen, and every read is by the
same connection, so that `version` sees each other commit.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from hostdeck.core.store import db
from hostdeck.core.store.base import database

T = TypeVar("T")


class Reader:
    """`await read(query)` runs a function of no arguments on the reading thread; `version()` tells of changes."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "reader")

    async def read(self, query: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._run, query)

    async def version(self) -> Any:
        return await self.read(db.version)

    @staticmethod
    def _run(query: Callable[[], T]) -> T:
        if database.is_closed():
            database.connect()
        return query()

    def close(self) -> None:
        self._thread.submit(db.close_store)
        self._thread.shutdown()
