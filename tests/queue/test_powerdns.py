"""Zones on PowerDNS beside Hestia: one group, one zone, both nameservers."""

from __future__ import annotations

import pytest
from tests.queue.conftest import error_of, make_due, run_all_due, statuses
from tests.simfleet import register, sim_fleet

from hostdeck.core.domain.vocabulary import ServiceStatus, TaskStatus
from hostdeck.core.domain.wishes import Wish
from hostdeck.core.errors import Conflict
from hostdeck.core.intents.base import Door
from hostdeck.core.intents.fleet import check_server
from hostdeck.core.intents.forms import OrderForm
from hostdeck.core.intents.life import grant
from hostdeck.core.intents.services import place_order
from hostdeck.core.intents.work import retry
from hostdeck.core.intents.zones import redeploy_zone
from hostdeck.core.settings import Settings
from hostdeck.core.sim.fleet import SimFleet
from hostdeck.core.sim.powerdns import PowerDnsNode
from hostdeck.core.store.fleet_models import Server
from hostdeck.core.store.work_models import Record, Service, Task, ZoneDeploy
from hostdeck.queue.runner import Runner

TIERS = ("web01", "mx01", "ns01", "pdns01")
DOMAIN = "customer.test"


def status(service: int) -> ServiceStatus:
    return Service.get_by_id(service).status


def book(fleet: SimFleet) -> PowerDnsNode:
    account = fleet["pdns01"].account
    assert isinstance(account, PowerDnsNode)
    return account


def order(door: Door) -> int:
    return place_order(door, OrderForm(DOMAIN, "basic"))


def verbs(fleet: SimFleet) -> list[str]:
    """What was told to pdnsutil and pdns_control, without looks."""
    node = fleet["pdns01"]
    ran = [r.argv for r in node.journal if node.account.changes(r.argv)]
    return [argv[1] for argv in ran if argv[0].rsplit("/", 1)[-1] in ("pdnsutil", "pdns_control")]


def test_both_nameservers_have_the_zone_and_the_mark_is_in_its_account(
    store: Settings, runner: Runner, door: Door
) -> None:
    with sim_fleet(TIERS) as fleet:
        register(door, fleet)
        service = order(door)
        run_all_due(runner)
        assert status(service) is ServiceStatus.ACTIVE, error_of(service)
        zone = book(fleet).zones[DOMAIN]
        assert zone.account.startswith(f"hdk {service} ")
        assert len(zone.records) == Record.select().count() + 1
        assert any("v=DKIM1" in record.content for record in zone.records)
        assert tuple(zone.records) == book(fleet).served[DOMAIN]
        assert ZoneDeploy.select().where(ZoneDeploy.serial.is_null(False)).count() == 2


def test_a_zone_reaches_powerdns_in_one_load_and_a_second_run_changes_nothing(
    store: Settings, runner: Runner, door: Door
) -> None:
    with sim_fleet(TIERS) as fleet:
        register(door, fleet)
        order(door)
        run_all_due(runner)
        assert verbs(fleet) == ["load-zone", "set-account", "rectify-zone", "rediscover", "purge"]
        Task.update(status=TaskStatus.QUEUED, claim_no=0).where(Task.action == "dns.deployZone").execute()
        run_all_due(runner)
        assert verbs(fleet).count("load-zone") == 1


def test_a_changed_record_is_loaded_with_a_higher_serial(store: Settings, runner: Runner, door: Door) -> None:
    with sim_fleet(TIERS) as fleet:
        register(door, fleet)
        service = order(door)
        run_all_due(runner)
        before = int(ZoneDeploy.get(ZoneDeploy.server == Server.get(Server.name == "pdns01")).serial)
        Record.update(value="203.0.113.99").where(Record.name == "mail", Record.type == "A").execute()
        grant(door, service, Wish.REDEPLOY)
        run_all_due(runner)
        after = int(ZoneDeploy.get(ZoneDeploy.server == Server.get(Server.name == "pdns01")).serial)
        assert after > before
        assert any(record.content == "203.0.113.99" for record in book(fleet).served[DOMAIN])


def test_somebody_elses_zone_is_left_alone(store: Settings, runner: Runner, door: Door) -> None:
    with sim_fleet(TIERS) as fleet:
        register(door, fleet)
        run = book(fleet).run
        run(["pdnsutil", "create-zone", DOMAIN, "ns.other.net"])
        run(["pdnsutil", "set-account", DOMAIN, "another team"])
        before = book(fleet).zones[DOMAIN].text()
        service = order(door)
        run_all_due(runner)
        failed = Task.get(Task.action == "dns.deployZone", Task.server == Server.get(Server.name == "pdns01"))
        assert failed.status is TaskStatus.FAILED
        assert "another team" in failed.error
        grant(door, service, Wish.TERMINATE, DOMAIN)
        run_all_due(runner)
        assert book(fleet).zones[DOMAIN].text() == before


def test_the_empty_zone_of_a_load_that_failed_is_taken_up_again(store: Settings, runner: Runner, door: Door) -> None:
    with sim_fleet(TIERS) as fleet:
        register(door, fleet)
        book(fleet).run(["pdnsutil", "load-zone", DOMAIN, "/nowhere"])
        assert book(fleet).zones[DOMAIN].records == []
        service = order(door)
        run_all_due(runner)
        assert status(service) is ServiceStatus.ACTIVE, error_of(service)
        assert book(fleet).zones[DOMAIN].has_soa


def test_a_locked_database_is_tried_again(store: Settings, runner: Runner, door: Door) -> None:
    with sim_fleet(TIERS) as fleet:
        register(door, fleet)
        service = order(door)
        fleet["pdns01"].faults.add("load-zone=drop-after*1")
        run_all_due(runner)
        make_due()
        run_all_due(runner)
        assert status(service) is ServiceStatus.ACTIVE, error_of(service)
        assert statuses(service)["dns.deployZone@pdns01"] is TaskStatus.SUCCESS


def test_a_dead_powerdns_delays_nobody_else(store: Settings, runner: Runner, door: Door) -> None:
    with sim_fleet(TIERS, faults={"pdns01": ["connect=refuse"]}) as fleet:
        register(door, fleet)
        service = order(door)
        run_all_due(runner)
        assert status(service) is ServiceStatus.ACTIVE, error_of(service)
        assert statuses(service)["dns.deployZone@pdns01"] is TaskStatus.RETRYING


def test_termination_removes_the_zone_from_both(store: Settings, runner: Runner, door: Door) -> None:
    with sim_fleet(TIERS) as fleet:
        register(door, fleet)
        service = order(door)
        run_all_due(runner)
        grant(door, service, Wish.TERMINATE, DOMAIN)
        run_all_due(runner)
        assert status(service) is ServiceStatus.TERMINATED, error_of(service)
        assert (book(fleet).zones, book(fleet).served) == ({}, {})


def test_a_zone_that_could_not_be_looked_at_is_not_taken_for_gone(store: Settings, runner: Runner, door: Door) -> None:
    with sim_fleet(TIERS) as fleet:
        register(door, fleet)
        service = order(door)
        run_all_due(runner)
        fleet["pdns01"].faults.add("owned-zone=exit:7*1")
        grant(door, service, Wish.TERMINATE, DOMAIN)
        run_all_due(runner)
        assert statuses(service)["dns.removeZone@pdns01"] is TaskStatus.RETRYING
        assert DOMAIN in book(fleet).zones
        make_due()
        run_all_due(runner)
        assert status(service) is ServiceStatus.TERMINATED, error_of(service)
        assert book(fleet).zones == {}


def test_publishing_a_zone_again_mends_one_server_and_leaves_the_service_alone(
    store: Settings, runner: Runner, door: Door
) -> None:
    with sim_fleet(TIERS) as fleet:
        register(door, fleet)
        service = order(door)
        run_all_due(runner)
        run = Service.get_by_id(service).run
        book(fleet).run(["pdnsutil", "replace-rrset", DOMAIN, "mail", "A", "3600", "192.0.2.66"])
        fleet["pdns01"].faults.add("load-zone=exit:1*1")
        (task,) = redeploy_zone(door, DOMAIN, ["pdns01"])
        with pytest.raises(Conflict, match=r"publishes .* already"):
            redeploy_zone(door, DOMAIN)
        run_all_due(runner)
        assert Task.get_by_id(task).status is TaskStatus.FAILED
        assert status(service) is ServiceStatus.ACTIVE
        retry(door, task)
        run_all_due(runner)
        assert Task.get_by_id(task).status is TaskStatus.SUCCESS
        assert (status(service), Service.get_by_id(service).run) == (ServiceStatus.ACTIVE, run)
        assert not any("192.0.2.66" in record.content for record in book(fleet).served[DOMAIN])


def test_a_check_tells_how_the_node_is(store: Settings, runner: Runner, door: Door) -> None:
    with sim_fleet(TIERS) as fleet:
        register(door, fleet)
        check_server(door, "pdns01")
        run_all_due(runner)
        server = Server.get(Server.name == "pdns01")
        assert (server.health, server.health_error) == ("ok", None)
        assert server.health_facts["os"] == "debian 12"
        assert server.health_facts["panel_version"] == "4.7.3"
        assert server.health_facts["services_up"] == 1
