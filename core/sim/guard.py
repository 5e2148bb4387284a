"""The guard's protocol, spoken by a pretend node (`core/drivers/guard.sh` is the shell text a real node runs).

What counts is what the client sees: the frames, the lock, the `go`, the secrets and the exit codes are those of the
shell text, byte for byte but for the milliseconds; `tests/sim/test_guard_text.py` runs both side by side.
"""

from __future__ import annotations

import asyncio
import secrets
import shlex
import string
import time
from collections.abc import Callable
from dataclasses import dataclass

from hostdeck.core.sim.hestia.files import Files
from hostdeck.core.sim.lock import NodeLock
from hostdeck.core.sim.runner import STDERR, STDOUT, Emit, Runner

BUSY, SECRET, NO_GO, NOT_ROOT, NO_PANEL, BAD_CALL = 75, 91, 92, 93, 94, 95
SUDO = ("sudo", "-n", "--")
_SHELL = ("/bin/bash", "--noprofile", "--norc", "-c")
_LABEL = "hdk"
_NAME = string.ascii_letters + string.digits


class BadCall(ValueError):
    """A call the shell text itself would stumble over."""


@dataclass(frozen=True, slots=True)
class Step:
    accept: str
    argv: tuple[str, ...]

    def lets_on(self, code: int) -> bool:
        return "any" in self.accept.split(",") or str(code) in self.accept.split(",")


@dataclass(frozen=True, slots=True)
class GuardCall:
    """One exec of the guard, taken apart."""

    nonce: str
    lock: str
    wait: float
    go: str
    secrets: int
    home: str
    steps: tuple[Step, ...]


def parse(words: list[str]) -> GuardCall | None:
    """The call in these words (sudo already taken off), or None when they are no guard call."""
    if tuple(words[:4]) != _SHELL or words[5:6] != [_LABEL]:
        return None
    nonce, lock, wait, go, count, home = (words[6:12] + [""] * 6)[:6]
    if len(words) < 12:
        raise BadCall("unbound variable")
    rest, steps = words[12:], []
    while len(rest) >= 3:
        if not rest[1].isdecimal() or int(rest[1]) > len(rest) - 2:
            raise BadCall(f"bad step count {rest[1]}")
        end = 2 + int(rest[1])
        steps.append(Step(rest[0], tuple(rest[2:end])))
        rest = rest[end:]
    try:
        return GuardCall(nonce, lock, float(wait), go, int(count), home, tuple(steps))
    except ValueError as error:
        raise BadCall(str(error)) from None


def split(command: str) -> tuple[bool, list[str]]:
    """Whether sudo was asked for, and the words of the command; raises BadCall on quotes that never end."""
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise BadCall(str(error)) from None
    if tuple(words[:3]) == SUDO:
        return True, words[3:]
    if words[:2] == ["sudo", "-n"]:
        return True, words[2:]
    return False, words


@dataclass(slots=True)
class Guard:
    """One call under way on a node. `root` says whether the login may do this, `home` which panel's folder exists;
    a client that says nothing for `patience` seconds holds the node no longer."""

    call: GuardCall
    runner: Runner
    lock: NodeLock
    files: Files
    stdin: asyncio.StreamReader
    emit: Emit
    drop: Callable[[], None]
    root: bool = True
    home: str = "/usr/local/hestia"
    patience: float = 30.0

    async def serve(self) -> int | None:
        """The exit status, or None when a fault dropped the connection half-way."""
        call = self.call
        if not self.root:
            return await self._bye(NOT_ROOT)
        if call.home != self.home:
            return await self._bye(NO_PANEL)
        if call.lock not in ("x", "s", "n"):
            return await self._bye(BAD_CALL)
        async with self.lock.held(call.lock, call.wait, call.nonce) as mine:
            if not mine:
                await self._say(f"busy {self.lock.holder[:200]}")
                return await self._bye(BUSY)
            return await self._locked(f"/tmp/hdk{call.lock}." + "".join(secrets.choice(_NAME) for _ in range(10)))

    async def _locked(self, folder: str) -> int | None:
        made: list[str] = []
        try:
            await self._say("locked")
            refused = await self._handshake(folder, made)
            return await self._bye(refused) if refused else await self._steps(folder, made)
        finally:
            for path in made:
                self.files.remove(path)
            self.files.remove_below(folder)

    async def _handshake(self, folder: str, made: list[str]) -> int:
        if self.call.go == "go" and await self._line() != f"go {self.call.nonce}":
            return NO_GO
        for number in range(1, self.call.secrets + 1):
            secret = await self._line()
            if not secret:
                return SECRET
            made.append(f"{folder}/s{number}")
            self.files.write(made[-1], secret + "\n")
        return 0

    async def _steps(self, folder: str, made: list[str]) -> int | None:
        code = 0
        for number, step in enumerate(self.call.steps, 1):
            argv = [self._real(arg, folder, made) for arg in step.argv]
            await self._say(f"begin {number}")
            await self._say(f"begin {number}", STDERR)
            counts, began = {STDOUT: 0, STDERR: 0}, time.monotonic()

            async def count(stream: int, data: bytes, counts: dict[int, int] = counts) -> None:
                counts[stream] += len(data)
                await self.emit(stream, data)

            ended = await self.runner.run(argv, count, self.drop)
            if ended is None:
                return None
            code, ms = ended, int((time.monotonic() - began) * 1000)
            await self._say(f"step {number} rc={code} ms={ms} out={counts[STDOUT]} err={counts[STDERR]}")
            if not step.lets_on(code):
                break
        return await self._bye(code)

    def _real(self, arg: str, folder: str, made: list[str]) -> str:
        """`@NONCE:name` stands for a file in the guard's own folder."""
        mark = f"@{self.call.nonce}:"
        if not arg.startswith(mark) or arg[len(mark) : len(mark) + 1] not in tuple(string.ascii_lowercase):
            return arg
        path = f"{folder}/{arg.rpartition(':')[2]}"
        if path not in made:
            made.append(path)
        return path

    async def _line(self) -> str | None:
        """One whole line of stdin; None when it was cut off, or did not come in time."""
        try:
            async with asyncio.timeout(self.patience):
                line = (await self.stdin.readline()).decode("utf-8", "surrogateescape")
        except TimeoutError:
            return None
        return line[:-1] if line.endswith("\n") else None

    async def _say(self, words: str, stream: int = STDOUT) -> None:
        await self.emit(stream, f"\n@{self.call.nonce} {words}\n".encode())

    async def _bye(self, code: int) -> int:
        await self._say(f"end {code}")
        return code
