"""What a healthy installation looks like, and the mend for what is not. Pure: somebody else has looked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from hostdeck.core.domain.vocabulary import HealthState, ServerStatus


class State(StrEnum):
    OK = "ok"
    WARN = "warn"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at; `mend` is what to do where it is not well, empty where there is nothing to do."""

    check: str
    state: State
    text: str
    mend: str = ""


def ok(check: str, text: str) -> Check:
    return Check(check, State.OK, text)


def warn(check: str, text: str, mend: str) -> Check:
    return Check(check, State.WARN, text, mend)


def failed(check: str, text: str, mend: str) -> Check:
    return Check(check, State.FAILED, text, mend)


def refused(check: str, message: str, mend: str = "") -> Check:
    """Of a refusal's sentence, which has the mend behind its last semicolon, unless one is given."""
    text, sign, said = message.rpartition("; ")
    return failed(check, text if sign and not mend else message, mend or said)


# ---------------------------------------------------------------------------------------------------- the machine here

LEAST_ROOM = 500 << 20
LOW_ROOM = 2 << 30
LOW_SHARE = 0.10


def room(home: str, free: int, total: int) -> Check:
    """`free` and `total` in bytes, of the disk that the home lies on."""
    text = f"{free / (1 << 30):.1f} GB free of {total / (1 << 30):.1f} GB below {home}"
    mend = f"make room on that disk, or move the home: {home}"
    if free < LEAST_ROOM:
        return failed("disk", text, mend)
    return warn("disk", text, mend) if free < LOW_ROOM or free < LOW_SHARE * total else ok("disk", text)


AHEAD = timedelta(seconds=30)
SYNC = "set this machine's clock, and keep it set: timedatectl set-ntp true"


def clock(now: datetime, newest: datetime | None, up_seconds: float) -> Check:
    """`newest` is the youngest time in the database, whoever wrote it; leases run by the boot's own clock."""
    if up_seconds <= 0:
        return failed(
            "clock", "this system has no clock that counts from its start", "use a Linux kernel of this decade"
        )
    days = f"up for {up_seconds / 86400:.1f} days"
    if newest is not None and newest - now > AHEAD:
        late = (newest - now).total_seconds()
        return failed("clock", f"the database has times that are {late:.0f} s ahead of this machine; {days}", SYNC)
    return ok("clock", f"{now:%Y-%m-%d %H:%M:%S} UTC, nothing in the database is ahead of it; {days}")


LEAST_SIZE = (80, 24)
TRUECOLOR = ("truecolor", "24bit")


def terminal(environ: Mapping[str, str], size: tuple[int, int] | None, encoding: str) -> Check:
    """`size` in columns and lines, None where there is no terminal at all."""
    if size is None:
        return ok("terminal", "none here; the console needs one, commands do not")
    term, colors = environ.get("TERM", ""), environ.get("COLORTERM", "")
    inside = " in tmux" if environ.get("TMUX") else ""
    text = f"{term or 'no TERM'}{inside}, {size[0]}x{size[1]}, {encoding or 'no encoding'}"
    if term in ("", "dumb"):
        return warn("terminal", text, "export TERM=xterm-256color, or use a terminal that says what it is")
    if encoding.lower().replace("-", "") != "utf8":
        return warn("terminal", text, "export LANG=C.UTF-8; without UTF-8 lines and bars are drawn in ASCII")
    if size[0] < LEAST_SIZE[0] or size[1] < LEAST_SIZE[1]:
        return warn("terminal", text, f"make it at least {LEAST_SIZE[0]}x{LEAST_SIZE[1]}")
    if colors not in TRUECOLOR:
        mend = "export COLORTERM=truecolor where the terminal has all colours"
        if inside:
            mend += "; and in tmux.conf: set -as terminal-features ',*:RGB'"
        return warn("terminal", f"{text}, 256 colours", mend)
    return ok("terminal", f"{text}, all colours")


# ----------------------------------------------------------------------------------------------------------- the worker


@dataclass(frozen=True, slots=True)
class Beat:
    """A worker that has not said goodbye, and how old its last sign of life is, in seconds."""

    host: str
    pid: int
    age: float
    alive: bool


def worker(beats: Sequence[Beat], waiting: int, start: str) -> Check:
    """`waiting` tasks are not done; `start` is the command that starts one."""
    living = [beat for beat in beats if beat.alive]
    if living:
        return ok("worker", "; ".join(f"pid {beat.pid} on {beat.host}, beat {beat.age:.0f} s ago" for beat in living))
    waits = f"; {waiting} {'task waits' if waiting == 1 else 'tasks wait'}" if waiting else ""
    if not beats:
        return failed("worker", f"none is running{waits}", start)
    last = min(beats, key=lambda beat: beat.age)
    return failed("worker", f"DOWN: pid {last.pid} on {last.host} last beat {_long(last.age)} ago{waits}", start)


def _long(seconds: float) -> str:
    for size, unit in ((86400, "days"), (3600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"


# ------------------------------------------------------------------------------------------------------------ the fleet


@dataclass(frozen=True, slots=True)
class Node:
    """A server as its rows have it; `breaker` says why nobody calls there at present."""

    name: str
    status: ServerStatus
    health: HealthState
    error: str | None
    age: float | None
    breaker: str | None = None


OLD = 3600.0
"""Seconds after which figures say nothing of now."""


def server(node: Node) -> Check:
    name, check = node.name, f"server {node.name}"
    again = f"mend the cause, then: hostdeck server check {name}"
    if node.status is ServerStatus.QUARANTINED:
        compare = f"compare its host key on its own console, then: hostdeck server activate {name}"
        return failed(check, node.error or "quarantined: its host key has changed", compare)
    if node.status is ServerStatus.DISABLED:
        return ok(check, "disabled; nothing is placed there")
    if node.breaker:
        return failed(check, f"nobody calls there just now: {node.breaker}", again)
    if node.health is HealthState.ERROR:
        return failed(check, node.error or "its last check failed", again)
    if node.health is HealthState.UNKNOWN or node.age is None:
        return warn(check, "never looked at", f"hostdeck server check {name}")
    if node.age > OLD:
        return warn(check, f"last looked at {_long(node.age)} ago", f"hostdeck server refresh {name}")
    return ok(check, f"{node.status}, answered {_long(node.age)} ago")


def nameserver(name: str, ip: str, zone: str | None, udp: str, tcp: str) -> Check:
    """`udp` and `tcp` are what was wrong with each, empty where it was right."""
    check, asked = f"nameserver {name}", f"for {zone}" if zone else "(it holds no zone of ours yet)"
    if not udp and not tcp:
        return ok(check, f"{ip} answers {asked} over UDP and TCP")
    said = "; ".join(f"{kind}: {wrong}" for kind, wrong in (("UDP", udp), ("TCP", tcp)) if wrong)
    if "not authoritative" in said:
        return failed(
            check, f"{ip} {asked}: {said}", f"hostdeck zone check {zone}, then: hostdeck zone redeploy {zone}"
        )
    return failed(check, f"{ip} {asked}: {said}", "start its DNS service, and let port 53 through, UDP and TCP alike")


def verdict(checks: Sequence[Check]) -> int:
    """The exit code: 1 where anything has failed."""
    return int(any(check.state is State.FAILED for check in checks))
