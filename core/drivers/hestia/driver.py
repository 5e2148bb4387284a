"""Hestia over a guard: questions and changes become guarded execs, their results facts and errors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from hostdeck.core.domain.vocabulary import Driver, Role, Stream
from hostdeck.core.drivers.base import Applied, Examined
from hostdeck.core.drivers.changes import SwapZone
from hostdeck.core.drivers.guard import Guard, GuardStep, Lock, StepResult
from hostdeck.core.drivers.hestia.argv import owner_step
from hostdeck.core.drivers.hestia.commands import chain, flush_steps, put_zone, question_steps, sends
from hostdeck.core.drivers.hestia.config import judge_text
from hostdeck.core.drivers.hestia.layout import Layout
from hostdeck.core.drivers.hestia.listings import judge
from hostdeck.core.drivers.hestia.preflight import HestiaLooks
from hostdeck.core.drivers.hestia.probe import probe_figures
from hostdeck.core.drivers.hestia.replies import facts, refuse_other
from hostdeck.core.drivers.language import Change, Owner, Question, Service
from hostdeck.core.drivers.preflight import Preflight
from hostdeck.core.errors import StepError, Transient

F = TypeVar("F")
RELOADED = frozenset({0, 11})
"""A reload that was made, or of a service the node does not have."""

LOOK_SECONDS = 60.0
COUNT_SECONDS = 300.0
"""Of statistics: a listing of users takes 0.06 s for each (`hestia.md` 3.5)."""


class HestiaDriver:
    """`deadline` bounds one changing exec, in seconds."""

    has_users = True

    def __init__(self, guard: Guard, deadline: float) -> None:
        self._guard = guard
        self._layout = Layout(guard.home)
        self._deadline = deadline

    async def ask(self, question: Question[F], owner: Owner | None = None) -> F:
        first = (owner_step(owner, self._layout, "any"),) if owner else ()
        how = (Lock.SHARED, LOOK_SECONDS) if question.decides else (Lock.NONE, COUNT_SECONDS)
        steps = (*first, *question_steps(question, self._layout))
        results = await self._guard.run(how[0], steps, question.seconds or how[1])
        if owner:
            refuse_other(results[0], owner, self._guard.server)
        answer: F = facts(question, results[len(first) :], self._guard.server)
        return answer

    async def apply(
        self, changes: Sequence[Change], then: Question[Any], flush: Sequence[Service], owner: Owner | None = None
    ) -> Applied:
        first = (owner_step(owner, self._layout, "0"),) if owner else ()
        acts = (*first, *chain(changes, self._layout))
        flushes = flush_steps(flush, self._layout)
        looks = question_steps(then, self._layout)
        results = await self._guard.run(Lock.EXCLUSIVE, (*acts, *flushes, *looks), self._deadline)
        if owner:
            refuse_other(results[0], owner, self._guard.server)
        trouble = self._trouble(results, acts)
        if len(results) < len(acts) + len(flushes) + len(looks):
            # A look said that the world has moved, or an act that others follow failed: nothing after it ran.
            skipped = Transient(f"{self._guard.server}: services were not reloaded") if flushes else None
            return Applied(await self.ask(then, owner), trouble, skipped)
        answer = facts(then, results[-len(looks) :], self._guard.server)
        reloads = results[len(acts) : len(acts) + len(flushes)]
        failed = [result for result in reloads if result.exit not in RELOADED]
        unflushed = judge(failed[0], self._guard.server) if failed else None
        for change in changes:
            if isinstance(change, SwapZone) and not answer.loads:
                await self._put_back(change, results)
        return Applied(answer, trouble, unflushed)

    def _trouble(self, results: Sequence[StepResult], acts: Sequence[GuardStep]) -> StepError | None:
        """The first act that ended in a code it should not have."""
        for result, step in zip(results, acts, strict=False):
            expected = {"0"} if step.accept == "any" else set(step.accept.split(","))
            if str(result.exit) not in expected:
                return judge_text(result, self._guard.server)
        return None

    async def _put_back(self, change: SwapZone, results: Sequence[StepResult]) -> None:
        """A zone that named would refuse must not stay: the old lines go back where there were any."""
        old = next((r.text.splitlines() for r in results if r.step.argv[0] == "cat" and r.exit == 0), [])
        if old:
            self._guard.log(Stream.NOTE, "the new zone does not load; putting the old records back")
            await self._guard.run(
                Lock.EXCLUSIVE, put_zone(change.user, change.domain, tuple(old), self._layout), self._deadline
            )

    def sends(self, changes: Sequence[Change], flush: Sequence[Service]) -> tuple[str, ...]:
        return sends(changes, flush)

    async def probe(self) -> dict[str, Any]:
        return await probe_figures(self._guard)

    async def examine(self, ticked: frozenset[Role]) -> Examined:
        return await Preflight(self._guard, Driver.HESTIA, HestiaLooks(self._guard), ticked).run()
