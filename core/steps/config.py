"""What a group wants of a node's `hestia.conf`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hostdeck.core.domain.action_args import ConfigArgs
from hostdeck.core.domain.action_names import Action
from hostdeck.core.domain.config_keys import BY_KEY
from hostdeck.core.domain.config_wishes import drift, permitted
from hostdeck.core.domain.findings import ConfigRead, Finding, Told
from hostdeck.core.drivers.changes import SetConfig
from hostdeck.core.drivers.language import AskConfig, Change, ConfigFacts
from hostdeck.core.errors import NotMeant, Permanent
from hostdeck.core.steps.base import Step, World, step


@step(Action.SERVER_APPLY_CONFIG)
class ApplyConfig(Step[ConfigArgs, ConfigFacts]):
    """Only what differs is sent, and only what a node of its row's capabilities may be told: a key of another category
    in the arguments is passed over here, whoever put it there."""

    def __init__(self, args: ConfigArgs, world: World) -> None:
        super().__init__(args, world)
        self._wanted = permitted(world.able, world.panel, args.values)
        self._before: dict[str, str] = {}
        self._seen: dict[str, str] = {}

    async def wait_for_world(self) -> None:
        if self.args.values and not self._wanted:
            raise NotMeant(f"skipped: no key of it is for {self.world.server}")

    def question(self) -> AskConfig:
        return AskConfig()

    def decide(self, found: ConfigFacts) -> tuple[Change, ...]:
        if not found.whole:
            raise Permanent(
                f"{self.world.server}: hestia.conf is not whole (ROOT_USER or VERSION is missing); nothing was "
                "changed. Its last good copy, if any, is hestia.conf.hostdeck beside it [CFG_NODE]"
            )
        self._seen = dict(found.values)
        different = drift(self._wanted, found.values)
        if not different:
            return ()
        return (SetConfig(tuple((one.key, BY_KEY[one.key].command(one.wanted)) for one in different)),)

    def before(self, changes: tuple[Change, ...]) -> tuple[Finding, ...]:
        """The values that would be put back, before anything is sent: whatever becomes of it, they are known."""
        for change in changes:
            if isinstance(change, SetConfig):
                for key, _ in change.keys:
                    self._before.setdefault(key, self._seen.get(key, ""))
        return (Told({"before": dict(self._before)}),) if changes else ()

    def learn(self, found: ConfigFacts) -> tuple[Finding, ...]:
        after = {key: found.values.get(key, "") for key in self._before}
        return (ConfigRead(dict(found.values)), Told({"before": dict(self._before), "after": after}))

    def blank(self) -> ConfigFacts:
        """A node as the installer leaves it."""
        fresh = {spec.key: spec.default for spec in BY_KEY.values() if spec.default}
        return ConfigFacts(fresh | {"ROOT_USER": "admin", "VERSION": "-"}, len(fresh) + 2)

    def expect(self, found: ConfigFacts, changes: Sequence[Change]) -> ConfigFacts:
        values = dict(found.values)
        for change in changes:
            if isinstance(change, SetConfig):
                values |= {key: self._wanted[key] for key, _ in change.keys}
        return replace(found, values=values)
