"""Claim, run the step, settle: the one place where an error becomes a state."""

from __future__ import annotations

import asyncio
import logging
import queue
import random
import secrets
import time
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import Future
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from peewee import OperationalError

from hostdeck.core.domain.actions import Action
from hostdeck.core.domain.findings import Finding, HealthRead, Quarantine
from hostdeck.core.domain.lifecycle import SEED_SNOOZE_LIMIT, SNOOZE_LIMIT, backoff, snooze
from hostdeck.core.domain.plan_reading import moved
from hostdeck.core.domain.vocabulary import Role, Stream, TaskId
from hostdeck.core.domain.zone import ZoneRecord
from hostdeck.core.drivers.base import NodeDriver
from hostdeck.core.errors import NotMeant, NotYet, Permanent, StepError, Taken, Transient
from hostdeck.core.plans import reading
from hostdeck.core.settings import Settings
from hostdeck.core.steps.base import Reading, Resolver, Step, World, make_step
from hostdeck.core.store import tasks
from hostdeck.core.store.clock import lease_time, since_boot
from hostdeck.core.store.db import connection
from hostdeck.core.store.fields import utcnow
from hostdeck.core.store.fleet_models import Server
from hostdeck.core.store.tasks import Cancelled, ClaimedTask, Failure, Outcome, Retry, Skipped, Success
from hostdeck.core.store.work_models import Record, Task, VanityRecord, VanitySlot, Zone
from hostdeck.core.transport.pool import SshPool
from hostdeck.core.transport.ssh import HostKeyChanged, LoginRefused
from hostdeck.queue import policy
from hostdeck.queue.logsink import LeaseLost, LogSink
from hostdeck.queue.nodes import driver_for, login_of, provider_of_rows

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

READS_PLANS = reading.ReadPlan
"""Named here so that it is registered: plans are no room of the steps'."""

RENEW_EVERY = 15.0
CANCEL_EVERY = 0.5
PAUSE = 0.5
ROUNDS = 4
"""How many times a step may find something else to change before that counts as not taking."""

Note = Callable[[tuple[Finding, ...]], Awaitable[None]]

log = logging.getLogger("hostdeck.worker")
T = TypeVar("T")


class Runner:
    """Runs tasks by id, from any thread. `wake` is told which tasks became due by what this one settled."""

    def __init__(
        self,
        worker: int,
        pool: SshPool,
        private: X25519PrivateKey,
        settings: Settings,
        wake: Callable[[Iterable[TaskId]], None],
        resolve: Resolver,
    ) -> None:
        self._worker = worker
        self._pool = pool
        self._private = private
        self._settings = settings
        self._wake = wake
        self._resolve = resolve

    def run(self, task_id: int) -> bool:
        """Claims and carries the task; False when it was not to be had (taken, not due, its server busy)."""
        with connection():
            claimed = tasks.claim(task_id, self._worker, at=lease_time(), now=utcnow())
            if claimed is None:
                return False
            attempt = _Attempt(claimed, self)
            try:
                outcome = attempt.outcome()
                attempt.patiently(attempt.sink.flush)
                settled = attempt.patiently(lambda: tasks.settle(claimed.claim, outcome, now=utcnow()))
                if settled is None:
                    raise LeaseLost
            except LeaseLost:
                log.warning("task %s: lease lost, its result is dropped", task_id)
            else:
                self._wake(settled.wake)
            return True


class _Attempt:
    """One attempt at one claimed task, on a worker's thread; only its coroutine runs on the SSH loop."""

    def __init__(self, claimed: ClaimedTask, runner: Runner) -> None:
        self._claimed = claimed
        self._runner = runner
        self._renewed = self._looked = since_boot()
        self._cancel = False
        self._notes: queue.SimpleQueue[tuple[tuple[Finding, ...], Future[None]]] = queue.SimpleQueue()
        self.sink = LogSink(claimed.claim, claimed.attempt, policy.log_cap())
        if claimed.claim.number > 1:
            times = f"attempt {claimed.attempt} of {claimed.max_attempts}"
            self.sink.add(Stream.NOTE, f"worker {claimed.claim.worker} takes this up again, {times}")

    def patiently(self, write: Callable[[], T]) -> T:
        """Writes, again and again where the database is locked or away, as long as the lease is surely ours."""
        while True:
            try:
                return write()
            except OperationalError as error:
                if not self._is_held():
                    raise LeaseLost from error
                log.warning("task %s: %s; trying again", self._claimed.claim.task, error)
                time.sleep(PAUSE)

    def _is_held(self) -> bool:
        return since_boot() - self._renewed < tasks.LEASE - tasks.MARGIN

    def outcome(self) -> Outcome:
        try:
            return Success(self._carry())
        except LeaseLost:
            raise
        except NotMeant as reason:
            self.sink.add(Stream.NOTE, str(reason))
            return Skipped(str(reason))
        except StepError as error:
            return self._judge(error)
        except Exception as error:
            log.exception("task %s: unexpected error", self._claimed.claim.task)
            return self._judge(Transient(f"unexpected {type(error).__name__}; the worker's log has it whole"))

    def _carry(self) -> tuple[Finding, ...]:
        claimed = self._claimed
        server = Server.get_by_id(claimed.server)
        login = login_of(server, self._runner._private, self._runner._settings)
        for secret in (login.key, login.password):
            if secret is not None:
                self.sink.hide(secret.reveal())
        step = make_step(claimed.action, claimed.args, self._world(server.name))
        step.prepare()
        provider = provider_of_rows()

        async def work() -> tuple[Finding, ...]:
            transport = await self._runner._pool.node(server.id, login)
            node = driver_for(server, claimed.action, transport, self.sink.add, self._may_act, provider)
            if isinstance(step, Reading):
                return await step.read(node)
            await step.wait_for_world()
            planned = None if claimed.expects is None else tuple(claimed.expects)
            return await ensure(step, node, self._note, again=claimed.claim.number > 1, planned=planned)

        return self._runner._pool.run(work, tick=self._tick)

    def _world(self, server: str) -> World:
        def password() -> str:
            made = secrets.token_urlsafe(24)
            self.sink.hide(made)
            return made

        return World(server, self._zone_records, self._is_ours, self._runner._resolve, password)

    def _is_ours(self, role: Role) -> bool:
        """What the ledger says of this service's sold name, here."""
        slot = VanitySlot.get_or_none(VanitySlot.service == self._claimed.service)
        if slot is None or role is Role.MAIL:
            return slot is not None and bool(slot.mailbox_ours)
        here = (VanityRecord.slot == slot.id) & (VanityRecord.server == self._claimed.server) & VanityRecord.ours
        return bool(VanityRecord.select().where(here).exists())

    def _zone_records(self, domain: str) -> tuple[ZoneRecord, ...]:
        rows = Record.select().join(Zone).where(Zone.service == self._claimed.service, Zone.name == domain)
        return tuple(ZoneRecord(row.name, row.type, row.value, row.priority, row.ttl) for row in rows)

    def _tick(self) -> None:
        """On the worker's thread, ten times a second: lines to the log, the lease renewed, a wish to stop seen."""
        try:
            self._keep()
        except OperationalError as error:
            # Locked or away: the step goes on, its lines wait, and nothing new begins once the lease is in doubt.
            log.warning("task %s: %s", self._claimed.claim.task, error)
            if not self._is_held():
                raise LeaseLost from error

    async def _note(self, findings: tuple[Finding, ...]) -> None:
        """On the loop: waits until the worker's thread has written them."""
        written: Future[None] = Future()
        self._notes.put((findings, written))
        await asyncio.wrap_future(written)

    def _write_notes(self) -> None:
        while not self._notes.empty():
            findings, written = self._notes.get()
            if not self.patiently(partial(tasks.note, self._claimed.claim, findings, now=utcnow())):
                raise LeaseLost
            written.set_result(None)

    def _keep(self) -> None:
        self._write_notes()
        self.sink.flush()
        now = since_boot()
        if now - self._renewed >= RENEW_EVERY:
            if not tasks.renew(self._claimed.claim, lease_time()).held:
                raise LeaseLost
            self._renewed = now
        if now - self._looked >= CANCEL_EVERY:
            self._looked = now
            asked = Task.select(Task.cancel_asked).where(Task.id == self._claimed.claim.task).scalar()
            self._cancel = bool(asked)

    def _may_act(self) -> bool:
        """Asked once the node is ours and before anything begins there; on the loop, so it looks at no row."""
        return not self._cancel and self._is_held()

    def _judge(self, error: StepError) -> Outcome:
        claimed = self._claimed
        text = self.sink.clear(str(error))
        self.sink.add(Stream.NOTE, text)
        findings = _blame(error, text)
        if self._cancel:
            return Cancelled(findings)
        if claimed.action is Action.SERVER_READ_PLAN:
            return Failure(text, findings)
        if claimed.action in (Action.SERVER_CHECK, Action.SERVER_COLLECT_STATUS):
            return Failure(text, findings or (HealthRead(error=text),))
        if isinstance(error, NotYet):
            return self._put_off(text)
        if isinstance(error, Permanent) or claimed.attempt >= claimed.max_attempts:
            return Failure(text, findings)
        delay = backoff(claimed.attempt, policy.retry_policy(claimed.action), random.random())
        self.sink.add(Stream.NOTE, f"attempt {claimed.attempt} of {claimed.max_attempts}; next in {delay:.0f} s")
        return Retry(text, delay, spent=True)

    def _put_off(self, text: str) -> Outcome:
        claimed = self._claimed
        limit = SEED_SNOOZE_LIMIT if claimed.action is Action.SSL_SEED else SNOOZE_LIMIT
        since: datetime | None = claimed.snoozed_since
        if since is not None and (utcnow() - since).total_seconds() > limit:
            return Failure(f"{text}; waited since {since:%Y-%m-%d %H:%M} UTC")
        return Retry(text, snooze(claimed.snoozes, claimed.action, random.random()), spent=False)


def _blame(error: StepError, text: str) -> tuple[Finding, ...]:
    """What an error says about the node itself."""
    if isinstance(error, HostKeyChanged):
        return (Quarantine(text),)
    if isinstance(error, LoginRefused):
        return (HealthRead(error=text),)
    return ()


async def ensure(
    step: Step[Any, Any], node: NodeDriver, note: Note, *, again: bool, planned: tuple[str, ...] | None = None
) -> tuple[Finding, ...]:
    """Look, decide, apply, look again, until nothing is left to decide; the last facts are what is learnt.

    What the node shows decides, never an exit code alone. `again`: an earlier claim may have died between a change and
    its reload, so the reload is made once more. `note` writes what must be known before an effect.
    `planned`: the commands that somebody has looked at; nothing else is sent.
    """
    found = await node.ask(step.question(), step.owner())
    left = step.decide(found)
    flush_due = again and bool(step.flush)
    sent: tuple[str, ...] = ()
    for _ in range(ROUNDS):
        if not left and not flush_due:
            return step.learn(found)
        coming = node.sends(left, step.flush)
        if planned is not None and left:
            _keep_to(planned, sent, coming, step, again=again)
        sent += coming
        if intended := step.intends(left):
            await note(intended)
        applied = await node.apply(left, step.question(), step.flush, step.owner())
        if isinstance(applied.trouble, Taken) and step.first_come and not again:
            # Nothing on the node tells ours from another's, and this attempt was not the one that made it.
            raise applied.trouble
        done, found, left, flush_due = left, applied.facts, step.decide(applied.facts), False
        if left and (applied.trouble or list(map(type, left)) == list(map(type, done))):
            break
        if applied.unflushed:
            raise applied.unflushed
    if not left:
        return step.learn(found)
    raise applied.trouble or Transient(
        f"{step.world.server}: {', '.join(type(change).__name__ for change in left)} did not take although the node "
        "reported success"
    )


def _keep_to(
    planned: tuple[str, ...], sent: tuple[str, ...], coming: tuple[str, ...], step: Step[Any, Any], *, again: bool
) -> None:
    """Permanent where the node has become another since the plan was read from it."""
    strange = moved(planned, sent, coming, again=again)
    if strange is not None:
        raise Permanent(
            f"{step.world.server}: it has changed since the plan was made: '{strange}' was not in it. Nothing more was "
            "sent. Plan it again, or retry this step to go on from what is there now [PLAN_MOVED]"
        )
