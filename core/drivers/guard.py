"""The node guard: argument lists in, framed outcomes back.

`guard.sh` is one fixed text that runs as root on the node; nothing else is ever composed into shell. Values travel as
arguments quoted one by one, secrets on stdin after the lock is taken and this side has said `go`.
"""

from __future__ import annotations

import asyncio
import re
import secrets
import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources

from hostdeck.core.domain.text import clean_line
from hostdeck.core.domain.vocabulary import Stream
from hostdeck.core.drivers.allowed import NOBODY, Provider, refuse_unlisted
from hostdeck.core.drivers.frames import frames
from hostdeck.core.drivers.output import Output, Sink
from hostdeck.core.errors import NotYet, Permanent, StepError, Transient
from hostdeck.core.transport.base import Channel, Secret, Transport

_needs_quotes = re.compile(r"""[ \t\n'"\\$`;&|<>()*?\[\]#~{}!]""")

KEEP_OUT = 1 << 20
KEEP_ERR = 1 << 16
"""Bytes of a step's output that are kept for its parser; the log gets them all."""

KILLED = 128
"""From this exit status on a signal ended the shell: nobody knows how far it came (`robustness.md` F12)."""


class Lock(StrEnum):
    """How the node is held: alone for changes, shared for looks that decide, not at all for statistics."""

    EXCLUSIVE = "x"
    SHARED = "s"
    NONE = "n"


class Scratch:
    """An argument that becomes the path of a scratch file in the guard's private folder."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return f"<{self.name}>"


class FixedText(str):
    """A shell text that is part of this program, never made from values; the one argument that may hold newlines."""

    __slots__ = ()


Argument = str | Secret | Scratch


@dataclass(frozen=True, slots=True)
class GuardStep:
    """One command of a guarded exec. `accept`: the exit codes after which the next step runs (`0`, `0,4`, `any`).
    `quiet` keeps its output out of the log: listings repeat much and may hold secrets (`hestia.md` 14.26). `looks`: it
    changes nothing that anybody but this exec would see. `keep`: how many bytes of its output are read at most.
    `brief`: it ends soon, so nobody has to follow what it says meanwhile; like a quiet one's, its output comes at its
    end, which spares the node two processes."""

    argv: tuple[Argument, ...]
    accept: str = "0"
    quiet: bool = False
    looks: bool = False
    brief: bool = False
    keep: int = KEEP_OUT

    def shown(self) -> str:
        """The command as people read it: base name, quoted, secrets as dots; a fixed text by its label."""
        at = next((n for n, arg in enumerate(self.argv, 1) if isinstance(arg, FixedText)), 0)
        name, *rest = self.argv[at:]
        words = [str(name).rsplit("/", 1)[-1], *(a if isinstance(a, str) else repr(a) for a in rest)]
        return clean_line(" ".join(shlex.quote(word) if not _is_plain(word) else word for word in words))


def _is_plain(word: str) -> bool:
    return bool(word) and not _needs_quotes.search(word)


@dataclass(frozen=True, slots=True)
class StepResult:
    """What one step did; a step that never ran has none."""

    step: GuardStep
    exit: int
    milliseconds: int
    stdout: bytes
    stderr: bytes

    @property
    def text(self) -> str:
        return self.stdout.decode("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class Guard:
    """How to reach a node's guard. `home` is the panel's folder there, `owned` what of it belongs to a login that
    needs no sudo, `panel` its name for people; `log` gets each line as it comes; `may_act` is asked after the lock is
    taken and before `go`: False lets go of the lock with nothing done. `provider`: what must not be touched."""

    transport: Transport
    server: str
    home: str
    log: Sink
    may_act: Callable[[], bool]
    panel: str = "HestiaCP"
    owned: str = "bin"
    wait: int = 20
    provider: Provider = NOBODY

    async def run(self, lock: Lock, steps: Sequence[GuardStep], deadline: float) -> tuple[StepResult, ...]:
        """Runs the steps as far as their accept codes let them. Raises NotYet (busy, nothing begun), Permanent
        (misconfigured node) or Transient (line lost, outcome unknown; the caller looks)."""
        nonce = secrets.token_hex(8)
        hidden = [arg for step in steps for arg in step.argv if isinstance(arg, Secret)]
        talk = _Conversation(self, nonce, lock, steps, hidden)
        began = False
        try:
            async with asyncio.timeout(deadline):
                prefix = await self.transport.prefix(f"{self.home}/{self.owned}")
                command = shlex.join((*prefix, *_argv(self, nonce, lock, len(hidden), steps)))
                async with self.transport.open(command) as channel:
                    began = True
                    await talk.hold(channel)
                    status = await channel.exit_status()
            talk.judge(status)
        except TimeoutError:
            late: StepError = Transient(
                f"{self.server}: no answer within {deadline:.0f} s; the command goes on there, the next attempt looks"
            )
            if not began:
                late = NotYet(f"{self.server}: no answer from its login shell within {deadline:.0f} s")
            late.unsent = talk.nothing_ran
            raise late from None
        except StepError as error:
            error.unsent = talk.nothing_ran
            raise
        return tuple(talk.results)


@cache
def _text() -> str:
    return (resources.files("hostdeck.core.drivers") / "guard.sh").read_text("utf-8")


def _bare(step: GuardStep) -> tuple[str, ...]:
    """The command with its secrets, scratch files and fixed texts left blank."""
    return tuple("" if isinstance(arg, Secret | Scratch | FixedText) else arg for arg in step.argv)


def _argv(guard: Guard, nonce: str, lock: Lock, secrets_count: int, steps: Sequence[GuardStep]) -> list[str]:
    """The one place where an exec's words are made; Unsendable where they would touch what is the provider's."""
    argv = ["/bin/bash", "--noprofile", "--norc", "-c", _text(), "hdk", nonce, lock, str(guard.wait)]
    argv += ["go" if lock is Lock.EXCLUSIVE else "-", str(secrets_count), guard.home]
    number = 0
    for step in steps:
        refuse_unlisted(_bare(step), guard.provider, guard.server)
        argv += [f"q,{step.accept}" if step.quiet or step.brief else step.accept, str(len(step.argv))]
        for arg in step.argv:
            if isinstance(arg, Secret):
                number += 1
                argv.append(f"@{nonce}:s{number}")
            elif isinstance(arg, Scratch):
                argv.append(f"@{nonce}:{arg.name}")
            else:
                if "\0" in arg or ("\n" in arg and not isinstance(arg, FixedText)) or arg.startswith(f"@{nonce}:"):
                    raise Permanent(f"an argument of {step.shown()} holds a NUL or a newline")
                argv.append(arg)
    return argv


class _Conversation:
    """One exec's exchange with the guard."""

    def __init__(self, guard: Guard, nonce: str, lock: Lock, steps: Sequence[GuardStep], hidden: list[Secret]) -> None:
        self.guard = guard
        self.nonce = nonce
        self.lock = lock
        self.steps = steps
        self.hidden = hidden
        self.results: list[StepResult] = []
        self.end: int | None = None
        self.busy: str | None = None
        self.declined = False
        self._gone = False
        self._heard = False
        logs = [None if step.quiet else guard.log for step in steps]
        self._out = [Output(Stream.STDOUT, step.keep, log) for step, log in zip(steps, logs, strict=True)]
        self._err = [Output(Stream.STDERR, KEEP_ERR, log) for log in logs]
        self._outside = bytearray()

    @property
    def nothing_ran(self) -> bool:
        """Whether a changing exec surely ended before its first command."""
        return self.lock is Lock.EXCLUSIVE and (not self._gone or (self.end is not None and not self.results))

    async def hold(self, channel: Channel) -> None:
        async with asyncio.TaskGroup() as both:
            both.create_task(self._follow_stderr(channel))
            both.create_task(self._follow_stdout(channel))

    async def _follow_stdout(self, channel: Channel) -> None:
        under_way: Output | None = None
        async for item in frames(channel.stdout(), self.nonce):
            if isinstance(item, bytes):
                if under_way is not None:
                    under_way.take(item)
                continue
            self._heard = True
            match item:
                case ["locked"]:
                    self._go(channel)
                case ["begin", number]:
                    under_way = self._out[int(number) - 1]
                    self.guard.log(Stream.COMMAND, self.steps[int(number) - 1].shown())
                case ["step", number, *pairs]:
                    under_way = None
                    await self._finish(int(number), dict(pair.split("=", 1) for pair in pairs))
                case ["busy", *holder]:
                    self.busy = " ".join(holder)
                case ["end", code]:
                    self.end = int(code)

    async def _follow_stderr(self, channel: Channel) -> None:
        under_way: Output | None = None
        async for item in frames(channel.stderr(), self.nonce):
            if not isinstance(item, bytes):
                under_way = self._err[int(item[1]) - 1]
            elif under_way is not None:
                under_way.take(item)
            else:
                self._outside = (self._outside + item)[-KEEP_ERR:]

    def _go(self, channel: Channel) -> None:
        if self.lock is Lock.EXCLUSIVE:
            if not self.guard.may_act():
                self.declined = True
                channel.write_eof()
                return
            self._gone = True
            channel.write(f"go {self.nonce}\n".encode())
        for secret in self.hidden:
            channel.write(secret.reveal().encode() + b"\n")
        channel.write_eof()

    async def _finish(self, number: int, said: dict[str, str]) -> None:
        at = number - 1
        out, err = await self._out[at].whole(int(said["out"])), await self._err[at].whole(int(said["err"]))
        result = StepResult(self.steps[at], int(said["rc"]), int(said["ms"]), out, err)
        self.results.append(result)
        self.guard.log(Stream.NOTE, f"exit {result.exit} after {result.milliseconds / 1000:.2f} s")

    def judge(self, status: int | None) -> None:
        """Raises what the guard's own end means; a command's exit code is the driver's to judge."""
        server = self.guard.server
        if self.declined:
            raise Transient(f"{server}: the lease on this task was lost before anything was done")
        if self.end is None:
            if status is None or status >= KILLED or self._heard:
                raise Transient(f"{server}: the line was lost; what happened is unknown, the next attempt looks")
            outside = bytes(self._outside).decode("utf-8", "replace")
            refuse_sudo(outside, server)
            said = clean_line(outside.strip().split("\n")[-1], 200)
            raise Permanent(f"{server}: the node did not run the guard (exit {status}): {said or 'no message'}")
        if len(self.results) and self.results[-1].exit == self.end:
            return
        match self.end:
            case 75:
                raise NotYet(f"{server}: another command holds the node ({clean_line(self.busy or 'unknown', 120)})")
            case 90:
                raise Transient(f"{server}: no room for a temporary file in /tmp")
            case 93:
                raise Permanent(f"{server}: sudo did not give root; allow NOPASSWD: ALL, or log in as root [NODE_SUDO]")
            case 94:
                raise Permanent(
                    f"{server}: no {self.guard.panel} in {self.guard.home}; install it, or mend --node-dir [NODE_PANEL]"
                )
            case 0:
                return
            case code:
                raise Permanent(f"{server}: the guard refused the call (code {code})")


def refuse_sudo(stderr: str, server: str) -> None:
    """Raises what sudo said, if it said anything: its last words count, and what a login shell says may stand before
    them on the same line."""
    said = re.findall(r"sudo: .*", stderr)
    if said:
        raise Permanent(
            f"{server}: {clean_line(said[-1], 200)}; allow NOPASSWD: ALL for the SSH user in sudoers, "
            "or log in as root [NODE_SUDO]"
        )
