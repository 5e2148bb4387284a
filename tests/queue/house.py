"""A fleet whose nodes get certificates, what DNS says about it, and a runner that asks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.queue.conftest import make_due, run_all_due
from tests.simfleet import register, sim_fleet

from hostdeck.core.intents.base import Door
from hostdeck.core.intents.forms import OrderForm
from hostdeck.core.intents.services import place_order
from hostdeck.core.settings import Settings
from hostdeck.core.sim.fleet import SimFleet
from hostdeck.core.store.processes import register_worker
from hostdeck.core.store.seal import read_worker_key
from hostdeck.core.transport.pool import SshPool
from hostdeck.queue.runner import Runner

TIERS = ("web01", "mx01", "ns01", "ns02")
DOMAIN = "customer.com"
ISSUE = "v-add-letsencrypt-domain"


@dataclass
class Dns:
    """What DNS says: every host of a node has its address, but for what a test takes away or moves."""

    fleet: SimFleet
    wrong: dict[tuple[str, str], frozenset[str] | None] = field(default_factory=dict)

    def _right(self, host: str) -> frozenset[str]:
        node = "mx01" if host.startswith(("mail.", "webmail.")) else "web01"
        return frozenset({self.fleet[node].account.ip})

    async def resolve(self, host: str) -> frozenset[str]:
        return self.wrong.get(("public", host), self._right(host)) or frozenset()

    async def ask(self, ip: str, host: str) -> frozenset[str] | None:
        name = next(name for name, node in self.fleet.nodes.items() if node.account.ip == ip)
        return self.wrong.get((name, host), self._right(host))


@dataclass
class House:
    """A fleet whose nodes get their certificates, what DNS says, and a runner that asks it."""

    fleet: SimFleet
    dns: Dns
    runner: Runner
    door: Door

    def order(self, domain: str = DOMAIN) -> int:
        service = place_order(self.door, OrderForm(domain, "basic"))
        run_all_due(self.runner)
        return service

    def again(self) -> None:
        make_due()
        run_all_due(self.runner)

    def ran(self, node: str) -> list[tuple[str, ...]]:
        return [tuple(step.argv[1:]) for step in self.fleet[node].journal if step.argv[0].endswith(ISSUE)]

    def ca(self, outcome: str) -> None:
        for node in ("web01", "mx01"):
            self.fleet[node].account.letsencrypt = outcome


def a_house(store: Settings, door: Door) -> Iterator[House]:
    """What a fixture gives to its tests."""
    with sim_fleet(TIERS) as fleet:
        register(door, fleet)
        dns, pool = Dns(fleet), SshPool()
        private = read_worker_key(store.worker_key)
        runner = Runner(register_worker().id, pool, private, store, lambda ids: None, dns.resolve, dns.ask)
        made = House(fleet, dns, runner, door)
        made.ca("issue")
        yield made
        pool.close()
