"""A cron job of the customer's account, found by what it does and when: the panel uses its numbers again.

A job that is exactly the wanted one is as good as ours, whoever made it: another beside it would do everything twice.
What a row last became on the node stands in its `known`: that job is the one to be changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from hostdeck.core.domain.cron_lines import unkeepable
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
    def _former(self) -> CronLine | None:
        """What it was when it was last as it was wanted, where that is another job."""
        known = self.item.known
        if not self._ours or "schedule" not in known or "command" not in known:
            return None
        former = CronLine(str(known["schedule"]), str(known["command"]))
        return None if former == self._line else former

    def question(self) -> AskCronJobs:
        return AskCronJobs(self.args.user)

    def stands(self, found: CronFacts) -> bool:
        return bool(numbers(found, self._line) or numbers(found, self._former))

    def make(self, found: CronFacts) -> tuple[Change, ...]:
        self._must_be_kept()
        return (tell.AddCronJob(self.args.user, self._line),)

    def _must_be_kept(self) -> None:
        reason = unkeepable(self._line.schedule, self._line.command)
        if reason is not None:
            raise Permanent(f"{self._name}: {reason}; write it anew, or put it into a script and run that")

    def adjust(self, found: CronFacts) -> tuple[Change, ...]:
        former = numbers(found, self._former)
        if not former:
            return ()
        assert self._former is not None
        if numbers(found, self._line):
            return (tell.RemoveCronJob(self.args.user, former[0], self._former),)
        self._must_be_kept()
        return (tell.ChangeCronJob(self.args.user, former[0], self._former, self._line),)

    def drop(self, found: CronFacts) -> tuple[Change, ...]:
        """Every one that is exactly this job: two of them can't be told from each other, and it shall run no more."""
        lines = [line for line in (self._line, self._former) if line is not None]
        return tuple(tell.RemoveCronJob(self.args.user, job, line) for line in lines for job in numbers(found, line))

    def _present(self, found: CronFacts) -> tuple[str, CronLine] | None:
        """The job that is this item now, by its number."""
        for line in (self._line, self._former):
            if line is not None and (jobs := numbers(found, line)):
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
