"""An order of a certificate that never left this machine."""

from __future__ import annotations

from typing import Any

import pytest
from tests.simfleet import register, sim_fleet

from hostdeck.core.domain.vocabulary import TaskStatus
from hostdeck.core.intents.base import Door
from hostdeck.core.intents.forms import OrderForm
from hostdeck.core.intents.services import place_order
from hostdeck.core.settings import Settings
from hostdeck.core.store.due import all_due
from hostdeck.core.store.fields import utcnow
from hostdeck.core.store.work_models import Service, Task
from hostdeck.queue.runner import Runner


def test_an_order_that_was_never_sent_is_not_counted(
    store: Settings, runner: Runner, door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The node could not be reached for the exec: nothing was asked of the authority."""
    from hostdeck.core.steps.ssl import EnsureCertificate
    from hostdeck.core.store.work_models import AcmeOrder

    async def at_once(self: EnsureCertificate) -> None:
        return None

    monkeypatch.setattr(EnsureCertificate, "wait_for_world", at_once)
    with sim_fleet(("web01", "mx01", "ns01")) as fleet:
        register(door, fleet)
        service = place_order(door, OrderForm("customer.test", "basic"))
        seeds = {task.id for task in Service.get_by_id(service).tasks if task.action == "ssl.seed"}
        while due := [task for task in all_due(utcnow()) if task not in seeds]:
            ran = [runner.run(task) for task in due]
            if not any(ran):
                break
        known = EnsureCertificate.before

        def before(self: EnsureCertificate, changes: tuple[Any, ...]) -> Any:
            fleet["web01"].faults.add("connect=refuse*40")
            for conn in list(fleet["web01"].connections):
                conn.abort()
            return known(self, changes)

        monkeypatch.setattr(EnsureCertificate, "before", before)
        seed = next(
            task
            for task in Service.get_by_id(service).tasks
            if task.target == "customer.test" and task.action == "ssl.seed"
        )
        runner.run(seed.id)
        seed = Task.get_by_id(seed.id)
        assert (seed.status, seed.attempts) == (TaskStatus.RETRYING, 0), seed.error
        assert not AcmeOrder.select().exists()
