"""What is called ours on the provider's accounts, and what is not, when somebody else is quicker."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from tests.provider import PARENT, USER, order
from tests.queue.conftest import make_due, run_all_due, statuses
from tests.queue.test_vanity import DOMAIN, NODES, for_sale, mailboxes
from tests.simfleet import sim_fleet

from hostdeck.core.domain.vocabulary import TaskStatus
from hostdeck.core.domain.wishes import Wish
from hostdeck.core.intents.base import Door
from hostdeck.core.intents.life import grant
from hostdeck.core.intents.services import place_order
from hostdeck.core.settings import Settings
from hostdeck.core.sim.fleet import SimFleet
from hostdeck.core.steps.sold_mailbox import EnsureMailbox
from hostdeck.core.store.work_models import Service, VanitySlot
from hostdeck.queue.runner import Runner


def in_between(monkeypatch: pytest.MonkeyPatch, act: Any) -> None:
    """`act` once, after the step has looked and decided and before its exec begins."""
    known = EnsureMailbox.before
    todo = [act]

    def before(self: EnsureMailbox, changes: tuple[Any, ...]) -> Any:
        found = known(self, changes)
        if changes and todo:
            todo.pop()()
        return found

    monkeypatch.setattr(EnsureMailbox, "before", before)


def strangers(fleet: SimFleet, quota: str = "64") -> Any:
    return lambda: fleet["mx01"].account.run(["v-add-mail-account", USER, PARENT, "anna", "somebody-elses", quota])


def checked(service: int, runner: Runner) -> int:
    """Runs the checks of an order; the id of the task that adds the mailbox."""
    for task in list(Service.get_by_id(service).tasks):
        if task.action.startswith(("web.check", "mail.check")):
            runner.run(task.id)
    return next(task.id for task in Service.get_by_id(service).tasks if task.action == "mail.addMailbox")


Free = tuple[SimFleet, int, int]


@pytest.fixture
def free(store: Settings, runner: Runner, door: Door) -> Iterator[Free]:
    """The nodes, an order whose checks have all found its name free, and the task that adds the mailbox."""
    with sim_fleet(NODES) as fleet:
        for_sale(door, fleet)
        service = place_order(door, order("anna"))
        yield fleet, service, checked(service, runner)


def test_a_mailbox_made_between_look_and_act_is_not_deleted_at_the_end(
    free: Free, runner: Runner, door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the exec finds is not ours, although it was called so before it went."""
    fleet, service, add = free
    in_between(monkeypatch, strangers(fleet))
    runner.run(add)
    assert statuses(service)["mail.addMailbox@mx01"] is TaskStatus.FAILED
    grant(door, service, Wish.TERMINATE, DOMAIN)
    run_all_due(runner)
    assert "anna" in mailboxes(fleet), "somebody else's mailbox was deleted"


def test_a_mailbox_made_between_look_and_act_of_a_second_attempt_is_not_adopted(
    free: Free, runner: Runner, door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first attempt never got as far as sending anything."""
    fleet, service, add = free
    fleet["mx01"].faults.add("v-list-mail-account=drop-before*1")
    runner.run(add)
    assert not VanitySlot.get().mailbox_ours
    make_due()
    in_between(monkeypatch, strangers(fleet, "512"))
    runner.run(add)
    assert statuses(service)["mail.addMailbox@mx01"] is TaskStatus.FAILED, "somebody else's mailbox was adopted"


def test_a_mailbox_that_was_never_made_is_not_called_ours(free: Free, runner: Runner, door: Door) -> None:
    """A refusal of the node (a full package), and then the provider makes the mailbox for somebody else."""
    fleet, service, add = free
    fleet["mx01"].faults.add("v-add-mail-account=exit:8*1")
    runner.run(add)
    assert statuses(service)["mail.addMailbox@mx01"] is TaskStatus.FAILED
    strangers(fleet)()
    grant(door, service, Wish.TERMINATE, DOMAIN)
    run_all_due(runner)
    assert "anna" in mailboxes(fleet), "somebody else's mailbox was deleted"


def test_a_mailbox_made_while_the_node_was_busy_is_not_ours(
    free: Free, runner: Runner, door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing was sent: until the next attempt, up to a day later, the mailbox is anybody's."""
    fleet, service, add = free

    def gone() -> None:
        fleet["mx01"].faults.add("connect=refuse*40")
        for conn in list(fleet["mx01"].connections):
            conn.abort()

    in_between(monkeypatch, gone)
    runner.run(add)
    assert statuses(service)["mail.addMailbox@mx01"] is TaskStatus.RETRYING
    fleet["mx01"].faults.clear()
    strangers(fleet)()
    make_due()
    runner.run(add)
    assert mailboxes(fleet)["anna"]["QUOTA"] == "64", "somebody else's mailbox was changed"
    assert statuses(service)["mail.addMailbox@mx01"] is TaskStatus.FAILED
