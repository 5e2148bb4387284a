"""What a zone costs its nameservers, counted in the commands that change them."""

from __future__ import annotations

from tests.queue.conftest import error_of, run_all_due
from tests.simfleet import register, sim_fleet

from hostdeck.core.domain.action_names import Action
from hostdeck.core.domain.vocabulary import ServiceStatus
from hostdeck.core.domain.wishes import Wish
from hostdeck.core.intents.base import Door
from hostdeck.core.intents.forms import OrderForm
from hostdeck.core.intents.life import grant
from hostdeck.core.intents.services import place_order
from hostdeck.core.settings import Settings
from hostdeck.core.sim.fleet import SimFleet
from hostdeck.core.sim.powerdns import PowerDnsNode
from hostdeck.core.store.due import all_due
from hostdeck.core.store.fields import utcnow
from hostdeck.core.store.work_models import Record, Service, Task, Zone
from hostdeck.queue.runner import Runner

TIERS = ("web01", "mx01", "ns01", "pdns01")
DOMAIN = "customer.test"
SIZE = 25
MOST = 4


def pad(size: int = SIZE) -> None:
    """Records of the zone until there are exactly so many."""
    zone = Zone.get(Zone.name == DOMAIN)
    for number in range(size - Record.select().where(Record.zone == zone).count()):
        Record.create(zone=zone, name=f"host{number}", type="A", value=f"203.0.113.{number}", ttl=300)
    assert Record.select().where(Record.zone == zone).count() == size


def built_up_to_its_zone(door: Door, runner: Runner) -> int:
    """Ordered, and everything done that comes before a nameserver gets its zone."""
    service = place_order(door, OrderForm(DOMAIN, "basic"))
    zones = {task.id for task in Task.select().where(Task.action == Action.DNS_DEPLOY_ZONE)}
    assert len(zones) == 2
    moved = True
    while moved:
        ran = [runner.run(task) for task in all_due(utcnow()) if task not in zones]
        moved = any(ran)
    return service


def active(service: int) -> bool:
    return Service.get_by_id(service).status is ServiceStatus.ACTIVE


def forget(fleet: SimFleet) -> None:
    for node in fleet.nodes.values():
        node.journal.clear()


def changing(fleet: SimFleet, name: str) -> list[str]:
    """The changing commands a nameserver ran since its journal was cleared; pdnsutil and pdns_control by their verb."""
    node = fleet[name]
    ran = [ran.argv for ran in node.journal if node.account.changes(ran.argv)]
    assert all(one.exit == 0 for one in node.journal if node.account.changes(one.argv))
    return [argv[0].rsplit("/", 1)[-1] if argv[0].rsplit("/", 1)[-1].startswith("v-") else argv[1] for argv in ran]


def held(fleet: SimFleet) -> tuple[int, int]:
    """How many records the two nameservers hold and serve, without the SOA."""
    hestia, pdns = fleet["ns01"].account, fleet["pdns01"].account
    assert isinstance(pdns, PowerDnsNode)
    (lines,) = [user.zones[DOMAIN] for user in hestia.book.users.values() if DOMAIN in user.zones]
    assert tuple(pdns.zones[DOMAIN].records) == pdns.served[DOMAIN]
    return len(lines), len(pdns.served[DOMAIN]) - 1


def assert_cheap(fleet: SimFleet, hestia: list[str]) -> None:
    """These commands and no others on Hestia, few whatever they are; one load on PowerDNS, the rest of it by rote."""
    assert changing(fleet, "ns01") == hestia
    assert len(hestia) <= MOST
    assert changing(fleet, "pdns01") == ["load-zone", "set-account", "rectify-zone", "rediscover", "purge"]
    assert held(fleet) == (SIZE, SIZE)


def test_a_new_25_record_zone_reaches_a_hestia_node_in_at_most_4_changing_commands_and_a_powerdns_node_in_one_load(
    store: Settings, runner: Runner, door: Door
) -> None:
    with sim_fleet(TIERS) as fleet:
        register(door, fleet)
        service = built_up_to_its_zone(door, runner)
        pad()
        forget(fleet)
        run_all_due(runner)
        assert active(service), error_of(service)
        assert_cheap(fleet, ["v-add-dns-domain", "v-insert-dns-records", "v-rebuild-dns-domain"])


def test_a_25_record_zone_that_has_changed_throughout_reaches_them_as_cheaply(
    store: Settings, runner: Runner, door: Door
) -> None:
    with sim_fleet(TIERS) as fleet:
        register(door, fleet)
        service = built_up_to_its_zone(door, runner)
        pad()
        run_all_due(runner)
        Record.update(ttl=777).execute()
        Record.update(value="203.0.113.250").where(Record.name.startswith("host")).execute()
        forget(fleet)
        grant(door, service, Wish.REDEPLOY)
        run_all_due(runner)
        assert active(service), error_of(service)
        assert_cheap(fleet, ["v-insert-dns-records", "v-rebuild-dns-domain"])
        assert fleet["ns01"].account.dns_answer(f"host0.{DOMAIN}", "A") == ["203.0.113.250"]


def test_a_25_record_zone_that_is_there_costs_nothing(store: Settings, runner: Runner, door: Door) -> None:
    with sim_fleet(TIERS) as fleet:
        register(door, fleet)
        service = built_up_to_its_zone(door, runner)
        pad()
        run_all_due(runner)
        forget(fleet)
        grant(door, service, Wish.REDEPLOY)
        run_all_due(runner)
        assert active(service), error_of(service)
        assert (changing(fleet, "ns01"), changing(fleet, "pdns01")) == ([], [])
