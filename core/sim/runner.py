"""Runs one command of a pretend node: its latency, its faults, its place in the journal, and the overlap alarm."""

from __future__ import annotations

import asyncio
import shlex
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Protocol, runtime_checkable

from hostdeck.core.sim.faults import Fault, Faults, Kind
from hostdeck.core.sim.reply import Reply

STDOUT, STDERR = 1, 2
OVERLAP, KILLED = 99, 137
CHAT_PAUSE = 0.002

Emit = Callable[[int, bytes], Awaitable[None]]
"""Sends bytes to the client's stdout or stderr; never fails, whether or not the client is still there."""


class Account(Protocol):
    """What a node knows and what its commands do to it."""

    def run(self, argv: Sequence[str]) -> Reply: ...
    def changes(self, argv: Sequence[str]) -> bool: ...
    def probe(self) -> str: ...


@runtime_checkable
class HalfMaking(Protocol):
    """An account that can be left with a half-made user."""

    def half_made(self, user: str, mark: str, stage: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Ran:
    """One command as the node saw it; a secret shows only as the path of its file."""

    argv: tuple[str, ...]
    exit: int
    started: float
    ended: float


def command_names(argv: Sequence[str]) -> tuple[str, ...]:
    """The names a fault may use for this command: its own, a fixed text's label, a pdnsutil verb."""
    if not argv:
        return ()
    name = PurePosixPath(argv[0]).name
    if name == "bash" and "-c" in argv:
        return tuple(argv[argv.index("-c") + 2 :][:1])
    if name in ("pdnsutil", "pdns_control"):
        return (name, *argv[1:2])
    return (name,)


class Runner:
    """The commands of one node, with everything a test wants to know about them afterwards."""

    def __init__(self, account: Account, latency_ms: float = 0, faults: Faults | None = None) -> None:
        self.account = account
        self.latency_ms = latency_ms
        self.faults = faults or Faults()
        self.overlaps: list[str] = []
        self.journal: list[Ran] = []
        self._under_way: str | None = None

    async def run(self, argv: Sequence[str], emit: Emit, drop: Callable[[], None]) -> int | None:
        """Its exit code, or None when a fault cut the connection before it began."""
        fault = self.faults.take(*command_names(argv))
        if fault is not None and fault.kind is Kind.DROP_BEFORE:
            drop()
            return None
        started = time.time()
        changing = self.account.changes(argv)
        if changing and self._under_way is not None:
            code = await self._overlap(argv, self._under_way, emit)
        elif changing:
            self._under_way = shlex.join(argv)
            try:
                code = await self._perform(argv, self.latency_ms / 1000, fault, emit)
            finally:
                self._under_way = None
        else:
            code = await self._perform(argv, self.latency_ms / 10_000, fault, emit)
        self.journal.append(Ran(tuple(argv), code, started, time.time()))
        if fault is not None and fault.kind is Kind.DROP_AFTER:
            drop()
        return code

    async def _overlap(self, argv: Sequence[str], other: str, emit: Emit) -> int:
        text = f"OVERLAP: {shlex.join(argv)} while {other}"
        self.overlaps.append(text)
        await emit(STDERR, text.encode("utf-8", "surrogateescape") + b"\n")
        return OVERLAP

    async def _perform(self, argv: Sequence[str], latency: float, fault: Fault | None, emit: Emit) -> int:
        if fault is not None and fault.kind in (Kind.SLOW, Kind.HANG):
            latency += fault.seconds
        await asyncio.sleep(latency / 2)
        if fault is not None and fault.kind is Kind.CHAT:
            await _chat(fault.lines, emit)
        reply = self._act(argv, fault)
        lines = reply.stdout.encode("utf-8", "surrogateescape").splitlines(keepends=True)
        for line in lines:
            await emit(STDOUT, line)
            await asyncio.sleep(latency / 2 / len(lines))
        if not lines:
            await asyncio.sleep(latency / 2)
        if reply.stderr:
            await emit(STDERR, reply.stderr.encode("utf-8", "surrogateescape"))
        return reply.exit

    def _act(self, argv: Sequence[str], fault: Fault | None) -> Reply:
        match fault.kind if fault else None:
            case Kind.EXIT:
                assert fault is not None
                return Reply(fault.code, f"Error: fault {fault}\n" if fault.code else "")
            case Kind.LIE:
                return Reply(0)
            case Kind.HANG:
                return Reply(KILLED)
            case Kind.HALF:
                return self._half(argv)
        reply = self.account.run(argv)
        if fault is not None and fault.kind is Kind.EXIT_AFTER:
            return Reply(fault.code, reply.stdout + f"Error: fault {fault}\n", reply.stderr)
        if fault is not None and fault.kind is Kind.CUT:
            return Reply(reply.exit, reply.stdout[: len(reply.stdout) // 2], reply.stderr)
        return reply

    def _half(self, argv: Sequence[str]) -> Reply:
        """v-add-user USER PASSWORD EMAIL, killed when the data folder was made; refused where the user exists."""
        if len(argv) < 4 or not isinstance(self.account, HalfMaking):
            return self.account.run(argv)
        if self.account.run(["getent", "passwd", argv[1]]).exit == 0:
            return self.account.run(argv)
        self.account.half_made(argv[1], argv[3], "data")
        return Reply(KILLED)


async def _chat(lines: int, emit: Emit) -> None:
    """Numbered lines about two milliseconds apart, as a long restore prints them."""
    for number in range(1, lines + 1):
        await emit(STDOUT, f"line {number} at {time.monotonic_ns()}\n".encode())
        await asyncio.sleep(CHAT_PAUSE)
