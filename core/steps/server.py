"""Reading a node: is it what we think, and how is it?"""

from __future__ import annotations

from hostdeck.core.domain.actions import Action, CheckArgs, NoArgs
from hostdeck.core.domain.findings import Finding, HealthRead, Quarantine, Told, Unfit
from hostdeck.core.domain.preflight import first_failed
from hostdeck.core.drivers.base import NodeDriver
from hostdeck.core.steps.base import Reading, step
from hostdeck.core.transport.ssh import HostKeyChanged


@step(Action.SERVER_COLLECT_STATUS)
class CollectStatus(Reading[NoArgs]):
    async def read(self, node: NodeDriver) -> tuple[Finding, ...]:
        return (HealthRead(await node.probe()),)


@step(Action.SERVER_CHECK)
class CheckServer(Reading[CheckArgs]):
    """Everything from the door to the panel; Unfit with the first failure's sentence where one fails."""

    async def read(self, node: NodeDriver) -> tuple[Finding, ...]:
        found = await node.examine(frozenset(self.args.capabilities))
        told = Told({"checks": [check.as_json() for check in found.checks]})
        bad = first_failed(found.checks)
        if bad is None:
            return (told, HealthRead(found.facts))
        changed = isinstance(found.trouble, HostKeyChanged)
        health: Finding = Quarantine(bad.text) if changed else HealthRead(found.facts, bad.text)
        raise Unfit(bad.text, (told, health)) from found.trouble
