"""Cron jobs: ids are reused after the highest is gone, no duplicate check (`hestia.md` 6.3)."""

from __future__ import annotations

from hostdeck.core.sim.hestia import checks, domains, format, services
from hostdeck.core.sim.hestia.args import Args
from hostdeck.core.sim.hestia.book import Row
from hostdeck.core.sim.hestia.machine import Machine, count, is_new, is_suspended, not_suspended, one
from hostdeck.core.sim.hestia.refused import NOT_EXIST, Refused

KEYS = ["MIN", "HOUR", "DAY", "MONTH", "WDAY", "CMD", "JOB", "SUSPENDED", "TIME", "DATE"]
_PLAIN = ["JOB", "MIN", "HOUR", "DAY", "MONTH", "WDAY", "CMD", "SUSPENDED", "TIME", "DATE"]


def _stored(machine: Machine, job: str, when: tuple[str, ...], command: str) -> Row:
    row = dict(zip(("MIN", "HOUR", "DAY", "MONTH", "WDAY"), when, strict=True))
    return {"JOB": job, **row, "CMD": command.replace("'", "%quote%"), "SUSPENDED": "no", **machine.stamp()}


def _check_when(when: tuple[str, ...], command: str) -> None:
    names = ("min", "hour", "day", "month", "wday")
    checks.valid(**dict(zip(names, when, strict=True)), cron_command=command)


def add(machine: Machine, args: Args) -> None:
    name, when, command = args[1] or machine.root, tuple(args[place] for place in range(2, 7)), args[7]
    checks.valid(user=name)
    _check_when(when, command)
    machine.enabled("CRON_SYSTEM")
    user = machine.active_user(name)
    domains.room(user, "CRON_JOBS", len(user.cron))
    job = args[8] or str(max((int(row["JOB"]) for row in user.cron), default=0) + 1)
    checks.valid(job=job, restart=args[9])
    is_new(user.cron, "JOB", job)
    user.cron.append(_stored(machine, job, when, command))
    user.cron.sort(key=lambda row: int(row["JOB"]))
    count(user, "U_CRON_JOBS")
    services.restart(machine, "cron", args[9])


def change(machine: Machine, args: Args) -> None:
    name, job, when = args[1] or machine.root, args[2], tuple(args[place] for place in range(3, 8))
    checks.valid(user=name, job=job)
    _check_when(when, args[8])
    machine.enabled("CRON_SYSTEM")
    user = machine.active_user(name)
    row = one(user.cron, "cron", "JOB", job)
    not_suspended(user.cron, "cron", "JOB", job)
    row.update(_stored(machine, job, when, args[8]))


def delete(machine: Machine, args: Args) -> None:
    name, job = args[1] or machine.root, args[2]
    checks.valid(user=name, job=job, restart=args[3])
    machine.enabled("CRON_SYSTEM")
    user = machine.user(name)
    row = one(user.cron, "cron", "JOB", job)
    user.cron.remove(row)
    count(user, "U_CRON_JOBS", -1)
    if row["SUSPENDED"] == "yes":
        count(user, "SUSPENDED_CRON", -1)
    services.restart(machine, "cron", args[3])


def _turn(machine: Machine, args: Args, to: str) -> None:
    name, job = args[1] or machine.root, args[2]
    checks.valid(user=name, job=job, restart=args[3])
    user = machine.user(name)
    row = one(user.cron, "cron", "JOB", job)
    (not_suspended if to == "yes" else is_suspended)(user.cron, "cron", "JOB", job)
    row["SUSPENDED"] = to
    count(user, "SUSPENDED_CRON", 1 if to == "yes" else -1)


def suspend(machine: Machine, args: Args) -> None:
    _turn(machine, args, "yes")


def unsuspend(machine: Machine, args: Args) -> None:
    _turn(machine, args, "no")


def _listed(row: Row) -> Row:
    """The listing of all jobs loses backslashes; quotes get one (`hestia.md` 3.2)."""
    command = row["CMD"].replace("\\", "").replace('"', '\\"').replace("%quote%", "'")
    return {**row, "CMD": command}


def show(machine: Machine, args: Args) -> str:
    name, job = args[1] or machine.root, args[2]
    checks.valid(user=name, job=job)
    rows = machine.user(name).cron
    if not any(row["JOB"] == job for row in rows):
        raise Refused(NOT_EXIST, f"cron job {job} doesn't exist")
    row = _listed(next(row for row in rows if row["JOB"] == job))
    return format.listing([(job, format.pick(row, KEYS))]) if args[3] == "json" else ""


def show_all(machine: Machine, args: Args) -> str:
    name = args[1] or machine.root
    checks.valid(user=name)
    rows = [_listed(row) for row in machine.user(name).cron]
    if args[2] == "plain":
        return format.plain([[row[key] for key in _PLAIN] for row in rows])
    return format.listing((row["JOB"], format.pick(row, KEYS)) for row in rows) if args[2] == "json" else ""
