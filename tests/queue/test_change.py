"""Another product for a standing service: what it uses is held against it on every node before anything is sent."""

from __future__ import annotations

import pytest
from tests.provider import order, sell, settle_in
from tests.queue.conftest import error_of, run_all_due, statuses
from tests.simfleet import register, sim_fleet

from hostdeck.core.domain.vocabulary import Role, ServiceStatus, TaskStatus
from hostdeck.core.domain.wishes import Wish
from hostdeck.core.errors import Conflict
from hostdeck.core.intents.base import Door
from hostdeck.core.intents.fleet import add_group
from hostdeck.core.intents.forms import OrderForm, ProductForm
from hostdeck.core.intents.life import grant, plan_wish
from hostdeck.core.intents.products import add_product
from hostdeck.core.intents.services import place_order
from hostdeck.core.settings import Settings
from hostdeck.core.sim.fleet import SimFleet
from hostdeck.core.store.work_models import Run, Service
from hostdeck.queue.runner import Runner

NODES = ("web01", "mx01", "ns01")
DOMAIN = "customer.test"
ALL = tuple(Role)


def built(door: Door, runner: Runner, fleet: SimFleet, **options: str) -> int:
    register(door, fleet)
    add_product(door, ProductForm("large", "eu", "split", ALL, {"web_databases": "50", "web_disk_quota": "unlimited"}))
    add_product(door, ProductForm("small", "eu", "split", ALL, {"web_databases": "1", "mail_accounts": "1"}))
    service = place_order(door, OrderForm(DOMAIN, "basic", options=options))
    run_all_due(runner)
    assert Service.get_by_id(service).status is ServiceStatus.ACTIVE, error_of(service)
    return service


def limits_on(fleet: SimFleet, node: str, user: str) -> dict[str, str]:
    return dict(fleet[node].account.book.users[user].values)


def test_the_limits_of_another_product_converge_on_the_nodes(store: Settings, runner: Runner, door: Door) -> None:
    with sim_fleet(NODES) as fleet:
        service = built(door, runner, fleet)
        plan = plan_wish(door, service, Wish.CHANGE_PRODUCT, "large")
        assert "Databases: 5 becomes 50" in plan.changes
        grant(door, service, Wish.CHANGE_PRODUCT, product="large")
        run_all_due(runner)
        row = Service.get_by_id(service)
        assert (row.status, row.product.name) == (ServiceStatus.ACTIVE, "large")
        assert row.limits["web_databases"] == "50"
        assert limits_on(fleet, "web01", "customer-test-web")["DATABASES"] == "50"
        assert limits_on(fleet, "web01", "customer-test-web")["DISK_QUOTA"] == "unlimited"


def test_an_option_of_the_order_outlives_a_change_of_product(store: Settings, runner: Runner, door: Door) -> None:
    with sim_fleet(NODES) as fleet:
        service = built(door, runner, fleet, web_databases="9")
        grant(door, service, Wish.CHANGE_PRODUCT, product="large")
        run_all_due(runner)
        assert limits_on(fleet, "web01", "customer-test-web")["DATABASES"] == "9"


def test_a_plan_smaller_than_the_use_is_refused_before_anything_is_sent(
    store: Settings, runner: Runner, door: Door
) -> None:
    with sim_fleet(NODES) as fleet:
        service = built(door, runner, fleet)
        run = fleet["mx01"].account.run
        for name in ("anna", "ben"):
            run(["v-add-mail-account", "customer-test-mail", DOMAIN, name, "secret-9", "10"])
        for node in fleet.nodes.values():
            node.journal.clear()
        before = Service.get_by_id(service)
        change = grant(door, service, Wish.CHANGE_PRODUCT, product="small")
        run_all_due(runner)
        row = Service.get_by_id(service)
        assert (row.status, row.product_id, row.limits, row.run) == (
            ServiceStatus.ACTIVE, before.product_id, before.limits, before.run,
        )  # fmt: skip
        assert Run.get_by_id(change).detail["outcome"] == "refused"
        failed = [task for task in Run.get_by_id(change).tasks if task.status is TaskStatus.FAILED]
        assert "mailboxes 2 of 1" in failed[0].error
        changed = [ran.argv for node in fleet.nodes.values() for ran in node.journal if node.account.changes(ran.argv)]
        assert changed == []


def test_the_other_nodes_wait_for_the_last_check(store: Settings, runner: Runner, door: Door) -> None:
    with sim_fleet(NODES, faults={"mx01": ["connect=refuse*40"]}) as fleet:
        fleet["mx01"].faults.clear()
        service = built(door, runner, fleet)
        fleet["mx01"].faults.add("connect=refuse*40")
        for conn in list(fleet["mx01"].connections):
            conn.abort()
        fleet["web01"].journal.clear()
        grant(door, service, Wish.CHANGE_PRODUCT, product="large")
        run_all_due(runner)
        assert statuses(service)["web.checkLimits@web01"] is TaskStatus.SUCCESS
        assert not [ran for ran in fleet["web01"].journal if fleet["web01"].account.changes(ran.argv)]
        assert Service.get_by_id(service).product.name == "basic"


@pytest.mark.parametrize(
    ("form", "why"),
    [
        (ProductForm("p", "eu", "unified", ALL), r"mode is fixed after creation.*Order it anew.*\[SVC_MODE\]"),
        (ProductForm("p", "eu", "split", (Role.WEB, Role.DNS)), "would take away mail"),
        (ProductForm("p", "us", "split", ALL), "is built on group 'us'"),
        (None, "is of 'basic' already"),
    ],
)  # fmt: skip
def test_what_was_decided_at_the_order_stays_decided(
    store: Settings, runner: Runner, door: Door, form: ProductForm | None, why: str
) -> None:
    with sim_fleet((*NODES, "all01")) as fleet:
        service = built(door, runner, fleet)
        add_group(door, "us")
        if form is not None:
            add_product(door, form)
        with pytest.raises(Conflict, match=why):
            grant(door, service, Wish.CHANGE_PRODUCT, product=form.name if form else "basic")
        assert Service.get_by_id(service).status is ServiceStatus.ACTIVE


def test_a_sold_names_mailbox_gets_its_new_quota_unless_it_holds_more(
    store: Settings, runner: Runner, door: Door
) -> None:
    with sim_fleet(NODES) as fleet:
        settle_in(fleet)
        register(door, fleet)
        sell(door)
        for name, quota in (("wide", "2048"), ("narrow", "64")):
            add_product(door, ProductForm(name, "eu", "vanity", ALL, {"vanity_mail_quota": quota}))
        service = place_order(door, order("anna"))
        run_all_due(runner)
        grant(door, service, Wish.CHANGE_PRODUCT, product="wide")
        run_all_due(runner)
        box = next(
            b for b in fleet["mx01"].account.book.users["prov"].mailboxes["names.test"] if b["ACCOUNT"] == "anna"
        )
        assert box["QUOTA"] == "2048", error_of(service)
        box["U_DISK"] = "100"
        grant(door, service, Wish.CHANGE_PRODUCT, product="narrow")
        run_all_due(runner)
        assert box["QUOTA"] == "2048"
        assert Service.get_by_id(service).product.name == "wide"
