"""Tickets of real steps on pretend nodes: opened by what fails for good, closed by what goes well."""

from __future__ import annotations

import pytest
from tests.queue.conftest import error_of, make_due, run_all_due
from tests.simfleet import register, sim_fleet

from hostdeck.core.domain.vocabulary import ServiceStatus
from hostdeck.core.domain.wishes import Wish
from hostdeck.core.intents.base import Door
from hostdeck.core.intents.fleet import check_server
from hostdeck.core.intents.forms import OrderForm
from hostdeck.core.intents.life import grant, resume
from hostdeck.core.intents.services import place_order
from hostdeck.core.intents.tickets import close_ticket
from hostdeck.core.intents.work import set_setting
from hostdeck.core.queries.tickets import tickets
from hostdeck.core.settings import Settings
from hostdeck.core.store.work_models import Notice, Service
from hostdeck.queue.runner import Runner

TIERS = ("web01", "mx01", "ns01", "ns02")


def ordered(door: Door) -> int:
    return place_order(door, OrderForm("customer.test", "basic"))


def known() -> list[tuple[str, str, int]]:
    return [(row.title, row.status, row.failures) for row in tickets()]


def test_a_step_that_fails_for_good_opens_one_and_resuming_closes_it(
    store: Settings, runner: Runner, door: Door
) -> None:
    with sim_fleet(TIERS, faults={"mx01": ["v-add-mail-domain=exit:2*2"]}) as fleet:
        register(door, fleet)
        service = ordered(door)
        title = "Configuring mail hosting failed: customer.test on mx01"
        run_all_due(runner)
        assert known() == [(title, "open", 1)]
        resume(door, service)
        run_all_due(runner)
        assert known() == [(title, "open", 2)]
        resume(door, service)
        run_all_due(runner)
        assert Service.get_by_id(service).status is ServiceStatus.ACTIVE, error_of(service)
        assert known() == [(title, "closed", 2)]
        assert [row.event for row in Notice.select().order_by(Notice.id)] == ["opened", "closed"]


def test_attempts_that_are_left_open_none(store: Settings, runner: Runner, door: Door) -> None:
    with sim_fleet(TIERS, faults={"mx01": ["v-add-mail-domain=exit:15*2"]}) as fleet:
        register(door, fleet)
        ordered(door)
        for _ in range(3):
            run_all_due(runner)
            make_due()
        assert known() == []


def test_a_nameserver_lane_has_its_ticket_although_the_service_is_active(
    store: Settings, runner: Runner, door: Door
) -> None:
    with sim_fleet(TIERS, faults={"ns02": ["v-add-dns-domain=exit:2*1"]}) as fleet:
        register(door, fleet)
        service = ordered(door)
        run_all_due(runner)
        assert Service.get_by_id(service).status is ServiceStatus.ACTIVE, error_of(service)
        assert known() == [("Publishing DNS zone failed: customer.test on ns02", "open", 1)]
        grant(door, service, Wish.REDEPLOY)
        run_all_due(runner)
        assert [state for _, state, _ in known()] == ["closed"]


def test_a_closed_ticket_leaves_its_task_and_the_next_failure_opens_another(
    store: Settings, runner: Runner, door: Door
) -> None:
    with sim_fleet(TIERS, faults={"mx01": ["v-add-mail-domain=exit:2*2"]}) as fleet:
        register(door, fleet)
        service = ordered(door)
        run_all_due(runner)
        close_ticket(door, tickets()[0].id)
        assert Service.get_by_id(service).status is ServiceStatus.ERROR
        resume(door, service)
        run_all_due(runner)
        assert [state for _, state, _ in known()] == ["open", "closed"]


@pytest.mark.parametrize("opened", [True, False])
def test_a_server_that_does_not_answer_has_its_ticket_where_the_settings_want_one(
    store: Settings, runner: Runner, door: Door, opened: bool
) -> None:
    set_setting(door, "ticket.open", str(int(opened)))
    with sim_fleet(("web01",)) as fleet:
        register(door, fleet)
        fleet["web01"].faults.add("connect=refuse")
        check_server(door, "web01")
        run_all_due(runner)
        assert [title for title, _, _ in known()] == (["Checking server failed: web01"] if opened else [])
        fleet["web01"].faults.clear()
        check_server(door, "web01")
        run_all_due(runner)
        assert [state for _, state, _ in known()] == (["closed"] if opened else [])
