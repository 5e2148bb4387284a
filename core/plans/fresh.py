"""The plan of an order: every step asked of nodes on which nothing of it is yet, so that it needs no node and no
worker. A step that then finds something else there looks before it acts, like any other.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from hostdeck.core.domain.pipeline import PlannedTask
from hostdeck.core.domain.vocabulary import Role, ServerId
from hostdeck.core.domain.zone import ZoneRecord
from hostdeck.core.errors import StepError
from hostdeck.core.plans.commands import sends_of
from hostdeck.core.plans.forecast import Forecast, Telling
from hostdeck.core.steps.base import Step, World, make_step


def plan_fresh(tasks: Iterable[PlannedTask], records: Sequence[ZoneRecord]) -> dict[str, Forecast]:
    """By the tasks' keys. `records` are those the zone starts with."""
    telling: dict[ServerId, Telling] = {}
    told: dict[str, Forecast] = {}
    for task in tasks:
        node = task.server
        here = telling.setdefault(node.id, Telling(sends_of(node.driver, node.home)))
        step = make_step(task.action, task.args.model_dump(mode="json"), _world(node.name, records))
        if not isinstance(step, Step):
            continue
        try:
            step.prepare()
        except StepError as error:
            told[task.key] = Forecast((), str(error), certain=False)
        else:
            told[task.key] = here.tell(step, step.blank())
    return told


def _world(server: str, records: Sequence[ZoneRecord]) -> World:
    async def nowhere(host: str) -> frozenset[str]:
        return frozenset()

    def not_yet(role: Role) -> bool:
        return False

    async def silent(ip: str, host: str) -> frozenset[str] | None:
        return None

    return World(
        server=server,
        zone_records=lambda domain: tuple(records),
        ledger=not_yet,
        resolve=nowhere,
        password=lambda: "never sent",
        nameservers=tuple,
        ask_nameserver=silent,
    )
