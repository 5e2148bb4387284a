"""One thread with one reading connection, for the console: a read never blocks the screen, and every read is by the
same connection, so that `version` sees each other commit.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from peewee import InterfaceError, OperationalError

from hostdeck.core.store import db
from hostdeck.core.store.base import database

T = TypeVar("T")


class Reader:
    """`await read(query)` runs a function of no arguments on the reading thread; `version()` tells of changes.

    A connection that has failed, or whose file is no longer the one found there, is given up: the next read makes a new
    one, so that a database that was away is read again as soon as it is back.
    """

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "reader")
        self._file: tuple[int, int] | None = None
        self._connections = 0

    async def read(self, query: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._run, query)

    async def version(self) -> Any:
        """Different after every new connection too: SQLite counts for each connection from the start."""
        found = await self.read(db.version)
        return self._connections, found

    def _run(self, query: Callable[[], T]) -> T:
        file = db.file_there()
        if file != self._file:
            db.close_store()
        if database.is_closed():
            database.connect()
            self._file = file
            self._connections += 1
        try:
            return query()
        except (OperationalError, InterfaceError):
            db.close_store()
            raise

    def close(self) -> None:
        self._thread.submit(db.close_store)
        self._thread.shutdown()
