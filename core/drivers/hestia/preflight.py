"""What a preflight asks of a Hestia node."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from hostdeck.core.domain.preflight import installed
from hostdeck.core.domain.text import clean_line
from hostdeck.core.drivers.guard import Guard, GuardStep, Lock
from hostdeck.core.drivers.hestia.listings import judge
from hostdeck.core.drivers.hestia.probe import probe_figures
from hostdeck.core.drivers.preflight import LOOK_SECONDS, Panel
from hostdeck.core.errors import Permanent

_PAIR = re.compile(r"^([A-Z0-9_]+)='([^']*)'\s*$", re.MULTILINE)


@dataclass(frozen=True)
class HestiaLooks:
    guard: Guard

    async def panel(self) -> Panel:
        """The file of settings may hold secrets, so it stays out of the log (`hestia.md` 14.26)."""
        step = GuardStep(("cat", f"{self.guard.home}/conf/hestia.conf"), quiet=True, looks=True)
        config = dict(_PAIR.findall(await self._text(step)))
        version = clean_line(config.get("VERSION", ""), 32)
        if not version:
            raise Permanent(f"{self.guard.server}: hestia.conf names no VERSION; is it installed? [NODE_PANEL]")
        return Panel(f"HestiaCP {version}", installed(config))

    async def listing(self) -> str:
        text = await self._text(GuardStep((f"{self.guard.home}/bin/v-list-sys-info", "json"), quiet=True, looks=True))
        try:
            info = json.loads(text)["sysinfo"]
            told = f"{info['OS']} {info['VERSION']}, {info['HOSTNAME']}"
        except (ValueError, KeyError, TypeError):
            said = clean_line(text, 80) or "nothing"
            raise Permanent(f"{self.guard.server}: v-list-sys-info gave no listing but: {said}") from None
        return f"v-list-sys-info: {told}"

    async def figures(self) -> dict[str, Any]:
        return await probe_figures(self.guard)

    async def _text(self, step: GuardStep) -> str:
        (result,) = await self.guard.run(Lock.NONE, (step,), LOOK_SECONDS)
        if result.exit != 0:
            raise judge(result, self.guard.server)
        return result.text
