"""Claim, run the step, settle: the one place where an error becomes a state."""

from __future__ import annotations

import asyncio
import concurrent.futures
import logging
import random
import secrets
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

from peewee import OperationalError

from hostdeck.core.domain.action_names import Action
from hostdeck.core.domain.findings import Finding, HealthRead, NodeReached, NodeTrouble, Quarantine
from hostdeck.core.domain.lifecycle import LONGEST_SNOOZE, SEED_SNOOZE_LIMIT, SNOOZE_LIMIT, backoff, snooze
from hostdeck.core.domain.vocabulary import Role, ServerStatus, Stream, TaskId
from hostdeck.core.domain.zone import ZoneRecord
from hostdeck.core.errors import NotMeant, NotYet, Permanent, StepError, Transient
from hostdeck.core.plans import reading
from hostdeck.core.settings import Settings
from hostdeck.core.steps.base import NameserverQuery, Reading, Resolver, World, make_step
from hostdeck.core.store import breakers, tasks
from hostdeck.core.store.clock import lease_time, since_boot
from hostdeck.core.store.configs import standard_files
from hostdeck.core.store.db import connection
from hostdeck.core.store.fields import utcnow
from hostdeck.core.store.fleet_models import Server
from hostdeck.core.store.items import has_own_certificate, site_names
from hostdeck.core.store.nodes import capabilities, is_as_asked
from hostdeck.core.store.tasks import Cancelled, ClaimedTask, Failure, Outcome, Retry, Skipped, Success
from hostdeck.core.store.work_models import Record, Task, VanityRecord, VanitySlot, Zone, ZoneDeploy
from hostdeck.core.transport.pool import Bell, SshPool
from hostdeck.queue import policy
from hostdeck.queue.blame import blame
from hostdeck.queue.ensure import ensure
from hostdeck.queue.logsink import LeaseLost, LogSink
from hostdeck.queue.nodes import driver_for, login_of, parents_on, provider_of_rows
from hostdeck.queue.wanted import wanted_item

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

READS_PLANS = reading.ReadPlan
"""Named here so that it is registered: plans are no room of the steps'."""

RENEW_EVERY = 15.0
CANCEL_EVERY = 0.5
PAUSE = 0.5
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
        ask_nameserver: NameserverQuery,
    ) -> None:
        self._worker = worker
        self._pool = pool
        self._private = private
        self._settings = settings
        self._wake = wake
        self._resolve = resolve
        self._ask_nameserver = ask_nameserver

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
                log.warning("task %s: lease lost, its result is dropped", task_id, extra=attempt.about("lost"))
            else:
                said = attempt.about("task") | {"outcome": type(outcome).__name__.lower()}
                log.info("task %s: %s %s", task_id, claimed.action, said["outcome"], extra=said)
                self._wake(settled.wake)
            return True


class _Attempt:
    """One attempt at one claimed task, on a worker's thread; only its coroutine runs on the SSH loop."""

    def __init__(self, claimed: ClaimedTask, runner: Runner) -> None:
        self._claimed = claimed
        self._runner = runner
        self._renewed = self._looked = since_boot()
        self._cancel = False
        self._server = ""
        self._asked: Server | None = None
        self._bell = Bell()
        self._to_note: deque[tuple[Sequence[Finding], concurrent.futures.Future[None]]] = deque()
        self.sink = LogSink(claimed.claim, claimed.attempt, policy.log_cap())
        if claimed.claim.number > 1:
            times = f"attempt {claimed.attempt} of {claimed.max_attempts}"
            self.sink.add(Stream.NOTE, f"worker {claimed.claim.worker} takes this up again, {times}")

    def about(self, event: str) -> dict[str, object]:
        """What a line of the worker's log says of this attempt."""
        claimed = self._claimed
        known = {"server": self._server, "service": claimed.service}
        said: dict[str, object] = {"event": event, "task": claimed.claim.task, "action": str(claimed.action)}
        return said | {name: value for name, value in known.items() if value}

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
            return Success((*self._carry(), NodeReached()))
        except LeaseLost:
            raise
        except NotMeant as reason:
            self.sink.add(Stream.NOTE, str(reason))
            return Skipped(str(reason))
        except StepError as error:
            return self._judge(error)
        except Exception as error:  # noqa: BLE001  a step's bug is one task's failure, never the worker's end
            # Not the exception itself: whatever it says, no secret of this attempt gets into a log.
            trace = self.sink.clear(traceback.format_exc())
            log.error("task %s: unexpected error\n%s", self._claimed.claim.task, trace, extra=self.about("crash"))
            return self._judge(Transient(f"unexpected {type(error).__name__}; the worker's log has it whole"))

    def _carry(self) -> tuple[Finding, ...]:
        claimed = self._claimed
        server = Server.get_by_id(claimed.server)
        self._server, self._asked = server.name, server
        if claimed.action is not Action.SERVER_CHECK and (reason := breakers.refused(server.id)):
            raise Permanent(f"{reason}; when that is mended: hostdeck server check {server.name}")
        login = login_of(server, self._runner._private, self._runner._settings)
        for secret in (login.key, login.password):
            if secret is not None:
                self.sink.hide(secret.reveal())
        step = make_step(claimed.action, claimed.args, self._world(server))
        step.prepare()
        provider = provider_of_rows()

        async def work() -> tuple[Finding, ...]:
            transport = await self._runner._pool.node(server.id, login)
            node = driver_for(server, claimed.action, transport, self.sink.add, self._may_act, provider)
            if isinstance(step, Reading):
                return await step.read(node)
            await step.wait_for_world()
            planned = None if claimed.expects is None else tuple(claimed.expects)
            again, snoozed = claimed.claim.number > 1, claimed.snoozes > 0
            return await ensure(step, node, self._note, again=again, snoozed=snoozed, planned=planned)

        return self._runner._pool.run(work, tick=self._tick, bell=self._bell)

    def _world(self, server: Server) -> World:
        def password() -> str:
            made = secrets.token_urlsafe(24)
            self.sink.hide(made)
            return made

        runner = self._runner
        return World(
            server.name,
            self._zone_records,
            self._is_ours,
            runner._resolve,
            password,
            self._nameservers,
            runner._ask_nameserver,
            able=capabilities(server),
            panel=server.driver,
            standard_files=standard_files,
            parents=lambda: parents_on(server),
            item=lambda number: wanted_item(number, self._claimed.service, runner._private, self.sink.hide),
            own_certificate=lambda role: has_own_certificate(self._claimed.service, role),
            site_names=lambda: site_names(self._claimed.service),
        )

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

    def _nameservers(self) -> tuple[tuple[str, str], ...]:
        """Those that hold the service's zone, or its record in a provider's; one that an operator has disabled is
        not waited for."""
        service = self._claimed.service
        zones = ZoneDeploy.select(ZoneDeploy.server).join(Zone).where(Zone.service == service)
        records = VanityRecord.select(VanityRecord.server).join(VanitySlot).where(VanitySlot.service == service)
        holding = Server.id.in_(zones) | Server.id.in_(records)
        rows = Server.select().where(holding, Server.status != ServerStatus.DISABLED).order_by(Server.name)
        return tuple((row.name, row.ip) for row in rows)

    async def _note(self, found: tuple[Finding, ...]) -> None:
        """On the loop: has the worker's thread write what the step found so far, and waits until that is done."""
        if found:
            written: concurrent.futures.Future[None] = concurrent.futures.Future()
            self._to_note.append((found, written))
            self._bell.ring()
            await asyncio.wrap_future(written)

    def _write_notes(self) -> None:
        while self._to_note:
            found, written = self._to_note[0]
            try:
                held = tasks.note(self._claimed.claim, found, now=utcnow())
            except StepError as refused:
                self._to_note.popleft()
                written.set_exception(refused)
                continue
            if not held:
                raise LeaseLost
            self._to_note.popleft()
            written.set_result(None)

    def _tick(self) -> None:
        """On the worker's thread, ten times a second: lines to the log, the lease renewed, a wish to stop seen."""
        try:
            self._keep()
        except OperationalError as error:
            # Locked or away: the step goes on, its lines wait, and nothing new begins once the lease is in doubt.
            log.warning("task %s: %s", self._claimed.claim.task, error)
            if not self._is_held():
                raise LeaseLost from error

    def _keep(self) -> None:
        self.sink.flush()
        self._write_notes()
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
        # On the stream of errors, so that who looks for the next error in a log comes to it.
        self.sink.add(Stream.NOTE if isinstance(error, NotYet) else Stream.STDERR, text)
        findings = self._blame(error, text)
        if self._cancel:
            return Cancelled(findings)
        if claimed.action in (Action.SERVER_READ_PLAN, Action.SERVER_READ_CONFIG):
            return Failure(text, findings)
        if claimed.action in (Action.SERVER_CHECK, Action.SERVER_COLLECT_STATUS):
            return Failure(text, (HealthRead(error=text), *findings))
        if isinstance(error, NotYet) and claimed.action is not Action.SERVER_CHECK_HEALTH:
            return self._put_off(text, error.until, findings)
        if isinstance(error, Permanent) or claimed.attempt >= claimed.max_attempts:
            return Failure(text, findings)
        delay = backoff(claimed.attempt, policy.retry_policy(claimed.action), random.random())
        self.sink.add(Stream.NOTE, f"attempt {claimed.attempt} of {claimed.max_attempts}; next in {delay:.0f} s")
        return Retry(text, delay, spent=True, findings=findings)

    def _blame(self, error: StepError, text: str) -> tuple[Finding, ...]:
        found = blame(error, text)
        if (asked := self._asked) is None or not found:
            return found
        if is_as_asked(self.patiently(lambda: Server.get_or_none(Server.id == asked.id)), asked):
            return found
        # An operator has changed how the node is reached while we tried: what kept us out may be mended by that.
        return tuple(one for one in found if not isinstance(one, NodeTrouble | Quarantine))

    def _put_off(self, text: str, until: datetime | None, findings: tuple[Finding, ...]) -> Outcome:
        claimed = self._claimed
        limit = SEED_SNOOZE_LIMIT if claimed.action is Action.SSL_SEED else SNOOZE_LIMIT
        since: datetime | None = claimed.snoozed_since
        if since is not None and (utcnow() - since).total_seconds() > limit:
            return Failure(f"{text}; waited since {since:%Y-%m-%d %H:%M} UTC", findings)
        delay = snooze(claimed.snoozes, claimed.action, random.random())
        if until is not None:
            delay = max(delay, min(LONGEST_SNOOZE, (until - utcnow()) / timedelta(seconds=1)))
        return Retry(text, delay, spent=False, findings=findings)
