"""Reading a node: is it what we think, and how is it?"""

from __future__ import annotations

from hostdeck.core.domain.actions import Action, NoArgs
from hostdeck.core.domain.findings import Finding, HealthRead
from hostdeck.core.drivers.base import NodeDriver
from hostdeck.core.steps.base import Reading, step


@step(Action.SERVER_CHECK, Action.SERVER_COLLECT_STATUS)
class CollectStatus(Reading[NoArgs]):
    async def read(self, node: NodeDriver) -> tuple[Finding, ...]:
        return (HealthRead(await node.probe()),)
