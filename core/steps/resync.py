"""Reading everything inside an account, so that it can be held against the rows; nothing is changed."""

from __future__ import annotations

from hostdeck.core.domain.action_args import ResyncArgs
from hostdeck.core.domain.action_names import Action
from hostdeck.core.domain.findings import Finding, Told
from hostdeck.core.drivers.base import NodeDriver
from hostdeck.core.drivers.inside import AskInside
from hostdeck.core.drivers.language import Owner
from hostdeck.core.steps.base import Reading, step


@step(Action.SERVICE_RESYNC)
class Resync(Reading[ResyncArgs]):
    async def read(self, node: NodeDriver) -> tuple[Finding, ...]:
        args = self.args
        found = await node.ask(AskInside(args.user, args.domain, args.roles), Owner(args.user, args.mark))
        return (Told({"inside": found.inside}),)
