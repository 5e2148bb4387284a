"""A real PowerDNS with the real pdnsutil behind OpenSSH's own sshd, asked over DNS."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from tests.pdns import Pdns, real_pdns
from tests.queue.conftest import error_of, make_due, run_all_due
from tests.real.conftest import Fleet, SystemUser, add_nameserver, unreachable_backend
from tests.simfleet import register, sim_fleet

from hostdeck.core.dns.ask import ask_server
from hostdeck.core.domain.vocabulary import ServiceStatus, TaskStatus
from hostdeck.core.domain.wishes import Wish
from hostdeck.core.domain.zone_check import Verdict, judge, wanted_sets
from hostdeck.core.drivers.powerdns.commands import Tools
from hostdeck.core.intents.base import Door
from hostdeck.core.intents.fleet import check_server
from hostdeck.core.intents.forms import OrderForm
from hostdeck.core.intents.life import grant
from hostdeck.core.intents.services import place_order
from hostdeck.core.queries import zones
from hostdeck.core.settings import Settings
from hostdeck.core.store.fleet_models import Server
from hostdeck.core.store.work_models import Record, Service, Task, TaskLog, Zone, ZoneDeploy
from hostdeck.queue.runner import Runner

# The real text sweeps /tmp/hdkx.* of dead guards: one real guard at a time on this machine.
pytestmark = pytest.mark.xdist_group("real-guard")

TIERS = ("web01", "mx01", "ns01")
DOMAIN = "customer.test"


@contextmanager
def tiers(door: Door, fleet: Fleet, pdns: Pdns, who: SystemUser | None = None) -> Iterator[None]:
    """Pretend Hestia nodes, and the real nameserver behind the real sshd beside them."""
    with sim_fleet(TIERS) as pretend, fleet((), who) as real:
        register(door, pretend)
        add_nameserver(door, real.sshd, pdns)
        yield


def built(door: Door, runner: Runner) -> int:
    service = place_order(door, OrderForm(DOMAIN, "basic"))
    run_all_due(runner)
    assert Service.get_by_id(service).status is ServiceStatus.ACTIVE, error_of(service)
    return service


def zone_task() -> Task:
    server = Server.get(Server.name == "pdns01")
    return Task.select().where(Task.server == server).order_by(Task.id.desc()).get()


def test_a_deployed_zone_is_answered_record_by_record(
    store: Settings, runner: Runner, door: Door, fleet: Fleet, who: SystemUser | None, pdns: Pdns
) -> None:
    with tiers(door, fleet, pdns, who):
        service = built(door, runner)
        assert zone_task().status is TaskStatus.SUCCESS
        assert pdns.ask(DOMAIN, "MX") == ("NOERROR", [f"10 mail.{DOMAIN}."])
        assert pdns.ask(f"_imaps._tcp.{DOMAIN}", "SRV") == ("NOERROR", [f"0 1 993 mail.{DOMAIN}."])
        assert pdns.ask(DOMAIN, "CAA") == ("NOERROR", ['0 issue "letsencrypt.org"'])
        _, dkim = pdns.ask(f"mail._domainkey.{DOMAIN}", "TXT")
        wanted = Record.get(Record.name == "mail._domainkey").value
        assert dkim[0].replace('" "', "").strip('"') == wanted
        assert f"owned by hdk {service} " in pdns.util("show-zone", DOMAIN)
        sets = wanted_sets(zones.wanted(zones.zone(DOMAIN)))
        answers = asyncio.run(ask_server("pdns01", "127.0.0.1", pdns.port, DOMAIN, sets))
        found = judge(sets, answers, ZoneDeploy.get(ZoneDeploy.server == zone_task().server).serial)
        assert found.verdict is Verdict.SAME, found.reason


def test_a_change_of_a_25_record_zone_is_answered_at_once_after_one_load(
    store: Settings, runner: Runner, door: Door, fleet: Fleet, pdns: Pdns
) -> None:
    with tiers(door, fleet, pdns):
        service = built(door, runner)
        assert pdns.ask(f"host.{DOMAIN}", "A")[0] == "NXDOMAIN"
        zone = Zone.get(Zone.name == DOMAIN)
        for number in range(25 - Record.select().count()):
            Record.create(zone=zone, name=f"host{number or ''}", type="A", value=f"203.0.113.{number}", ttl=300)
        assert Record.select().count() == 25
        _, before = pdns.ask(DOMAIN, "SOA")
        grant(door, service, Wish.REDEPLOY)
        run_all_due(runner)
        assert zone_task().status is TaskStatus.SUCCESS, zone_task().error
        assert pdns.ask(f"host.{DOMAIN}", "A") == ("NOERROR", ["203.0.113.0"])
        _, after = pdns.ask(DOMAIN, "SOA")
        assert int(after[0].split()[2]) > int(before[0].split()[2])
        sent = [line.text for line in TaskLog.select().where(TaskLog.task == zone_task()) if "load-zone" in line.text]
        assert len(sent) == 1


def test_a_second_run_sends_no_change(store: Settings, runner: Runner, door: Door, fleet: Fleet, pdns: Pdns) -> None:
    with tiers(door, fleet, pdns):
        service = built(door, runner)
        before = pdns.util("list-zone", DOMAIN)
        grant(door, service, Wish.REDEPLOY)
        run_all_due(runner)
        assert zone_task().status is TaskStatus.SUCCESS, zone_task().error
        assert pdns.util("list-zone", DOMAIN) == before


def test_somebody_elses_zone_is_neither_loaded_nor_removed(
    store: Settings, runner: Runner, door: Door, fleet: Fleet, pdns: Pdns
) -> None:
    with tiers(door, fleet, pdns):
        pdns.util("create-zone", DOMAIN, "ns.other.net")
        before = pdns.util("list-zone", DOMAIN)
        service = place_order(door, OrderForm(DOMAIN, "basic"))
        run_all_due(runner)
        assert zone_task().status is TaskStatus.FAILED
        assert "OWN_FOREIGN" in zone_task().error
        grant(door, service, Wish.TERMINATE, DOMAIN)
        run_all_due(runner)
        assert zone_task().status is TaskStatus.FAILED
        assert pdns.util("list-zone", DOMAIN) == before


def test_a_load_that_failed_on_a_new_zone_is_repaired(
    store: Settings, runner: Runner, door: Door, fleet: Fleet, pdns: Pdns
) -> None:
    with tiers(door, fleet, pdns):
        bad = pdns.folder / "bad.zone"
        bad.write_text("not a zone\n")
        with pytest.raises(subprocess.CalledProcessError):
            pdns.util("load-zone", DOMAIN, str(bad))
        service = place_order(door, OrderForm(DOMAIN, "basic"))
        run_all_due(runner)
        assert Service.get_by_id(service).status is ServiceStatus.ACTIVE, error_of(service)
        assert pdns.ask(DOMAIN, "SOA")[0] == "NOERROR"


def test_a_terminated_zone_is_refused_at_once(
    store: Settings, runner: Runner, door: Door, fleet: Fleet, pdns: Pdns
) -> None:
    with tiers(door, fleet, pdns):
        service = built(door, runner)
        grant(door, service, Wish.TERMINATE, DOMAIN)
        run_all_due(runner)
        assert Service.get_by_id(service).status is ServiceStatus.TERMINATED, error_of(service)
        assert pdns.ask(DOMAIN, "SOA") == ("REFUSED", [])
        assert DOMAIN not in pdns.util("list-all-zones")


def test_a_check_reads_the_real_servers_version_and_zones(
    store: Settings, runner: Runner, door: Door, fleet: Fleet, pdns: Pdns
) -> None:
    with tiers(door, fleet, pdns):
        pdns.util("create-zone", "other.test", "ns.other.net")
        check_server(door, "pdns01")
        run_all_due(runner)
        server = Server.get(Server.name == "pdns01")
        assert server.health_error is None
        assert server.health_facts["domains"] == 1
        assert server.health_facts["panel_version"][0].isdigit()


def test_a_zone_that_cannot_be_looked_at_is_not_taken_for_gone(
    store: Settings, runner: Runner, door: Door, fleet: Fleet, pdns: Pdns
) -> None:
    with tiers(door, fleet, pdns):
        service = built(door, runner)
        with unreachable_backend(pdns):
            grant(door, service, Wish.TERMINATE, DOMAIN)
            run_all_due(runner)
            assert zone_task().status is TaskStatus.RETRYING
            assert "does not exist yet" in zone_task().error
        make_due()
        run_all_due(runner)
        assert Service.get_by_id(service).status is ServiceStatus.TERMINATED, error_of(service)
        assert pdns.ask(DOMAIN, "SOA") == ("REFUSED", [])


def test_a_secondary_zone_that_has_not_arrived_yet_is_somebody_elses(
    store: Settings, runner: Runner, door: Door, fleet: Fleet, pdns: Pdns
) -> None:
    with tiers(door, fleet, pdns):
        pdns.util("create-secondary-zone", DOMAIN, "192.0.2.1")
        place_order(door, OrderForm(DOMAIN, "basic"))
        run_all_due(runner)
        assert zone_task().status is TaskStatus.FAILED
        assert "OWN_FOREIGN" in zone_task().error
        assert "This is a Slave zone" in pdns.util("show-zone", DOMAIN)


def test_what_check_zone_says_is_the_error(
    store: Settings, runner: Runner, door: Door, fleet: Fleet, pdns: Pdns
) -> None:
    with tiers(door, fleet, pdns):
        service = built(door, runner)
        zone = Zone.get(Zone.name == DOMAIN)
        for ttl in (300, 600):
            Record.create(zone=zone, name="two", type="A", value=f"203.0.113.{ttl // 10}", ttl=ttl)
        grant(door, service, Wish.REDEPLOY)
        run_all_due(runner)
        assert zone_task().status is TaskStatus.FAILED
        assert "TTL mismatch in rrset" in zone_task().error


ADDRESSES = {
    "alone": "local-address=127.0.0.1\nlocal-port={port}",
    "with a port": "local-address=127.0.0.1:{port}",
    "first of two": "local-address=127.0.0.1:{port}, 127.0.0.2:{port}",
}


@pytest.mark.usefixtures("installed_pdns")
@pytest.mark.parametrize("written", ADDRESSES)
def test_the_running_server_is_found_however_its_address_is_written(written: str) -> None:
    with real_pdns(ADDRESSES[written]) as pdns:
        pdns.util("create-zone", DOMAIN, "ns1.other.net")
        tools = Tools(str(pdns.folder))
        for argv in (tools.control("rediscover"), tools.control("purge", f"{DOMAIN}$")):
            subprocess.run(list(map(str, argv)), capture_output=True, check=True)
        served = subprocess.run(tools.served(DOMAIN), capture_output=True, text=True, check=True)
        assert (served.stdout, served.stderr) == ("serial 0\n", "")
