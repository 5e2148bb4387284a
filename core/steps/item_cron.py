"""A cron job of the customer's account, found by what it does and when: the panel uses its numbers again.

A job that is exactly the wanted one is as good as ours, whoever made it: another beside it would do everything twice.
What a row last became on the node stands in its `known`, with what it was told to become since: that job is the one to
be changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from hostdeck.core.domain.cron_lines import unkeepable
from hostdeck.core.domain.findings import Finding, ItemSending
from hostdeck.core.domain.item_specs import CronSpec
from hostdeck.core.domain.items import ItemKind
from hostdeck.core.drivers import items as tell
from hostdeck.core.drivers.items import AskCronJobs, CronFacts, CronJob, CronLine
from hostdeck.core.drivers.language import Change
from hostdeck.core.errors import Permanent
from hostdeck.core.steps.base import item_step
from hostdeck.core.steps.item import ItemStep


def numbers(found: CronFacts, line: CronLine | None) -> tuple[str, ...]:
    """The numbers of all jobs that are exactly this one, the lowest first."""
    return tuple(sorted((job for job, has in found.jobs.items() if has.line == line), key=int))


@item_step(ItemKind.CRON)
class EnsureItemCron(ItemStep[CronFacts]):
    adds = (tell.AddCronJob,)
    adopts = True

    @property
    def _line(self) -> CronLine:
        wanted = cast(CronSpec, self.item.wanted)
        return CronLine(wanted.schedule, wanted.command)

    @property
    def _formers(self) -> tuple[CronLine, ...]:
        """What it was when it was last as it was wanted, then what it was told to become since without an answer;
        where these are other jobs."""
        known = self.item.known
        if not self._ours:
            return ()
        said = [one for one in (known, *known.get("sent", ())) if "schedule" in one and "command" in one]
        lines = [CronLine(str(one["schedule"]), str(one["command"])) for one in said]
        return tuple(line for line in dict.fromkeys(lines) if line != self._line)

    def _former(self, found: CronFacts) -> CronLine | None:
        """The first of them that is there."""
        return next((line for line in self._formers if numbers(found, line)), None)

    def question(self) -> AskCronJobs:
        return AskCronJobs(self.args.user)

    def stands(self, found: CronFacts) -> bool:
        return bool(numbers(found, self._line) or self._former(found))

    def make(self, found: CronFacts) -> tuple[Change, ...]:
        self._must_be_kept()
        return (tell.AddCronJob(self.args.user, self._line),)

    def _must_be_kept(self) -> None:
        reason = unkeepable(self._line.schedule, self._line.command)
        if reason is not None:
            raise Permanent(f"{self._name}: {reason}; write it anew, or put it into a script and run that")

    def adjust(self, found: CronFacts) -> tuple[Change, ...]:
        former = self._former(found)
        if former is None:
            return ()
        job = numbers(found, former)[0]
        if numbers(found, self._line):
            return (tell.RemoveCronJob(self.args.user, job, former),)
        self._must_be_kept()
        return (tell.ChangeCronJob(self.args.user, job, former, self._line),)

    def drop(self, found: CronFacts) -> tuple[Change, ...]:
        """Every one that is exactly this job: two of them can't be told from each other, and it shall run no more."""
        lines = (self._line, *self._formers)
        return tuple(tell.RemoveCronJob(self.args.user, job, line) for line in lines for job in numbers(found, line))

    def _present(self, found: CronFacts) -> tuple[str, CronLine] | None:
        """The job that is this item now, by its number."""
        for line in (self._line, *self._formers):
            if jobs := numbers(found, line):
                return jobs[0], line
        return None

    def is_suspended(self, found: CronFacts) -> bool:
        present = self._present(found)
        return present is not None and found.jobs[present[0]].suspended

    def suspend(self, found: CronFacts, *, on: bool) -> tuple[Change, ...]:
        """One that is not there yet has no number: it is suspended once it has. One that becomes another job is
        suspended as that."""
        present = self._present(found)
        if present is None:
            return ()
        job, line = present
        if on:
            return (tell.SuspendCronJob(self.args.user, job, self._line),)
        return (tell.UnsuspendCronJob(self.args.user, job, line),)

    def leave(self, found: CronFacts) -> tuple[Change, ...]:
        """As whichever job it is by then."""
        present = self._present(found)
        if present is None or not super().leave(found):
            return ()
        return (tell.SuspendCronJob(self.args.user, *present),)

    def before(self, changes: tuple[Change, ...]) -> tuple[Finding, ...]:
        """Where the answer is lost and another job is wished before it is asked again, the one in between is found."""
        findings = super().before(changes)
        if not any(isinstance(change, tell.AddCronJob | tell.ChangeCronJob) for change in changes):
            return findings
        known, line = self.item.known, {"schedule": self._line.schedule, "command": self._line.command}
        sent = [one for one in known.get("sent", ()) if one != line]
        return (*findings, ItemSending(self.args.item, {**known, "sent": [*sent, line]}))

    def known(self, found: CronFacts) -> dict[str, Any]:
        return {"schedule": self._line.schedule, "command": self._line.command}

    def blank(self) -> CronFacts:
        return CronFacts({})

    def expect(self, found: CronFacts, changes: Sequence[Change]) -> CronFacts:
        jobs = dict(found.jobs)
        for change in changes:
            match change:
                case tell.AddCronJob(line=line):
                    jobs[str(max(map(int, jobs), default=0) + 1)] = CronJob(line)
                case tell.ChangeCronJob(job=job, becomes=becomes):
                    jobs[job] = CronJob(becomes)
                case tell.RemoveCronJob(job=job):
                    jobs.pop(job, None)
                case tell.SuspendCronJob(job=job, line=line) | tell.UnsuspendCronJob(job=job, line=line):
                    jobs[job] = CronJob(line, isinstance(change, tell.SuspendCronJob))
        return CronFacts(jobs)
