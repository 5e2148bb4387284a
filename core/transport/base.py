"""Running one exec on one node. A transport opens channels and says what went wrong before anything could happen; it
knows nothing of Hestia.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import NoReturn, Protocol

from hostdeck.core.errors import NotYet, Permanent, StepError


class HostKeyChanged(Permanent):
    """The node shows another host key than the pinned one; no byte of a login was sent."""


class Unreachable(NotYet):
    """No connection to the node: nothing was begun."""


class LoginRefused(Permanent):
    """The node refuses the credential; trying on would only get us banned."""


class Secret:
    """Text that no repr, format, log or pickle shows; `reveal()` is the only way to it."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        return self._value

    def __repr__(self) -> str:
        return "•••"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return "•••"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not pickled")


@dataclass(frozen=True, slots=True)
class Login:
    """Where a node is and how to get in; `host_key` is the pinned public key in OpenSSH form. Times in seconds."""

    server: str
    host: str
    port: int
    username: str
    host_key: str
    key: Secret | None = None
    password: Secret | None = None
    connect_timeout: float = 10.0
    login_timeout: float = 20.0


@dataclass(frozen=True, slots=True)
class Arrival:
    """How far a fresh connection came. `banner` is what the peer called itself; empty: it said nothing that SSH knows.
    `key_agreed`: it has shown the pinned host key. `trouble` None: logged in."""

    banner: str
    key_agreed: bool
    trouble: StepError | None


class Channel(Protocol):
    """One exec under way. Both streams end when the command has ended or the line is lost."""

    def stdout(self) -> AsyncIterator[bytes]: ...

    def stderr(self) -> AsyncIterator[bytes]: ...

    def write(self, data: bytes) -> None: ...

    def write_eof(self) -> None: ...

    async def exit_status(self) -> int | None:
        """The exit status, or None when the line was lost or a signal ended it: outcome unknown."""


class Transport(Protocol):
    """A node one can run commands on. `open` raises NotYet where nothing was begun, Permanent where no retry helps."""

    def open(self, command: str) -> AbstractAsyncContextManager[Channel]: ...

    async def prefix(self, owned: str) -> tuple[str, ...]:
        """What must stand before a command to run it as root: nothing, or `sudo -n --`. `owned` is a folder whose
        owner needs no root (a node folder of one's own)."""

    async def arrive(self, seen: Callable[[Arrival], None]) -> Arrival:
        """Comes in anew, whatever connection was kept, and tells how far it came; meanwhile `seen` hears how far it is
        now and then."""

    @property
    def login(self) -> Login:
        """Where the node is and how to get in."""
