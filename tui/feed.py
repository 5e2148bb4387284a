"""The pulse: screens show what the database says, and ask it again only when it has changed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

from hostdeck.core.errors import HostdeckError

T = TypeVar("T")
PULSE = 0.1
CHEAP = 0.02
DEAR = 4.0
"""A query of more than CHEAP seconds rests so many times as long as it took, so that at most a fifth of the reading
thread is one query's."""


class Reads(Protocol):
    """What the feed needs of a reader."""

    async def read(self, query: Callable[[], T]) -> T: ...

    async def version(self) -> Any: ...


@dataclass(slots=True, eq=False)
class Watch(Generic[T]):
    """One query kept fresh while `visible()`. `every()` may ask for a slow tick in seconds, for what changes with the
    clock alone; `failed` is told when the object is gone. `cost`: the seconds its last answer took; a dear query is
    not asked again at once, and none before `rest` seconds, whatever has changed. A `steady` one is neither frozen nor
    slowed down. `redraw`: its last answer is to be shown again."""

    query: Callable[[], T]
    show: Callable[[T], None]
    visible: Callable[[], bool]
    every: Callable[[], float | None]
    failed: Callable[[HostdeckError], None]
    last: T | None = None
    asked: Any = None
    asked_at: float = field(default=0.0)
    cost: float = 0.0
    stopped: bool = False
    steady: bool = False
    rest: float = 0.0
    redraw: bool = False

    def wake(self) -> None:
        """Ask again at the next pulse, whatever the version."""
        self.asked = None
        self.stopped = False

    def stop(self) -> None:
        self.stopped = True

    def due(self, version: Any, now: float, least: float = 0.0) -> bool:
        """`least`: so many seconds have to lie between two answers."""
        if self.stopped or not self.visible():
            return False
        if self.asked is None:
            return True
        every = self.every()
        if self.asked == version and every is None:
            return False
        dear = DEAR * self.cost if self.cost > CHEAP else 0.0
        # A change need not wait longer than what is asked for anyway; neither comes sooner than it may.
        pause = max(0.0 if self.steady else least, self.rest, dear)
        return now - self.asked_at >= (pause if self.asked != version else max(pause, every or 0.0))


class Feed:
    """Reads on the reader's thread, never on the screen's. While the database can't be read, `stale` says why and
    since when, and what is shown stays. `heard_at`: when it last could be read."""

    def __init__(
        self,
        reader: Reads,
        clock: Callable[[], datetime],
        on_stale: Callable[[], None],
        unreadable: Callable[[], tuple[type[Exception], ...]] = lambda: (OSError,),
    ) -> None:
        self.stale: tuple[str, datetime] | None = None
        self.frozen: datetime | None = None
        self.least = 0.0
        self.heard_at: datetime | None = None
        self._reader = reader
        self._clock = clock
        self._on_stale = on_stale
        self._unreadable = unreadable
        self._watches: list[Watch[Any]] = []
        self._awake = asyncio.Event()
        self._beating = asyncio.Lock()
        self._version: Any = None

    async def read(self, query: Callable[[], T]) -> T:
        return await self._reader.read(query)

    def watch(
        self,
        query: Callable[[], T],
        show: Callable[[T], None],
        *,
        visible: Callable[[], bool] = lambda: True,
        every: Callable[[], float | None] = lambda: None,
        failed: Callable[[HostdeckError], None] = lambda error: None,
        steady: bool = False,
        rest: float = 0.0,
    ) -> Watch[T]:
        watch = Watch(query, show, visible, every, failed, steady=steady, rest=rest)
        self._watches.append(watch)
        self._awake.set()
        return watch

    @property
    def answered(self) -> bool:
        """Whether every watch that is seen, the header's and that of a screen that is mounted, shows what was there at
        the last beat. A screen that was covered at once is asked when it is seen; what is frozen, or rests for a time
        of its own, is as new as it is meant to be."""
        return len(self._watches) > 1 and not any(self._is_behind(watch) for watch in self._watches)

    def _is_behind(self, watch: Watch[Any]) -> bool:
        if watch.stopped or not watch.visible():
            return False
        held = watch.rest > 0 or (self.frozen is not None and not watch.steady)
        return watch.asked is None or (watch.asked != self._version and not held)

    def drop(self, watch: Watch[Any]) -> None:
        if watch in self._watches:
            self._watches.remove(watch)

    def freeze(self, since: datetime | None) -> None:
        """From then on only what is asked for anew is read: another screen, another filter. None lets all flow on."""
        self.frozen = since
        for watch in self._watches:
            if since is not None and not watch.visible():
                watch.asked = None  # what a covered screen had is older than what is frozen
        self.poke()

    def show_again(self) -> None:
        """Everything is drawn anew at the next pulse, whether it has changed or not. While all is frozen nothing is
        asked for: it is the same, drawn again."""
        for watch in self._watches:
            if self.frozen is not None and not watch.steady:
                watch.redraw = watch.last is not None
            else:
                watch.last = None
                watch.wake()
        self.poke()

    def poke(self) -> None:
        """Something was just asked for or shown: look now, not at the next pulse."""
        self._awake.set()

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self.beat()
            try:
                await asyncio.wait_for(self._awake.wait(), PULSE)
            except TimeoutError:
                continue

    async def beat(self) -> None:
        """One look at the version, and the queries that are due. Beats never overlap: when one is over, everything
        asked before it has been shown."""
        async with self._beating:
            await self._beat()

    async def _beat(self) -> None:
        self._awake.clear()
        try:
            version = self._version = await self._reader.version()
            for watch in list(self._watches):
                if watch.redraw and watch.visible():
                    watch.redraw = False
                    watch.show(watch.last)
                if self.frozen is not None and watch.asked is not None and not watch.steady:
                    continue
                if watch.due(version, time.monotonic(), self.least):
                    await self._renew(watch, version)
        except self._unreadable() as error:
            self._mark((str(error).strip().splitlines() or ["can't be read"])[0])
        else:
            first, self.heard_at = self.heard_at is None, self._clock()
            if first:
                self._on_stale()
            self._mark(None)

    async def _renew(self, watch: Watch[Any], version: Any) -> None:
        watch.asked, watch.asked_at = version, time.monotonic()
        try:
            answer = await self._reader.read(watch.query)
            watch.cost = time.monotonic() - watch.asked_at
        except self._unreadable():
            watch.asked = None
            raise
        except HostdeckError as error:
            if self._is_awaited(watch):
                watch.failed(error)
            return
        if self._is_awaited(watch) and (watch.last is None or answer != watch.last):
            watch.last = answer
            watch.show(answer)

    def _is_awaited(self, watch: Watch[Any]) -> bool:
        """Whether the answer still has a place. A screen that was left while it was read may have no parts any more,
        and has not said so yet; one that is only covered asks again when it is seen."""
        if watch in self._watches and watch.visible():
            return True
        watch.asked = None
        return False

    def _mark(self, reason: str | None) -> None:
        if (reason is None) == (self.stale is None):
            return
        self.stale = None if reason is None else (reason, self._clock())
        self._on_stale()
