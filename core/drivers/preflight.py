"""A node looked over before it is trusted with work: the door, the login, root, then what its panel says
(`features.md` 67 to 74). What is a panel's own comes from its driver.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from hostdeck.core.domain.inputs import public_key_of
from hostdeck.core.domain.preflight import (
    Check,
    Part,
    Place,
    complete,
    failed,
    full_sudo,
    judge_capabilities,
    key_modes,
    passed,
)
from hostdeck.core.domain.vocabulary import Driver, Role, Stream
from hostdeck.core.drivers.base import Examined
from hostdeck.core.drivers.guard import Guard, refuse_sudo
from hostdeck.core.errors import NotYet, Permanent, StepError
from hostdeck.core.transport.base import Arrival
from hostdeck.core.transport.hostkey import fingerprint

LOOK_SECONDS = 20.0
KEY_MODES = "stat -c '%a %n' .ssh .ssh/authorized_keys"
"""Run in the login's home."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Panel:
    """`text` for people, such as `HestiaCP 1.10.3`; the roles it can host."""

    text: str
    roles: frozenset[Role]


class Looks(Protocol):
    """What only a panel's driver knows to look at; each raises StepErrors."""

    async def panel(self) -> Panel:
        """Which panel is there, and what of it is installed."""

    async def listing(self) -> str:
        """One listing, in a few words."""

    async def figures(self) -> dict[str, Any]:
        """The probe's; keys of the health view."""


@dataclass
class Preflight:
    """One run of all checks."""

    guard: Guard
    driver: Driver
    looks: Looks
    ticked: frozenset[Role]
    done: list[Check] = field(default_factory=list)

    async def run(self) -> Examined:
        facts: dict[str, Any] = {}
        try:
            await self._arrive()
            await self._part(Part.ROOT, self._root)
            panel = await self._part(Part.PANEL, self.looks.panel, lambda found: found.text)
            await self._part(Part.LISTING, self.looks.listing)
            facts = await self._part(Part.PROBE, self.looks.figures, _in_words)
        except StepError as error:
            return Examined(complete(tuple(self.done)), facts, error)
        self._tell(judge_capabilities(self.ticked, panel.roles, self._place()))
        return Examined(complete(tuple(self.done)), facts)

    def _place(self) -> Place:
        login = self.guard.transport.login
        public = public_key_of(login.key.reveal()) if login.key else ""
        return Place(login.server, login.username, login.host, login.port, self.driver, public)

    def _tell(self, check: Check) -> None:
        self.done.append(check)
        self.guard.log(Stream.NOTE, check.line)
        for line in check.mend:
            self.guard.log(Stream.NOTE, f"  {line}")

    def _fail(self, part: Part, error: StepError) -> None:
        self._tell(failed(part, str(error), self._place()))

    async def _part(self, part: Part, look: Callable[[], Awaitable[T]], words: Callable[[T], str] = str) -> T:
        try:
            async with asyncio.timeout(LOOK_SECONDS * 2):
                found = await look()
        except TimeoutError:
            error: StepError = NotYet(f"{self.guard.server}: no answer within {LOOK_SECONDS * 2:.0f} s")
            self._fail(part, error)
            raise error from None
        except StepError as error:
            self._fail(part, error)
            raise
        self._tell(passed(part, words(found)))
        return found

    async def _arrive(self) -> None:
        login = self.guard.transport.login
        came = await self.guard.transport.arrive(self._seen)
        self._seen(came)
        for part, good in (
            (Part.TCP, came.banner), (Part.HOST_KEY, came.key_agreed), (Part.LOGIN, came.trouble is None),
        ):  # fmt: skip
            if not good and part not in self._told:
                trouble = came.trouble or Permanent(f"{login.server}: it says nothing that SSH knows")
                self._fail(part, trouble)
                raise trouble
        self._tell(await self._logged_in())

    @property
    def _told(self) -> set[Part]:
        return {check.part for check in self.done}

    def _seen(self, came: Arrival) -> None:
        """Each part once, as soon as it is known."""
        if came.banner and Part.TCP not in self._told:
            self._tell(passed(Part.TCP, came.banner))
        if came.banner and came.key_agreed and Part.HOST_KEY not in self._told:
            pinned = fingerprint(self.guard.transport.login.host_key)
            self._tell(passed(Part.HOST_KEY, f"{pinned} is the pinned one"))

    async def _logged_in(self) -> Check:
        """By which credential; of a key also whether others could write the file that lets it in."""
        login = self.guard.transport.login
        if login.key is None:
            return passed(Part.LOGIN, f"{login.username} by password")
        try:
            async with asyncio.timeout(LOOK_SECONDS):
                said, _ = await self._plain(KEY_MODES)
        except TimeoutError:
            error: StepError = NotYet(f"{login.server}: its login shell does not answer within {LOOK_SECONDS:.0f} s")
            self._fail(Part.LOGIN, error)
            raise error from None
        except StepError as lost:
            self._fail(Part.LOGIN, lost)
            raise
        words, mend = key_modes(said)
        return passed(Part.LOGIN, f"{login.username} by key" + (f"; {words}" if words else ""), mend)

    async def _root(self) -> str:
        """Root itself, or sudo without a password for everything (`features.md` 69, 71)."""
        guard = self.guard
        if not await guard.transport.prefix(f"{guard.home}/{guard.owned}"):
            own = "the panel's folder is its own" if guard.transport.login.username != "root" else "uid 0"
            return f"{own}, no sudo needed"
        said, complaints = await self._plain("sudo -n -l")
        if full_sudo(said):
            return "sudo lists NOPASSWD: ALL"
        refuse_sudo(complaints, guard.server)
        raise Permanent(
            f"{guard.server}: sudo -n -l lists no NOPASSWD: ALL for {guard.transport.login.username}; rights to single "
            "commands are not enough [NODE_SUDO]"
        )

    async def _plain(self, command: str) -> tuple[str, str]:
        async with self.guard.transport.open(command) as channel:
            channel.write_eof()
            said, complaints = await asyncio.gather(_text(channel.stdout()), _text(channel.stderr()))
            await channel.exit_status()
        return said, complaints


async def _text(chunks: AsyncIterator[bytes]) -> str:
    """A stream to its end, of more than 64 KiB the first."""
    said = bytearray()
    async for chunk in chunks:
        said += chunk[: 65_536 - len(said)]
    return said.decode("utf-8", "replace")


def _in_words(facts: dict[str, Any]) -> str:
    shares = ((name, facts.get(f"{name}_percent")) for name in ("cpu", "ram", "disk", "load"))
    figures = [f"{name} {share:.0f}%" for name, share in shares if share is not None]
    up, total = facts.get("services_up"), facts.get("services_total")
    if up is not None and total is not None:
        figures.append(f"services {up}/{total}")
    return ", ".join(figures) or "none"
