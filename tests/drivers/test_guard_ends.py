"""How a guarded exec can end without the guard's own last word."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from hostdeck.core.drivers.guard import Guard, GuardStep, Lock
from hostdeck.core.errors import NotYet, Permanent, StepError, Transient
from hostdeck.core.transport.base import Arrival, Login


class Line:
    """A channel that plays one answer; NONCE in it becomes the call's own."""

    def __init__(self, command: str, out: str, err: str, status: int | None) -> None:
        nonce = command.split(" hdk ")[1].split()[0]
        self._out, self._err, self._status = out.replace("NONCE", nonce), err, status
        self.sent = b""

    async def stdout(self) -> AsyncIterator[bytes]:
        yield self._out.encode()

    async def stderr(self) -> AsyncIterator[bytes]:
        yield self._err.encode()

    def write(self, data: bytes) -> None:
        self.sent += data

    def write_eof(self) -> None:
        pass

    async def exit_status(self) -> int | None:
        return self._status


class Scripted:
    def __init__(self, out: str = "", err: str = "", status: int | None = 0, hangs: bool = False) -> None:
        self.answer = (out, err, status)
        self.hangs = hangs

    @asynccontextmanager
    async def open(self, command: str) -> AsyncIterator[Line]:
        yield Line(command, *self.answer)

    async def prefix(self, owned: str) -> tuple[str, ...]:
        if self.hangs:
            await asyncio.Event().wait()
        return ()

    async def arrive(self, seen: Callable[[Arrival], None]) -> Arrival:
        return Arrival("SSH-2.0-scripted", True, None)

    @property
    def login(self) -> Login:
        return Login("web01", "127.0.0.1", 22, "root", "")


def run(transport: Scripted, *, may_act: bool = True, deadline: float = 5.0) -> None:
    guard = Guard(transport, "web01", "/usr/local/hestia", lambda stream, text: None, lambda: may_act)
    asyncio.run(guard.run(Lock.EXCLUSIVE, [GuardStep(("/bin/true",))], deadline))


@pytest.mark.parametrize(
    ("transport", "kind", "text"),
    [
        (Scripted(status=None), Transient, "the line was lost"),
        (Scripted(status=137), Transient, "the line was lost"),
        (Scripted(status=143), Transient, "the line was lost"),
        (Scripted("\n@NONCE locked\n", status=1), Transient, "the line was lost"),
        (Scripted(err="sudo: a password is required\n", status=1), Permanent, "NODE_SUDO"),
        (Scripted(err="bash: not found\n", status=127), Permanent, "did not run the guard"),
        (Scripted("\n@NONCE busy abc pid=1 at=2\n\n@NONCE end 75\n", status=75), NotYet, "another command holds"),
        (Scripted("\n@NONCE end 93\n", status=93), Permanent, "NODE_SUDO"),
        (Scripted("\n@NONCE end 94\n", status=94), Permanent, "NODE_PANEL"),
        (Scripted("\n@NONCE locked\n\n@NONCE end 90\n", status=90), Transient, "/tmp"),
    ],
)
def test_every_way_to_end_has_its_error(transport: Scripted, kind: type[StepError], text: str) -> None:
    with pytest.raises(kind, match=text) as raised:
        run(transport)
    assert type(raised.value) is kind


def test_a_login_shell_that_hangs_ends_at_the_deadline() -> None:
    with pytest.raises(NotYet, match="login shell"):
        run(Scripted(hangs=True), deadline=0.1)


def test_a_worker_that_may_not_act_lets_go() -> None:
    with pytest.raises(Transient, match="lease on this task was lost"):
        run(Scripted("\n@NONCE locked\n\n@NONCE end 92\n", status=92), may_act=False)
