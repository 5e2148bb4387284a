"""PowerDNS over a guard: zones and nothing else."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar, cast

from hostdeck.core.domain.text import clean_line
from hostdeck.core.domain.vocabulary import Driver, Role
from hostdeck.core.drivers.base import Applied, Examined
from hostdeck.core.drivers.guard import Guard, GuardStep, Lock, StepResult
from hostdeck.core.drivers.language import AskConfig, AskFiles, AskZone, Change, Owner, Question, Service, ZoneFacts
from hostdeck.core.drivers.powerdns.commands import Tools, question_steps, sends, serial_steps, steps_of
from hostdeck.core.drivers.powerdns.preflight import PowerDnsLooks
from hostdeck.core.drivers.powerdns.probe import probe_figures
from hostdeck.core.drivers.powerdns.zonefile import next_serial, read_zone
from hostdeck.core.drivers.preflight import Preflight
from hostdeck.core.drivers.provider import AskRecord, RecordFacts
from hostdeck.core.errors import NotMeant, Permanent, StepError, Taken, Transient

F = TypeVar("F")
LOOK_SECONDS = 60.0
ABSENT, FOREIGN, UNSEEN = 3, 4, 7
"""Exit codes of the fixed text `owned-zone`."""

KEPT_HERE = re.compile(r"^This is a (Native|Master|Primary) zone", re.MULTILINE)
"""What show-zone says of a zone whose records are this node's to change."""

UNSIGNED = "Zone is not actively secured"

CHECKED = 2
"""Where in the looks of `question_steps` the server's own check of the zone stands."""


class PowerDnsDriver:
    """`deadline` bounds one changing exec, in seconds. Owners do not apply: a zone's account is its mark."""

    has_users = False

    def __init__(self, guard: Guard, deadline: float) -> None:
        self._guard = guard
        self._tools = Tools(guard.home)
        self._deadline = deadline

    async def ask(self, question: Question[F], owner: Owner | None = None) -> F:
        asked = self._known(question)
        results = await self._guard.run(Lock.SHARED, question_steps(asked, self._tools), LOOK_SECONDS)
        return cast(F, self._facts(asked, results))

    async def apply(
        self, changes: Sequence[Change], then: Question[Any], flush: Sequence[Service], owner: Owner | None = None
    ) -> Applied:
        asked = self._known(then)
        serial = await self._next_serial(asked)
        acts = steps_of(changes, serial, self._tools)
        one = isinstance(asked, AskRecord) and Service.SERIAL in flush
        raising = serial_steps(asked.parent, self._tools) if isinstance(asked, AskRecord) and one else ()
        looks = question_steps(asked, self._tools)
        results = await self._guard.run(Lock.EXCLUSIVE, (*acts, *raising, *looks), self._deadline)
        trouble = self._trouble(results, acts)
        if len(results) < len(acts) + len(raising) + len(looks):
            skipped = Transient(f"{self._guard.server}: the zone's serial was not raised") if raising else None
            return Applied(await self.ask(asked), trouble, skipped)
        raised, seen = results[len(acts) : -len(looks)], results[-len(looks) :]
        facts = self._facts(asked, seen)
        if trouble is None and isinstance(facts, ZoneFacts) and facts.exists and not facts.loads:
            trouble = judge(seen[CHECKED], self._guard.server)
        failed = next((one for one in raised[:1] if one.exit != 0), None)
        return Applied(facts, trouble, None if failed is None else judge(failed, self._guard.server))

    async def _next_serial(self, ask: AskZone | AskRecord) -> int:
        """For a zone that is written whole; for one record the node counts on."""
        if isinstance(ask, AskRecord):
            return 0
        before = await self.ask(ask)
        return next_serial(before.serial, datetime.now(UTC).strftime("%Y%m%d"))

    def _known(self, question: Question[Any]) -> AskZone | AskRecord:
        if isinstance(question, AskConfig | AskFiles):
            raise NotMeant("skipped: no hestia.conf")
        if not isinstance(question, AskZone | AskRecord):
            raise Permanent(
                f"{self._guard.server}: PowerDNS can't answer {type(question).__name__}; it holds zones only"
            )
        return question

    def _facts(self, ask: AskZone | AskRecord, results: Sequence[StepResult]) -> ZoneFacts | RecordFacts:
        return self._zone(ask, results) if isinstance(ask, AskZone) else self._record(ask, results)

    def _record(self, ask: AskRecord, results: Sequence[StepResult]) -> RecordFacts:
        """What the server answers is told by its serial: it answers from the database once its cache is purged."""
        shown, at_name, apex, served = results
        if shown.exit != 0 and is_absent(shown, ask.parent):
            return RecordFacts(None, frozenset(), {}, frozenset())
        unseen = [shown] if shown.exit != 0 else [one for one in (at_name, apex) if one.exit == UNSEEN]
        if unseen:
            raise Transient(str(judge(unseen[0], self._guard.server)))
        here = sorted(read_zone(ask.parent, at_name.text)[0])
        _, serial = read_zone(ask.parent, apex.text)
        fresh = served.text.strip() == f"serial {serial}"
        return RecordFacts(
            zone=None if serial is None else False,
            owners=frozenset(),
            at_name={str(number): record for number, record in enumerate(here, 1)},
            answers=frozenset(record.value for record in here) if fresh else frozenset(),
            transferred=KEPT_HERE.search(shown.text) is None,
            signed=UNSIGNED not in shown.text,
        )

    def _zone(self, ask: AskZone, results: Sequence[StepResult]) -> ZoneFacts:
        owned, listed, checked, served = results
        if owned.exit == UNSEEN:
            raise judge(owned, self._guard.server)
        if owned.exit != ABSENT and listed.exit != 0:
            # Never taken for an empty zone: its serial would begin again below what secondaries have.
            raise Transient(str(judge(listed, self._guard.server)))
        records, serial = read_zone(ask.domain, listed.text) if listed.exit == 0 else (frozenset(), None)
        owners: frozenset[str] = frozenset()
        if owned.exit == 0:
            owners = frozenset({ask.user})
        elif owned.exit == FOREIGN:
            owners = frozenset({clean_line(owned.text.strip(), 64) or "nobody's"})
        word, _, number = served.text.strip().partition(" ")
        return ZoneFacts(
            exists=serial is not None,
            records=records,
            serial=serial,
            loads=checked.exit == 0,
            served_serial=number if word == "serial" else None,
            owners=owners,
        )

    def _trouble(self, results: Sequence[StepResult], acts: Sequence[GuardStep]) -> StepError | None:
        """The first act that ended in a code it should not have."""
        for result, step in zip(results, acts, strict=False):
            if step.accept != "any" and str(result.exit) not in step.accept.split(","):
                return judge(result, self._guard.server)
        return None

    def sends(self, changes: Sequence[Change], flush: Sequence[Service]) -> tuple[str, ...]:
        return sends(changes, flush, self._tools)

    async def probe(self) -> dict[str, Any]:
        return await probe_figures(self._guard)

    async def examine(self, ticked: frozenset[Role]) -> Examined:
        return await Preflight(self._guard, Driver.POWERDNS, PowerDnsLooks(self._guard, self._tools), ticked).run()


def is_absent(result: StepResult, domain: str) -> bool:
    """Whether pdnsutil said that there is surely no such zone: its exit 1 also says that its database is away, and a
    record of ours in a zone that can't be seen must not count as gone."""
    said = result.text + result.stderr.decode("utf-8", "replace")
    words = rf"^(No such zone in the database|Zone '{re.escape(domain)}\.?' not found)"
    return result.exit != 0 and re.search(words, said, re.MULTILINE) is not None


def judge(result: StepResult, server: str) -> StepError:
    """The error behind an exit code. pdnsutil knows 0, 1 and 255; what it says decides (`hestia.md` 12)."""
    words = f"{result.text} {result.stderr.decode('utf-8', 'replace')}"
    said = clean_line(" ".join(words.split()), 300)
    if result.step.looks and result.exit in (0, FOREIGN):
        return Taken(f"{server}: {result.step.shown()}: something stands there that this step has not made ({said})")
    text = f"{server}: {result.step.shown()}: {said or 'no message'} (exit {result.exit})"
    if "locked" in said or result.exit >= 128 or result.exit == UNSEEN or result.step.argv[0] == "pdns_control":
        return Transient(text)
    return Permanent(text)
