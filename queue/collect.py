"""Figures of all nodes, by and by: beside the tasks, on the same connections, never in a deploy's way.

A round is no task: a fleet of some hundred nodes would write a million task rows a month that nobody reads.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from peewee import OperationalError

from hostdeck.core.domain.action_names import Action
from hostdeck.core.domain.findings import Finding, HealthRead, NodeReached
from hostdeck.core.domain.vocabulary import Driver
from hostdeck.core.errors import NotMeant, StepError, Transient
from hostdeck.core.settings import Settings
from hostdeck.core.steps.base import Reading, World, make_step
from hostdeck.core.store import collecting
from hostdeck.core.store.collecting import Told
from hostdeck.core.store.db import connection
from hostdeck.core.store.fields import utcnow
from hostdeck.core.store.fleet_models import Server
from hostdeck.core.store.nodes import capabilities
from hostdeck.core.transport.pool import Outdated, SshPool
from hostdeck.queue import policy
from hostdeck.queue.blame import blame
from hostdeck.queue.nodes import driver_for, login_of, parents_on, provider_of_rows

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

EVERY = 2.0
"""Seconds between two looks for nodes that are due."""

WARM = 64
COLD = 8
"""Nodes asked at once over a connection that stands, and over one that must be made first: a dead node holds its place
for half a minute, and the pool makes no more than twenty connections at a time."""

log = logging.getLogger("hostdeck.worker")


@dataclass(frozen=True, slots=True)
class Round:
    """What is asked of a node when one of its rounds is due."""

    column: Any
    setting: str
    actions: tuple[Action, ...]
    hestia_only: bool = False


ROUNDS = (
    Round(collecting.STATUS, "collect.every", (Action.SERVER_COLLECT_STATUS,)),
    Round(collecting.USAGE, "usage.every", (Action.SERVER_SYNC_USAGE, Action.SERVER_READ_CONFIG), hestia_only=True),
)


class Collector:
    """Asks the nodes that are due, and writes what they tell while others still answer."""

    def __init__(self, pool: SshPool, private: X25519PrivateKey, settings: Settings) -> None:
        self._pool = pool
        self._private = private
        self._settings = settings
        self._warm = asyncio.Semaphore(WARM)
        self._cold = asyncio.Semaphore(COLD)

    def collect(self) -> int:
        """One look; how many nodes were asked."""
        return sum(self._collect(one) for one in ROUNDS)

    def _collect(self, one: Round) -> int:
        rows = collecting.take_due(one.column, policy.seconds(one.setting), utcnow())
        if one.hestia_only:
            rows = [row for row in rows if row.driver is Driver.HESTIA]
        if rows:
            self.ask(rows, one.actions)
        return len(rows)

    def ask(self, rows: Sequence[Server], actions: Sequence[Action]) -> None:
        """Asks nodes at the same time; what they tell goes into their rows."""
        told: deque[Told] = deque()
        asking = [self._asking(row, actions, told) for row in rows]

        async def work() -> None:
            await asyncio.gather(*(ask() for ask in asking))

        def write() -> None:
            _write([told.popleft() for _ in range(len(told))])

        self._pool.run(work, tick=write)

    def _asking(self, row: Server, actions: Sequence[Action], told: deque[Told]) -> Callable[[], Any]:
        """On this thread all that needs rows; what is given back runs on the loop."""
        read_at = self._pool.now()
        try:
            login = login_of(row, self._private, self._settings)
        except StepError as error:
            found: tuple[Finding, ...] = (HealthRead(error=str(error)),)
            told.append((row, found))
            return _nothing
        provider = provider_of_rows()
        steps = [make_step(action, {}, _world(row)) for action in actions]
        for step in steps:
            step.prepare()

        async def one(action: Action, step: Any) -> bool:
            """Whether to go on with this node."""
            assert isinstance(step, Reading), action
            try:
                node = await self._pool.node(row.id, login, read_at)
                driver = driver_for(row, action, node, _unheard, lambda: False, provider)
                told.append((row, (*await step.read(driver), NodeReached())))
            except NotMeant:
                pass
            except Outdated:
                return False  # the next round has its new place
            except StepError as error:
                told.append((row, (*_ill(action, error), *blame(error, str(error)))))
                return False
            except Exception as error:
                log.exception("collect: %s on %s", action, row.name)
                text = f"unexpected {type(error).__name__}; the worker's log has it whole"
                told.append((row, _ill(action, Transient(text))))
                return False
            return True

        async def ask() -> None:
            gate = self._warm if self._pool.is_connected(row.id) else self._cold
            async with gate:
                for action, step in zip(actions, steps, strict=True):
                    if not await one(action, step):
                        return

        return ask


def _write(batch: Sequence[Told]) -> None:
    """All at once; where a row refuses something, node by node, and the one it was is said."""
    if not batch:
        return
    try:
        collecting.write(batch, utcnow())
    except OperationalError as error:
        log.warning("figures of %s nodes are lost, the next round has them: %s", len(batch), error)
    except Exception:
        if len(batch) > 1:
            for one in batch:
                _write([one])
        else:
            log.exception("figures of %s can't be kept", batch[0][0].name)


def _ill(action: Action, error: StepError) -> tuple[Finding, ...]:
    """Only a node that does not tell its own figures is ill."""
    return (HealthRead(error=str(error)),) if action is Action.SERVER_COLLECT_STATUS else ()


async def _nothing() -> None:
    return None


def _unheard(stream: Any, line: str) -> None:
    """A round has no log: what goes wrong in it is the node's health."""


def _world(row: Server) -> World:
    """Of a step that only reads, and decides nothing."""

    def unasked(*_: Any) -> Any:
        raise NotImplementedError("a round asks nodes, and nobody else")

    nobody: Any = unasked
    able, parents = capabilities(row), partial(parents_on, row)
    return World(row.name, *(nobody,) * 6, able=able, panel=row.driver, parents=parents)


class Collect(threading.Thread):
    """Looks every two seconds, in a thread of its own: the tasks' threads are never used for it."""

    def __init__(self, collector: Collector, stop: threading.Event) -> None:
        super().__init__(name="collect", daemon=True)
        self._collector = collector
        self._stop_asked = stop

    def run(self) -> None:
        while not self._stop_asked.wait(EVERY):
            try:
                with connection():
                    self._collector.collect()
            except Exception:
                log.exception("collect: trying again in %.0f s", EVERY)
