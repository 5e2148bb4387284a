"""Figures come by and by, from every node, without a task and without standing in a deploy's way."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from tests.simfleet import public_key, register, sim_fleet
from tests.workers import wait_until, worker

from hostdeck.core.domain.vocabulary import HealthState, ServerStatus, ServiceStatus
from hostdeck.core.intents.base import Door
from hostdeck.core.intents.fleet import set_server_status
from hostdeck.core.intents.forms import OrderForm
from hostdeck.core.intents.services import place_order
from hostdeck.core.intents.work import set_setting
from hostdeck.core.settings import Settings
from hostdeck.core.store import collecting
from hostdeck.core.store.config_models import ServerConfig
from hostdeck.core.store.fields import utcnow
from hostdeck.core.store.figure_models import Breaker, CapacityDay, HealthSample
from hostdeck.core.store.fleet_models import Server
from hostdeck.core.store.seal import read_worker_key
from hostdeck.core.store.work_models import Service, Task
from hostdeck.core.transport.pool import SshPool
from hostdeck.queue.collect import Collector

NODES = ("web01", "mx01", "ns01", "pdns01")


@pytest.fixture
def collector(any_store: Settings) -> Iterator[Collector]:
    pool = SshPool()
    yield Collector(pool, read_worker_key(any_store.worker_key), any_store)
    pool.close()


def of(name: str) -> Server:
    return Server.get(Server.name == name)


def test_one_look_fills_the_figures_of_every_node_and_writes_no_task(collector: Collector, door: Door) -> None:
    with sim_fleet(NODES) as fleet:
        register(door, fleet)
        assert collector.collect() == 4 + 3
        assert {server.health for server in Server.select()} == {HealthState.OK}
        assert {sample.server.name for sample in HealthSample.select()} == set(NODES)
        assert CapacityDay.select().count() == 4
        assert {row.server.name for row in ServerConfig.select()} == {"web01", "mx01", "ns01"}
        assert Task.select().count() == 0
        assert collector.collect() == 0, "nobody is asked twice in one interval"


def test_two_workers_never_ask_the_same_node(collector: Collector, door: Door) -> None:
    with sim_fleet(NODES) as fleet:
        register(door, fleet)
        now = utcnow()
        first = collecting.take_due(collecting.STATUS, 300, now)
        assert {row.name for row in first} == set(NODES)
        assert collecting.take_due(collecting.STATUS, 300, now) == []


def test_a_day_keeps_one_line_and_old_figures_go(collector: Collector, door: Door) -> None:
    with sim_fleet(("web01",)) as fleet:
        register(door, fleet)
        server = of("web01")
        HealthSample.create(server=server, at=utcnow() - timedelta(hours=49), cpu=1.0)
        for _ in range(3):
            collecting.soon(server.id, utcnow())
            assert collector.collect() >= 1
        assert HealthSample.select().count() == 3
        assert CapacityDay.select().count() == 1


def test_who_is_disabled_or_quarantined_is_not_called_at(collector: Collector, door: Door) -> None:
    with sim_fleet(NODES) as fleet:
        register(door, fleet)
        set_server_status(door, "web01", ServerStatus.DISABLED)
        set_server_status(door, "mx01", ServerStatus.DRAINING)
        Server.update(host_key=public_key(fleet["mx01"])).where(Server.name == "ns01").execute()
        collector.collect()
        assert of("web01").collected_at is None
        assert of("mx01").health is HealthState.OK
        assert of("ns01").status is ServerStatus.QUARANTINED
        assert fleet["ns01"].journal == []


def test_a_dead_node_opens_its_breaker_and_is_then_asked_only_when_it_is_tried_again(
    collector: Collector, door: Door
) -> None:
    with sim_fleet(NODES) as fleet:
        register(door, fleet)
        port = of("web01").ssh_port
        Server.update(ssh_port=1).where(Server.name == "web01").execute()
        for _ in range(5):
            collecting.soon(of("web01").id, utcnow())
            collector.collect()
        assert "not reachable at 127.0.0.1:1" in of("web01").health_error
        collecting.soon(of("web01").id, utcnow())
        assert collector.collect() == 0
        Server.update(ssh_port=port).where(Server.name == "web01").execute()
        Breaker.update(until=utcnow() - timedelta(seconds=1)).execute()
        assert collector.collect() >= 1
        assert Breaker.select().count() == 0
        assert (of("web01").health, of("web01").health_error) == (HealthState.OK, None)


def test_a_refused_login_is_tried_once_and_never_again_by_itself(collector: Collector, door: Door) -> None:
    with sim_fleet(("web01",)) as fleet:
        register(door, fleet)
        node = fleet["web01"]
        node.authorized, node.password, node.open_house = [], "other", False
        for _ in range(3):
            collecting.soon(of("web01").id, utcnow())
            collector.collect()
        assert Breaker.get().failures == 1
        assert "login as root" in of("web01").health_error


def test_a_worker_collects_by_itself_while_it_deploys(store: Settings, door: Door) -> None:
    with sim_fleet(("web01", "mx01", "ns01"), latency_ms=100) as fleet:
        register(door, fleet)
        set_setting(door, "collect.every", "5")
        with worker(store):
            service = place_order(door, OrderForm("customer.test", "basic"))
            wait_until(lambda: Service.get_by_id(service).status is ServiceStatus.ACTIVE)
            wait_until(lambda: HealthSample.select().where(HealthSample.server == of("web01").id).count() >= 2)
        assert not any(node.overlaps for node in fleet.nodes.values())


def test_twenty_silent_nodes_do_not_hold_up_a_deploy(store: Settings, door: Door) -> None:
    """Their connections hang for ten seconds and more; the order beside them is done before the first gives up."""
    with sim_fleet(("web01", "mx01", "ns01")) as fleet, socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(64)  # connections stand, and nobody ever says a word
        register(door, fleet)
        quiet = of("web01").__data__
        kept = {key: quiet[key] for key in ("host_key", "credential", "ip", "ssh_username", "driver")}
        for number in range(20):
            where = {"hostname": "127.0.0.1", "ssh_port": listener.getsockname()[1]}
            Server.create(uuid=f"silent{number}", name=f"silent{number}", **where, **kept)
        with worker(store):
            began = time.monotonic()
            service = place_order(door, OrderForm("customer.test", "basic"))
            wait_until(lambda: Service.get_by_id(service).status is ServiceStatus.ACTIVE)
            assert time.monotonic() - began < 10
        assert not HealthSample.select().join(Server).where(Server.name.startswith("silent")).exists()
