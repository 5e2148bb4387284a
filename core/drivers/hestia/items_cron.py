"""Cron jobs as commands, and what the answers mean. Pure.

The file is read, not the listing, which loses backslashes (`hestia.md` 3.2).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from hostdeck.core.drivers import items as say
from hostdeck.core.drivers.guard import Argument, GuardStep, StepResult
from hostdeck.core.drivers.hestia import item_texts, scripts
from hostdeck.core.drivers.hestia.argv import Steps, act, only_if
from hostdeck.core.drivers.hestia.items_mail import whole_lines
from hostdeck.core.drivers.hestia.layout import Layout
from hostdeck.core.drivers.hestia.provider import PAIR

WHEN = ("MIN", "HOUR", "DAY", "MONTH", "WDAY")


def _ask(ask: say.AskCronJobs, at: Layout) -> Iterable[tuple[Argument, ...]]:
    yield scripts.script(item_texts.CRON_LINES, "cron-lines", at.cron_file(ask.user))


def _is(user: str, job: str, line: say.CronLine, at: Layout) -> GuardStep:
    """Whether exactly this job has the number, or, with `*`, no job is this one."""
    stored = line.command.replace("'", "%quote%")
    words = (at.cron_file(user), job, *line.schedule.split(), stored)
    return only_if(scripts.script(item_texts.CRON_IS, "cron-is", *words), "0")


def _add(change: say.AddCronJob, at: Layout) -> Steps:
    line = change.line
    return (
        _is(change.user, "*", line, at),
        # JOB is the eighth argument, empty is the next free one; RESTART the ninth (`hestia.md` 14.15).
        act(at, "v-add-cron-job", change.user, *line.schedule.split(), line.command, "", "no"),
    )


def _change(change: say.ChangeCronJob, at: Layout) -> Steps:
    line = change.becomes
    return (
        _is(change.user, change.job, change.line, at),
        act(at, "v-change-cron-job", change.user, change.job, *line.schedule.split(), line.command),
    )


def _one(command: str) -> Callable[[Any, Layout], Steps]:
    return lambda change, at: (
        _is(change.user, change.job, change.line, at),
        act(at, command, change.user, change.job, "no"),
    )


def cron_facts(ask: say.AskCronJobs, results: Sequence[StepResult], server: str) -> say.CronFacts:
    return say.CronFacts(cron_jobs(results[0], server))


def cron_jobs(result: StepResult, server: str) -> dict[str, say.CronJob]:
    """By the panel's numbers, from the file itself."""
    rows = [dict(PAIR.findall(line)) for line in whole_lines(result, server)]
    return {row["JOB"]: _job(row) for row in rows if row.get("JOB")}


def _job(row: dict[str, str]) -> say.CronJob:
    schedule = " ".join(row.get(field, "") for field in WHEN)
    line = say.CronLine(schedule, row.get("CMD", "").replace("%quote%", "'"))
    return say.CronJob(line, row.get("SUSPENDED") == "yes")


QUESTIONS: dict[Any, Any] = {say.AskCronJobs: _ask}
CHANGES: dict[Any, Callable[[Any, Layout], Steps]] = {
    say.AddCronJob: _add,
    say.ChangeCronJob: _change,
    say.SuspendCronJob: _one("v-suspend-cron-job"),
    say.UnsuspendCronJob: _one("v-unsuspend-cron-job"),
    say.RemoveCronJob: _one("v-delete-cron-job"),
}
READERS: dict[Any, Callable[[Any, Sequence[StepResult], str], Any]] = {say.AskCronJobs: cron_facts}
