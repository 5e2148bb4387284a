"""Figures come by and by, from every node, without a task and without standing in a deploy's way."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from tests.simfleet import public_key, register, sim_fleet
from tests.workers import wait_until, worker

from hostdeck.core.domain.action_names import Action
from hostdeck.core.domain.findings import Finding, HealthRead
from hostdeck.core.domain.vocabulary import HealthState, ServerStatus, ServiceStatus
from hostdeck.core.drivers.base import NodeDriver
from hostdeck.core.intents.base import Door
from hostdeck.core.intents.fleet import set_server_status
from hostdeck.core.intents.forms import OrderForm, ServerChange
from hostdeck.core.intents.servers import edit_server
from hostdeck.core.intents.services import place_order
from hostdeck.core.intents.work import set_setting
from hostdeck.core.settings import Settings
from hostdeck.core.sim.node import SimNode
from hostdeck.core.steps.server import CollectStatus
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


# ------------------------------------------------------------------------------- one node's trouble is nobody else's


def telling(node: SimNode, word: str, value: str) -> None:
    """The node's probe says this of that from now on."""
    account = node.account
    said = account.probe
    account.probe = lambda: re.sub(rf"(?m)^{word}=.*$", f"{word}={value}", said())  # type: ignore[method-assign]


def test_a_node_that_tells_nonsense_loses_nobody_elses_figures(collector: Collector, door: Door) -> None:
    with sim_fleet(NODES) as fleet:
        register(door, fleet)
        telling(fleet["web01"], "users", "inf")
        telling(fleet["mx01"], "load1", "nan")
        collector.collect()
        assert {server.name for server in Server.select() if server.health is HealthState.OK} == set(NODES)


def test_a_node_on_which_the_reading_itself_breaks_is_ill_alone(
    collector: Collector, door: Door, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A mistake of ours that only one node's answer brings out."""
    read = CollectStatus.read

    async def broken(step: CollectStatus, node: NodeDriver) -> tuple[Finding, ...]:
        if step.world.server == "mx01":
            raise ZeroDivisionError("secret words")
        return await read(step, node)

    monkeypatch.setattr(CollectStatus, "read", broken)
    with sim_fleet(NODES) as fleet:
        register(door, fleet)
        assert collector.collect() == 4 + 3
        assert {server.name for server in Server.select() if server.health is HealthState.OK} == set(NODES) - {"mx01"}
        assert of("mx01").health_error == "unexpected ZeroDivisionError; the worker's log has it whole"
        assert {row.server.name for row in ServerConfig.select()} == {"web01", "mx01", "ns01"}
    assert "ZeroDivisionError" in caplog.text


def test_figures_that_no_row_can_keep_lose_nobody_elses(
    collector: Collector, door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def huge(step: CollectStatus, node: NodeDriver) -> tuple[Finding, ...]:
        facts = await node.probe()
        if step.world.server == "mx01":
            facts["disk_used_mb"] = 10**30
        return (HealthRead(facts),)

    monkeypatch.setattr(CollectStatus, "read", huge)
    with sim_fleet(NODES) as fleet:
        register(door, fleet)
        collector.collect()
        assert {server.name for server in Server.select() if server.health is HealthState.OK} == set(NODES) - {"mx01"}


def test_a_credential_that_does_not_open_keeps_nobody_else_from_being_asked(collector: Collector, door: Door) -> None:
    with sim_fleet(NODES) as fleet:
        register(door, fleet)
        Server.update(credential="{}").where(Server.name == "mx01").execute()
        collector.collect()
        assert {server.name for server in Server.select() if server.health is HealthState.OK} == set(NODES) - {"mx01"}
        assert of("mx01").health is HealthState.ERROR


def test_what_was_met_where_a_server_no_longer_is_says_nothing_of_it(collector: Collector, door: Door) -> None:
    """An operator gives another key while a round still tries the old one: the breaker that this opened would wait for
    an operator who has acted already."""
    with sim_fleet(("web01",)) as fleet:
        register(door, fleet)
        node = fleet["web01"]
        node.authorized, node.password, node.open_house = [], "other", False
        row = of("web01")
        edit_server(door, "web01", ServerChange(password="other"))
        collector.ask([row], (Action.SERVER_COLLECT_STATUS,))
        assert Breaker.select().count() == 0
        assert of("web01").health is not HealthState.ERROR
        collector.collect()
        assert of("web01").health is HealthState.OK
