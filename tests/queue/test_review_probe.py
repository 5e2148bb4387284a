"""Probes of a hostile review: each states what should hold, and failed when it was written."""

from __future__ import annotations

import pytest
from tests.provider import order
from tests.queue.conftest import error_of, make_due, run_all_due
from tests.queue.test_change import built as basic
from tests.queue.test_vanity import DOMAIN, NODES, built, for_sale, mailboxes, status
from tests.simfleet import sim_fleet

from hostdeck.core.domain.vocabulary import Role, ServiceStatus, TaskStatus
from hostdeck.core.domain.wishes import Wish
from hostdeck.core.errors import Refused
from hostdeck.core.intents.base import Door
from hostdeck.core.intents.forms import OrderForm, ProductForm
from hostdeck.core.intents.life import ask_nodes, grant, plan_wish
from hostdeck.core.intents.products import add_product
from hostdeck.core.intents.services import place_order
from hostdeck.core.intents.zones import redeploy_zone
from hostdeck.core.queries.plans import plan_view
from hostdeck.core.settings import Settings
from hostdeck.core.sim.fleet import SimFleet
from hostdeck.core.store import tasks
from hostdeck.core.store.clock import lease_time
from hostdeck.core.store.fields import utcnow
from hostdeck.core.store.work_models import Certificate, Run, Service, Task, Ticket
from hostdeck.queue.runner import Runner

# ------------------------------------------------------------------------------------------------- vanity: the ledger


def test_a_full_mailbox_does_not_keep_a_service_from_being_opened(store: Settings, runner: Runner, door: Door) -> None:
    """The check of a change of product runs in every deployment: one MB over the quota, and nothing is repaired."""
    with sim_fleet(NODES) as fleet:
        for_sale(door, fleet)
        service = built(door, runner, fleet)
        grant(door, service, Wish.SUSPEND)
        run_all_due(runner)
        mailboxes(fleet)["anna"]["U_DISK"] = "513"
        grant(door, service, Wish.UNSUSPEND)
        run_all_due(runner)
        assert status(service) is ServiceStatus.ACTIVE, error_of(service)


# ---------------------------------------------------------------------------------------------------- change of product


def small(door: Door, fleet: SimFleet) -> None:
    run = fleet["mx01"].account.run
    for name in ("anna", "ben"):
        run(["v-add-mail-account", "customer-test-mail", "customer.test", name, "secret-9", "10"])


def test_a_termination_that_overtakes_a_running_check_stays_the_services_run(
    store: Settings, runner: Runner, door: Door
) -> None:
    with sim_fleet(("web01", "mx01", "ns01")) as fleet:
        service = basic(door, runner, fleet)
        run = grant(door, service, Wish.CHANGE_PRODUCT, product="large")
        check = Task.get(Task.run == run, Task.action == "web.checkLimits")
        claimed = tasks.claim(check.id, Service.get_by_id(service).run, at=lease_time(), now=utcnow())
        assert claimed is not None
        end = grant(door, service, Wish.TERMINATE, "customer.test")
        tasks.settle(claimed.claim, tasks.Success(), now=utcnow())
        assert Service.get_by_id(service).run == end
        run_all_due(runner)
        assert status(service) is ServiceStatus.TERMINATED


def test_a_refused_change_leaves_what_the_service_was_waiting_for(store: Settings, runner: Runner, door: Door) -> None:
    """A nameserver that was down at the order is still given the zone once it is back."""
    with sim_fleet(("web01", "mx01", "ns01", "pdns01"), faults={"pdns01": ["connect=refuse*400"]}) as fleet:
        service = basic(door, runner, fleet)
        small(door, fleet)
        grant(door, service, Wish.CHANGE_PRODUCT, product="small")
        run_all_due(runner)
        assert status(service) is ServiceStatus.ACTIVE
        assert Service.get_by_id(service).product.name == "basic"
        fleet["pdns01"].faults.clear()
        for _ in range(3):
            make_due()
            run_all_due(runner)
        assert "customer.test" in fleet["pdns01"].account.zones


def test_a_refused_change_leaves_the_certificates_word_as_it_was(store: Settings, runner: Runner, door: Door) -> None:
    with sim_fleet(("web01", "mx01", "ns01")) as fleet:
        service = basic(door, runner, fleet)
        before = {row.kind: row.state for row in Certificate.select()}
        small(door, fleet)
        grant(door, service, Wish.CHANGE_PRODUCT, product="small")
        run_all_due(runner)
        assert Service.get_by_id(service).product.name == "basic"
        assert {row.kind: row.state for row in Certificate.select()} == before


def test_a_refused_change_of_a_sold_name_opens_no_ticket(store: Settings, runner: Runner, door: Door) -> None:
    with sim_fleet(NODES) as fleet:
        for_sale(door, fleet)
        add_product(door, ProductForm("narrow", "eu", "vanity", tuple(Role), {"vanity_mail_quota": "64"}))
        service = built(door, runner, fleet)
        mailboxes(fleet)["anna"]["U_DISK"] = "100"
        grant(door, service, Wish.CHANGE_PRODUCT, product="narrow")
        run_all_due(runner)
        assert Run.select().order_by(Run.id.desc()).first().detail["outcome"] == "refused"
        assert not Ticket.select().where(Ticket.status == "open").exists()


# ---------------------------------------------------------------------------------------------------------------- plans


def test_a_plan_that_a_node_did_not_answer_does_not_call_itself_read(
    store: Settings, runner: Runner, door: Door
) -> None:
    with sim_fleet(("web01", "mx01", "ns01")) as fleet:
        service = basic(door, runner, fleet)
        fleet["mx01"].faults.add("connect=refuse*40")
        for conn in list(fleet["mx01"].connections):
            conn.abort()
        number = ask_nodes(door, service, Wish.TERMINATE)
        run_all_due(runner)
        shown = plan_view(plan_wish(door, service, Wish.TERMINATE), number)
        assert any(task.commands is None for task in shown.tasks)
        assert not shown.read


def test_exactly_what_the_plan_showed_or_nothing(store: Settings, runner: Runner, door: Door) -> None:
    """A task whose reading ended in an error is sent without any bound."""
    with sim_fleet(("web01", "mx01", "ns01")) as fleet:
        service = basic(door, runner, fleet)
        name = fleet["web01"].account.book.users["customer-test-web"].values["NAME"]
        fleet["web01"].account.run(["v-change-user-name", "customer-test-web", "somebody else"])
        number = ask_nodes(door, service, Wish.TERMINATE)
        run_all_due(runner)
        shown = plan_view(plan_wish(door, service, Wish.TERMINATE), number)
        told = next(task for task in shown.tasks if task.action == "web.removeUser")
        assert told.commands == ()
        fleet["web01"].account.run(["v-change-user-name", "customer-test-web", name])
        grant(door, service, Wish.TERMINATE, "customer.test", plan=number)
        run_all_due(runner)
        assert "customer-test-web" in fleet["web01"].account.book.users, "removed, although the plan did not say so"


def test_a_redeployment_that_brings_a_new_key_keeps_to_its_plan(store: Settings, runner: Runner, door: Door) -> None:
    """The mail domain is gone: its new DKIM key changes the zone, which the plan calls right."""
    with sim_fleet(("web01", "mx01", "ns01", "pdns01")) as fleet:
        service = basic(door, runner, fleet)
        fleet["mx01"].account.run(["v-delete-mail-domain", "customer-test-mail", "customer.test"])
        number = ask_nodes(door, service, Wish.REDEPLOY)
        run_all_due(runner)
        grant(door, service, Wish.REDEPLOY, plan=number)
        run_all_due(runner)
        assert status(service) is ServiceStatus.ACTIVE, error_of(service)


# ---------------------------------------------------------------------------------------------------------------- zones


def test_a_zone_that_waits_to_be_published_does_not_outlive_its_service(
    store: Settings, runner: Runner, door: Door
) -> None:
    with sim_fleet(("web01", "mx01", "ns01", "pdns01")) as fleet:
        service = basic(door, runner, fleet)
        fleet["pdns01"].faults.add("connect=refuse*40")
        for conn in list(fleet["pdns01"].connections):
            conn.abort()
        (publish,) = redeploy_zone(door, "customer.test", ["pdns01"])
        runner.run(publish)
        assert Task.get_by_id(publish).status is TaskStatus.RETRYING
        fleet["pdns01"].faults.clear()
        grant(door, service, Wish.TERMINATE, "customer.test")
        for _ in range(3):
            run_all_due(runner)
            make_due()
        assert status(service) is ServiceStatus.TERMINATED, error_of(service)
        assert "customer.test" not in fleet["pdns01"].account.zones


# ------------------------------------------------------------------------------------------------------- a second round


def test_a_product_whose_last_backup_could_never_be_taken_is_refused(
    store: Settings, runner: Runner, door: Door
) -> None:
    with sim_fleet(NODES) as fleet:
        for_sale(door, fleet)
        limits = {"final_backup": "yes", "web_backups": "0"}
        try:
            add_product(door, ProductForm("kept", "eu", "vanity", tuple(Role), limits))
        except Refused:
            return
        service = place_order(door, OrderForm("", "kept", fields={"vanity_name": "anna"}))
        run_all_due(runner)
        grant(door, service, Wish.TERMINATE, DOMAIN)
        for _ in range(3):
            run_all_due(runner)
            fleet["web01"].account.run_backup_queue()
            make_due()
        assert status(service) is ServiceStatus.TERMINATED, error_of(service)


def test_a_change_to_a_last_backup_that_could_never_be_taken_is_refused(
    store: Settings, runner: Runner, door: Door
) -> None:
    with sim_fleet(("web01", "mx01", "ns01")) as fleet:
        service = basic(door, runner, fleet, web_backups="0")
        add_product(door, ProductForm("kept", "eu", "split", tuple(Role), {"final_backup": "yes"}))
        with pytest.raises(Refused):
            place_order(door, OrderForm("other.test", "kept", options={"web_backups": "0"}))
        with pytest.raises(Refused):
            grant(door, service, Wish.CHANGE_PRODUCT, product="kept")


def test_a_change_that_was_overtaken_is_not_accepted_afterwards(store: Settings, runner: Runner, door: Door) -> None:
    with sim_fleet(NODES) as fleet:
        for_sale(door, fleet)
        add_product(door, ProductForm("wide", "eu", "vanity", tuple(Role), {"vanity_mail_quota": "2048"}))
        service = place_order(door, order("anna", vanity_site_disk_quota="0"))
        run_all_due(runner)
        run = grant(door, service, Wish.CHANGE_PRODUCT, product="wide")
        check = Task.get(Task.run == run, Task.action == "mail.checkMailbox")
        claimed = tasks.claim(check.id, 1, at=lease_time(), now=utcnow())
        assert claimed is not None
        grant(door, service, Wish.TERMINATE, DOMAIN)
        tasks.settle(claimed.claim, tasks.Success(), now=utcnow())
        assert Service.get_by_id(service).product.name == "name"
