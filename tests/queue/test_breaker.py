"""A node that can't be reached parks its tasks: no attempt is burnt, and everybody sees why and until when."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.queue.conftest import make_due, run_all_due
from tests.simfleet import public_key, register, sim_fleet

from hostdeck.core.domain.vocabulary import ServiceStatus, TaskStatus
from hostdeck.core.intents.base import Door
from hostdeck.core.intents.fleet import activate_server, check_server
from hostdeck.core.intents.forms import OrderForm, ServerChange
from hostdeck.core.intents.servers import edit_server
from hostdeck.core.intents.services import place_order
from hostdeck.core.queries import fleet as fleet_queries
from hostdeck.core.queries.servers import detail as server_detail
from hostdeck.core.queries.tasks import task as task_detail
from hostdeck.core.settings import Settings
from hostdeck.core.store.due import all_due
from hostdeck.core.store.fields import utcnow
from hostdeck.core.store.figure_models import Breaker
from hostdeck.core.store.fleet_models import Server
from hostdeck.core.store.work_models import Service, Task
from hostdeck.core.transport.base import Login
from hostdeck.queue.nodes import login_of
from hostdeck.queue.runner import Runner
from hostdeck.screens.server_columns import note
from hostdeck.screens.server_status import status_text

NODES = ("web01", "mx01", "ns01")


def order(door: Door) -> int:
    return place_order(door, OrderForm("customer.com", "basic"))


def at_port(name: str, port: int) -> None:
    Server.update(ssh_port=port).where(Server.name == name).execute()


def try_until_parked(runner: Runner, name: str) -> Task:
    for _ in range(5):
        make_due()
        run_all_due(runner)
    return Task.select().join(Server).where(Server.name == name).order_by(Task.id).first()


def test_f14_five_refused_connections_park_the_nodes_tasks_and_the_others_go_on(
    any_store: Settings, any_runner: Runner, door: Door
) -> None:
    with sim_fleet(NODES) as fleet:
        register(door, fleet)
        port = fleet["web01"].port
        at_port("web01", 1)
        service = order(door)
        parked = try_until_parked(any_runner, "web01")
        assert (parked.status, parked.attempts) == (TaskStatus.RETRYING, 0)
        mail = Task.get(Task.service == service, Task.action == "mail.createUser")
        assert mail.status is TaskStatus.SUCCESS
        make_due()
        assert not any_runner.run(parked.id)
        assert parked.id not in all_due(utcnow())
        assert Breaker.get().failures == 5

        row = fleet_queries.server("web01")
        assert row.breaker is not None
        assert row.breaker.until is not None
        assert "not reachable at 127.0.0.1:1" in (row.health.error or "")
        words = task_detail(parked.id).parked or ""
        assert words.startswith("web01 does not answer; tried again in ")
        assert "tried again in" in fleet_queries.home().attention[0].text

        at_port("web01", port)
        Breaker.update(until=utcnow() - timedelta(seconds=1)).execute()
        run_all_due(any_runner)
        assert Breaker.select().count() == 0
        assert Service.get_by_id(service).status is ServiceStatus.ACTIVE


def test_past_its_pause_one_task_tries_and_a_failure_parks_them_all_for_longer(
    store: Settings, runner: Runner, door: Door
) -> None:
    with sim_fleet(NODES) as fleet:
        register(door, fleet)
        at_port("web01", 1)
        order(door)
        try_until_parked(runner, "web01")
        Breaker.update(until=utcnow() - timedelta(seconds=1)).execute()
        make_due()
        before = utcnow()
        run_all_due(runner)
        row = Breaker.get()
        assert (row.failures, row.opens) == (6, 2)
        assert row.until - before >= timedelta(seconds=119)


def test_f26_a_refused_login_parks_the_node_until_a_check_goes_well(
    store: Settings, runner: Runner, door: Door
) -> None:
    with sim_fleet(NODES) as fleet:
        register(door, fleet)
        node = fleet["web01"]
        kept = node.authorized, node.password, node.open_house
        node.authorized, node.password, node.open_house = [], "other", False
        order(door)
        place_order(door, OrderForm("other.com", "basic"))
        run_all_due(runner)
        of_web = Task.select().join(Server).where(Server.name == "web01")
        failed = [task for task in of_web if task.status is TaskStatus.FAILED]
        parked = [task for task in of_web if task.status is TaskStatus.QUEUED]
        assert len(failed) == 1
        assert parked
        assert "waits for an operator" in (task_detail(parked[0].id).parked or "")

        node.authorized, node.password, node.open_house = kept
        check = check_server(door, "web01")
        run_all_due(runner)
        assert Task.get_by_id(check).status is TaskStatus.SUCCESS
        assert Task.get_by_id(parked[0].id).status is TaskStatus.SUCCESS


def test_activating_a_server_lets_its_tasks_go_at_once(store: Settings, runner: Runner, door: Door) -> None:
    with sim_fleet(NODES) as fleet:
        register(door, fleet)
        port = fleet["web01"].port
        at_port("web01", 1)
        service = order(door)
        try_until_parked(runner, "web01")
        at_port("web01", port)
        activate_server(door, "web01", Server.get(Server.name == "web01").host_key)
        make_due()
        run_all_due(runner)
        assert Service.get_by_id(service).status is ServiceStatus.ACTIVE


def test_mending_a_servers_address_lets_its_tasks_go_at_once(store: Settings, runner: Runner, door: Door) -> None:
    with sim_fleet(NODES) as fleet:
        register(door, fleet)
        port = fleet["web01"].port
        at_port("web01", 1)
        service = order(door)
        try_until_parked(runner, "web01")
        edit_server(door, "web01", ServerChange(ssh_port=str(port), host_key=public_key(fleet["web01"])))
        make_due()
        run_all_due(runner)
        assert Service.get_by_id(service).status is ServiceStatus.ACTIVE


def test_a_parked_node_says_so_in_the_list_and_on_its_screen(store: Settings, runner: Runner, door: Door) -> None:
    with sim_fleet(("web01",)) as fleet:
        register(door, fleet)
        at_port("web01", 1)
        place_order(door, OrderForm("customer.com", "basic", options={"mail_disk_quota": "0"}))
        try_until_parked(runner, "web01")
        row = fleet_queries.server("web01")
        assert note(row).plain == "parked"
        now = utcnow()
        assert (
            "parked       web01 does not answer; tried again in"
            in status_text(server_detail("web01", now=now), now, None, 100).plain
        )


def test_a_check_that_meets_a_silent_node_does_not_let_its_refused_login_be_tried_again(
    store: Settings, runner: Runner, door: Door
) -> None:
    with sim_fleet(NODES) as fleet:
        register(door, fleet)
        node = fleet["web01"]
        node.authorized, node.password, node.open_house = [], "other", False
        order(door)
        place_order(door, OrderForm("other.com", "basic"))
        run_all_due(runner)
        parked = Task.get(Task.server == Server.get(Server.name == "web01"), Task.status == TaskStatus.QUEUED)
        at_port("web01", 1)
        check_server(door, "web01")
        run_all_due(runner)
        at_port("web01", node.port)
        run_all_due(runner)
        assert Task.get_by_id(parked.id).status is TaskStatus.QUEUED
        assert "waits for an operator" in (task_detail(parked.id).parked or "")


def test_a_login_refused_at_a_place_where_the_server_no_longer_is_parks_nothing(
    store: Settings, runner: Runner, door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An operator gives the right password while an attempt still tries the old one."""
    with sim_fleet(NODES) as fleet:
        register(door, fleet)
        node = fleet["web01"]
        node.authorized, node.password, node.open_house = [], "other", False
        order(door)
        place_order(door, OrderForm("other.com", "basic"))
        opened: list[str] = []

        def mended_meanwhile(row: Server, *rest: Any) -> Login:
            login = login_of(row, *rest)
            if row.name == "web01" and not opened:
                opened.append(row.name)
                edit_server(door, "web01", ServerChange(password="other"))
            return login

        monkeypatch.setattr("hostdeck.queue.runner.login_of", mended_meanwhile)
        run_all_due(runner)
        of_web = [task.status for task in Task.select().join(Server).where(Server.name == "web01")]
        assert Breaker.select().count() == 0
        assert of_web.count(TaskStatus.FAILED) == 1
        assert TaskStatus.SUCCESS in of_web
