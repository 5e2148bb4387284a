"""One thread with one reading connection, for the console: a read never blocks the screen, and every read is by the
same connection, so that `version` sees each other commit.

The thread loads the database's modules too: they take longer than a first picture may.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")


class Reader:
    """`await read(query)` runs a function of no arguments on the reading thread; `version()` tells of changes.
    `opening` opens the store, on that thread too, once `open()` is awaited, and every read waits for that; without it,
    the store is open already.

    A connection that has failed, or whose file is no longer the one found there, is given up: the next read makes a new
    one, so that a database that was away is read again as soon as it is back.
    """

    def __init__(self, opening: Callable[[], None] | None = None) -> None:
        self._thread = ThreadPoolExecutor(1, "reader")
        self._opening = opening
        self._opened = asyncio.Event()
        if opening is None:
            self._opened.set()
        self._file: tuple[int, int] | None = None
        self._connections = 0

    @property
    def unreadable(self) -> tuple[type[Exception], ...]:
        """What a database that can't be reached raises."""
        from peewee import PeeweeException

        return (PeeweeException, OSError)

    async def open(self) -> None:
        """Raises what `opening` raises; then nothing is ever read."""
        if self._opening is not None and not self._opened.is_set():
            await asyncio.get_running_loop().run_in_executor(self._thread, self._opening)
            self._opened.set()

    async def read(self, query: Callable[[], T]) -> T:
        await self._opened.wait()
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._run, query)

    async def version(self) -> Any:
        """Different after every new connection too: SQLite counts for each connection from the start."""
        found = await self.read(_version)
        return self._connections, found

    def _run(self, query: Callable[[], T]) -> T:
        from peewee import InterfaceError, OperationalError

        from hostdeck.core.store import db
        from hostdeck.core.store.base import database

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
        self._thread.submit(_close)
        self._thread.shutdown()


def _version() -> Any:
    from hostdeck.core.store import db

    return db.version()


def _close() -> None:
    from hostdeck.core.store import db

    db.close_store()
