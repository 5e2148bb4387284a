"""What a preflight asks of a PowerDNS node."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hostdeck.core.domain.text import clean_line
from hostdeck.core.domain.vocabulary import Role
from hostdeck.core.drivers.guard import Argument, Guard, GuardStep, Lock, StepResult
from hostdeck.core.drivers.powerdns.commands import Tools
from hostdeck.core.drivers.powerdns.probe import probe_figures
from hostdeck.core.drivers.preflight import LOOK_SECONDS, Panel
from hostdeck.core.errors import Permanent


@dataclass(frozen=True)
class PowerDnsLooks:
    guard: Guard
    tools: Tools

    async def panel(self) -> Panel:
        """The server's own word over its control socket: that it is there, and that it runs."""
        result = await self._look(self.tools.control("version"))
        version = clean_line(result.text.strip(), 32)
        if result.exit != 0 or not version:
            raise Permanent(self._said(result, "PowerDNS does not answer its control socket; is it running?"))
        return Panel(f"PowerDNS {version}", frozenset({Role.DNS}))

    async def listing(self) -> str:
        result = await self._look(self.tools.util("list-all-zones"))
        if result.exit != 0:
            raise Permanent(self._said(result, "pdnsutil can't list its zones"))
        return f"pdnsutil list-all-zones: {len(result.text.split())} zones"

    async def figures(self) -> dict[str, Any]:
        return await probe_figures(self.guard)

    async def _look(self, argv: tuple[Argument, ...]) -> StepResult:
        (result,) = await self.guard.run(Lock.NONE, (GuardStep(argv, "any", quiet=True, looks=True),), LOOK_SECONDS)
        return result

    def _said(self, result: StepResult, words: str) -> str:
        said = clean_line(" ".join(f"{result.text} {result.stderr.decode('utf-8', 'replace')}".split()), 200)
        return f"{self.guard.server}: {words} ({said or 'it says nothing'}, exit {result.exit}) [NODE_PANEL]"
