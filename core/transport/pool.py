"""The one event loop of a worker, in a thread of its own, with one warm connection a node.

Database work never runs on this loop, SSH never on the threads: a thread hands in a coroutine and waits for it.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import threading
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from hostdeck.core.errors import NotYet
from hostdeck.core.transport.base import Login
from hostdeck.core.transport.ssh import SshNode

T = TypeVar("T")


DIALS = 20
"""Connections under way at once (`robustness.md` 2)."""


class Bell:
    """Calls the thread that waits for a coroutine: it has something to do before that is done."""

    def __init__(self) -> None:
        self.rung: concurrent.futures.Future[None] = concurrent.futures.Future()

    def ring(self) -> None:
        """On the loop."""
        if not self.rung.done():
            self.rung.set_result(None)

    def still(self) -> None:
        """On the thread, before it looks what there is to do: what comes from here on rings again."""
        if self.rung.done():
            self.rung = concurrent.futures.Future()


class Outdated(NotYet):
    """The login is older than the one that is in use: the server was changed while we waited for our turn."""


class SshPool:
    """Start it, `run` coroutines on it from any thread, close it."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._nodes: dict[int, SshNode] = {}
        self._came: dict[int, float] = {}
        self._dials = asyncio.Semaphore(DIALS)
        self._thread = threading.Thread(target=self._serve, name="ssh", daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()

    def now(self) -> float:
        """The loop's clock, from any thread."""
        return self._loop.time()

    async def node(self, server: int, login: Login, read_at: float | None = None) -> SshNode:
        """The node's kept connection; another login than before (a new key, another port) closes the old one. Outdated
        where `read_at` says that the login was read from the rows before the kept one came."""
        known = self._nodes.get(server)
        if known is not None and _same(known.login, login):
            return known
        if known is not None and read_at is not None and read_at < self._came[server]:
            raise Outdated(f"{login.server}: how to get in has changed meanwhile")
        # Not what the table says after the wait: somebody else may have put the node of another login there.
        made = self._nodes[server] = SshNode(login, self._dials)
        self._came[server] = self.now()
        if known is not None:
            await known.close()
        return made

    def is_connected(self, server: int) -> bool:
        """Whether the node's connection stands; on the loop."""
        known = self._nodes.get(server)
        return known is not None and known.is_connected

    def run(
        self,
        work: Callable[[], Coroutine[Any, Any, T]],
        *,
        tick: Callable[[], None] = lambda: None,
        every: float = 0.1,
        bell: Bell | None = None,
    ) -> T:
        """Runs the coroutine on the loop and gives its result; calls `tick` on this thread meanwhile, `every` seconds,
        when the bell rings, and once at the end. What `tick` raises ends the coroutine too."""
        future = asyncio.run_coroutine_threadsafe(work(), self._loop)
        bell = bell or Bell()
        try:
            while True:
                either: tuple[concurrent.futures.Future[Any], ...] = (future, bell.rung)
                done, _ = concurrent.futures.wait(either, every, concurrent.futures.FIRST_COMPLETED)
                bell.still()
                tick()
                if future in done:
                    return future.result()
        finally:
            if not future.done():
                future.cancel()

    def answers(self, timeout: float) -> bool:
        """Whether the loop takes up new work within so many seconds."""

        async def here() -> None:
            return None

        asked = asyncio.run_coroutine_threadsafe(here(), self._loop)
        try:
            asked.result(timeout)
        except TimeoutError:
            asked.cancel()
            return False
        return True

    def close(self, timeout: float = 5.0) -> None:
        async def bye() -> None:
            await asyncio.gather(*(node.close() for node in self._nodes.values()), return_exceptions=True)

        try:
            asyncio.run_coroutine_threadsafe(bye(), self._loop).result(timeout)
        except TimeoutError:
            pass  # a dead peer answers no farewell; the process ends anyway
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout)


def _same(one: Login, other: Login) -> bool:
    def plain(login: Login) -> tuple[object, ...]:
        secrets = (login.key.reveal() if login.key else None, login.password.reveal() if login.password else None)
        return (login.host, login.port, login.username, login.host_key, *secrets)

    return plain(one) == plain(other)
