"""Reading what the users of a node use, all of them at once."""

from __future__ import annotations

from hostdeck.core.domain.action_args import NoArgs
from hostdeck.core.domain.action_names import Action
from hostdeck.core.domain.findings import Finding, UsageRead
from hostdeck.core.drivers.base import NodeDriver
from hostdeck.core.drivers.usage import AskNodeUsage
from hostdeck.core.errors import NotMeant
from hostdeck.core.steps.base import Reading, World, step


@step(Action.SERVER_SYNC_USAGE)
class SyncUsage(Reading[NoArgs]):
    def __init__(self, args: NoArgs, world: World) -> None:
        super().__init__(args, world)
        self._parents: tuple[tuple[str, str], ...] = ()

    def prepare(self) -> None:
        self._parents = self.world.parents()

    async def read(self, node: NodeDriver) -> tuple[Finding, ...]:
        if not node.has_users:
            raise NotMeant(f"{self.world.server} runs PowerDNS: it has no users, so there is no use to read")
        found = await node.ask(AskNodeUsage(self._parents))
        users = {name: dict(used) for name, used in found.users.items()}
        return (UsageRead(users, dict(found.mailboxes), dict(found.names), dict(found.backups), dict(found.full)),)
