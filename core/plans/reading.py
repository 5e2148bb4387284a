"""A plan for what stands already: the node is asked what each step would find, and nothing is sent to it."""

from __future__ import annotations

from typing import Any

from hostdeck.core.domain.action_args import PlanArgs
from hostdeck.core.domain.action_names import Action
from hostdeck.core.domain.findings import Finding, Told
from hostdeck.core.drivers.base import NodeDriver
from hostdeck.core.errors import Permanent, StepError
from hostdeck.core.plans.forecast import Forecast, Telling
from hostdeck.core.steps.base import Reading, Step, World, make_step, step


@step(Action.SERVER_READ_PLAN)
class ReadPlan(Reading[PlanArgs]):
    """The steps of one server in their order; each starts from what those before it would have made of the node."""

    def __init__(self, args: PlanArgs, world: World) -> None:
        super().__init__(args, world)
        self._steps: dict[str, Step[Any, Any]] = {}
        self._told: dict[str, Forecast] = {}

    def prepare(self) -> None:
        for planned in self.args.steps:
            made = make_step(planned.action, planned.args, self.world)
            if not isinstance(made, Step):
                continue
            try:
                made.prepare()
            except StepError as error:
                self._told[planned.key] = Forecast((), str(error), certain=False)
            else:
                self._steps[planned.key] = made

    async def read(self, node: NodeDriver) -> tuple[Finding, ...]:
        telling = Telling(node.sends)
        for key, made in self._steps.items():
            self._told[key] = await self._tell(telling, made, node)
        shown = {
            key: {"commands": list(told.commands), "note": told.note, "certain": told.certain}
            for key, told in self._told.items()
        }
        return (Told(shown),)

    async def _tell(self, telling: Telling, made: Step[Any, Any], node: NodeDriver) -> Forecast:
        if telling.starts_blank(made):
            return telling.tell(made, made.blank())
        try:
            found = await node.ask(made.question(), made.owner())
        except Permanent as error:
            return Forecast((), str(error), certain=False)
        return telling.tell(made, found)
