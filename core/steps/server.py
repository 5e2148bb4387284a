"""Reading a node: is it what we think, how is it, and how is it configured?"""

from __future__ import annotations

from hostdeck.core.domain.action_args import CheckArgs, HealthArgs, NoArgs
from hostdeck.core.domain.action_names import Action
from hostdeck.core.domain.findings import ConfigRead, Finding, HealthRead, Quarantine, Told, Unfit
from hostdeck.core.domain.preflight import first_failed
from hostdeck.core.drivers.base import NodeDriver
from hostdeck.core.drivers.language import AskConfig
from hostdeck.core.errors import Transient
from hostdeck.core.steps.base import Reading, step
from hostdeck.core.transport.base import HostKeyChanged


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


@step(Action.SERVER_READ_CONFIG)
class ReadConfig(Reading[NoArgs]):
    """NotMeant where the panel has no `hestia.conf`."""

    async def read(self, node: NodeDriver) -> tuple[Finding, ...]:
        found = await node.ask(AskConfig())
        return (ConfigRead(dict(found.values)),)


@step(Action.SERVER_CHECK_HEALTH)
class CheckHealth(Reading[HealthArgs]):
    """Whether a change has left the node well: its panel answers, and no fewer of its services are up than before.
    One that is still starting gets a second look."""

    async def read(self, node: NodeDriver) -> tuple[Finding, ...]:
        figures = await node.probe()
        up, total = figures.get("services_up"), figures.get("services_total")
        wanted = total if self.args.services_up is None else self.args.services_up
        if wanted is not None and (up is None or up < wanted):
            raise Transient(f"{self.world.server}: {up or 'none'} of {wanted} services are up since the change")
        return (HealthRead(figures),)
