"""One built service on pretend nodes, and what its customer has inside it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from tests.item_rows import let_go, send, want, write
from tests.queue.conftest import error_of, run_all_due
from tests.simfleet import register, sim_fleet

from hostdeck.core.domain.items import ItemKind
from hostdeck.core.domain.vocabulary import ServiceStatus, TaskStatus
from hostdeck.core.intents.base import Door
from hostdeck.core.intents.forms import OrderForm
from hostdeck.core.intents.services import place_order
from hostdeck.core.sim.fleet import SimFleet
from hostdeck.core.store.item_models import Item
from hostdeck.core.store.work_models import Service, Task
from hostdeck.queue.runner import Runner

DOMAIN = "customer.test"
WEB, MAIL = "customer-test-web", "customer-test-mail"
NODES = ("web01", "mx01")


class Customer:
    """One built service and its nodes."""

    def __init__(self, fleet: SimFleet, runner: Runner, door: Door) -> None:
        self.fleet, self.runner, self.door = fleet, runner, door
        register(door, fleet)
        self.service = place_order(door, OrderForm(DOMAIN, "basic"))
        run_all_due(runner)
        assert Service.get_by_id(self.service).status is ServiceStatus.ACTIVE, error_of(self.service)

    def run(self, node: str, *argv: str) -> str:
        """As the customer would in the panel."""
        reply = self.fleet[node].account.run(list(argv))
        assert reply.exit == 0, reply.stdout
        return reply.stdout

    def carry_out(self, item: int) -> Task:
        task = send(item)
        run_all_due(self.runner)
        return Task.get_by_id(task)

    def add(self, kind: ItemKind, name: str, **wanted: Any) -> int:
        item = write(self.service, kind, name, **wanted)
        task = self.carry_out(item)
        assert task.status is TaskStatus.SUCCESS, task.error
        return item

    def change(self, item: int, **wanted: Any) -> None:
        want(item, **wanted)
        task = self.carry_out(item)
        assert task.status is TaskStatus.SUCCESS, task.error

    def remove(self, item: int) -> Task:
        let_go(item)
        return self.carry_out(item)

    def refused(self, kind: ItemKind, name: str, **wanted: Any) -> str:
        task = self.carry_out(write(self.service, kind, name, **wanted))
        assert task.status is TaskStatus.FAILED
        return str(task.error)

    def sent(self, node: str) -> list[str]:
        """The changing commands a node got, without their secrets' files."""
        names = (ran.argv for ran in self.fleet[node].journal if self.fleet[node].account.changes(ran.argv))
        return [" ".join((argv[0].rsplit("/", 1)[-1], *argv[1:])) for argv in names]

    def box(self, name: str) -> dict[str, str] | None:
        listed: dict[str, dict[str, str]] = json.loads(self.run("mx01", "v-list-mail-accounts", MAIL, DOMAIN, "json"))
        return listed.get(name)


def row(item: int) -> Item:
    return Item.get_by_id(item)


def served(runner: Runner, door: Door) -> Iterator[Customer]:
    with sim_fleet(NODES) as fleet:
        yield Customer(fleet, runner, door)
        assert not any(node.overlaps for node in fleet.nodes.values())
