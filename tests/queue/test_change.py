"""Another product for a standing service: what it uses is held against it on every node before anything is sent."""

from __future__ import annotations

import pytest
from tests.provider import order, sell, settle_in
from tests.queue.conftest import error_of, make_due, run_all_due, statuses
from tests.simfleet import register, sim_fleet

from hostdeck.core.domain.vocabulary import Role, ServiceStatus, TaskStatus
from hostdeck.core.domain.wishes import Wish
from hostdeck.core.errors import Conflict, Invalid
from hostdeck.core.intents.base import Door
from hostdeck.core.intents.fleet import add_group
from hostdeck.core.intents.forms import OrderForm, ProductForm
from hostdeck.core.intents.life import grant, plan_wish
from hostdeck.core.intents.products import add_product
from hostdeck.core.intents.services import place_order
from hostdeck.core.queries.plans import refusal_of
from hostdeck.core.settings import Settings
from hostdeck.core.sim.fleet import SimFleet
from hostdeck.core.store import certificates, tasks
from hostdeck.core.store.clock import lease_time
from hostdeck.core.store.fields import utcnow
from hostdeck.core.store.processes import register_worker
from hostdeck.core.store.work_models import Certificate, Run, Service, Task, Ticket
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


def overfill(fleet: SimFleet) -> None:
    """More mailboxes than the small product allows."""
    for name in ("anna", "ben"):
        fleet["mx01"].account.run(["v-add-mail-account", "customer-test-mail", DOMAIN, name, "secret-9", "10"])


def claimed(task: Task) -> tasks.Claim:
    """The task as another worker holds it that is in the middle of it."""
    found = tasks.claim(task.id, register_worker().id, at=lease_time(), now=utcnow())
    assert found is not None
    return found.claim


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
        overfill(fleet)
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


def test_a_termination_that_overtakes_a_running_check_stays_the_services_run(
    store: Settings, runner: Runner, door: Door
) -> None:
    with sim_fleet(NODES) as fleet:
        service = built(door, runner, fleet)
        run = grant(door, service, Wish.CHANGE_PRODUCT, product="large")
        held = claimed(Task.get(Task.run == run, Task.action == "web.checkLimits"))
        end = grant(door, service, Wish.TERMINATE, DOMAIN)
        tasks.settle(held, tasks.Success(), now=utcnow())
        assert Service.get_by_id(service).run == end
        assert Run.get_by_id(run).detail["outcome"] == "overtaken"
        run_all_due(runner)
        row = Service.get_by_id(service)
        assert (row.status, row.product.name) == (ServiceStatus.TERMINATED, "basic"), error_of(service)


def test_a_change_that_was_overtaken_is_not_accepted_afterwards(store: Settings, runner: Runner, door: Door) -> None:
    """The one check there is passes when the termination has begun already."""
    with sim_fleet(NODES) as fleet:
        settle_in(fleet)
        register(door, fleet)
        sell(door)
        add_product(door, ProductForm("wide", "eu", "vanity", ALL, {"vanity_mail_quota": "2048"}))
        service = place_order(door, order("anna", vanity_site_disk_quota="0"))
        run_all_due(runner)
        run = grant(door, service, Wish.CHANGE_PRODUCT, product="wide")
        held = claimed(Task.get(Task.run == run, Task.action == "mail.checkMailbox"))
        grant(door, service, Wish.TERMINATE, "anna.names.test")
        tasks.settle(held, tasks.Success(), now=utcnow())
        assert Service.get_by_id(service).product.name == "name"
        assert refusal_of(run) == "another wish has taken the service over"


def reason(task: Task) -> str:
    """Without the words of the network: a line that is refused is now lost, now reset."""
    return (task.error or "").partition(" (")[0]


@pytest.mark.usefixtures("any_store")
def test_a_refused_change_leaves_what_the_service_was_waiting_for(any_runner: Runner, door: Door) -> None:
    """A nameserver that was down at the order is still given the zone once it is back."""
    runner = any_runner
    with sim_fleet((*NODES, "pdns01"), faults={"pdns01": ["connect=refuse*400"]}) as fleet:
        service = built(door, runner, fleet)
        overfill(fleet)
        left = {task.id: (task.status, reason(task)) for task in Service.get_by_id(service).tasks}
        grant(door, service, Wish.CHANGE_PRODUCT, product="small")
        run_all_due(runner)
        row = Service.get_by_id(service)
        assert (row.status, row.product.name) == (ServiceStatus.ACTIVE, "basic")
        now = {task.id: (task.status, reason(task)) for task in row.tasks if task.id in left}
        assert now == left
        assert Run.get_by_id(row.run).finished_at is None
        fleet["pdns01"].faults.clear()
        for _ in range(3):
            make_due()
            run_all_due(runner)
        assert DOMAIN in fleet["pdns01"].account.zones


@pytest.mark.parametrize("stopped", [False, True])
def test_a_refused_change_lets_go_on_what_it_had_asked_to_stop(
    store: Settings, runner: Runner, door: Door, stopped: bool
) -> None:
    """Whether or not the step under way has heeded that by then."""
    with sim_fleet((*NODES, "pdns01"), faults={"pdns01": ["connect=refuse*400"]}) as fleet:
        service = built(door, runner, fleet)
        overfill(fleet)
        make_due()
        zone = Task.get(Task.status == TaskStatus.RETRYING)
        # The change would publish the same zone and be refused: two tasks of one kind are never under way.
        Task.update(target="another.test").where(Task.id == zone.id).execute()
        held = claimed(zone)
        grant(door, service, Wish.CHANGE_PRODUCT, product="small")
        assert Task.get_by_id(zone.id).cancel_asked
        if stopped:
            tasks.settle(held, tasks.Cancelled(), now=utcnow())
        run_all_due(runner)
        assert Service.get_by_id(service).product.name == "basic"
        row = Task.get_by_id(zone.id)
        assert (row.status, row.cancel_asked) == (TaskStatus.RETRYING if stopped else TaskStatus.RUNNING, False)


def test_a_refused_change_leaves_the_certificates_word_as_it_was(store: Settings, runner: Runner, door: Door) -> None:
    with sim_fleet(NODES) as fleet:
        service = built(door, runner, fleet)
        Certificate.update(failures=2, reason="asked twice in vain", next_try=utcnow()).where(
            Certificate.kind == "mail"
        ).execute()
        Task.update(status=TaskStatus.CANCELLED).where(Task.target == f"mail.{DOMAIN}").execute()
        before = certificates.kept(service)
        overfill(fleet)
        grant(door, service, Wish.CHANGE_PRODUCT, product="small")
        assert certificates.kept(service) != before
        run_all_due(runner)
        assert Service.get_by_id(service).product.name == "basic"
        assert certificates.kept(service) == before


def test_a_full_mailbox_does_not_keep_a_service_from_being_opened(store: Settings, runner: Runner, door: Door) -> None:
    """Only a change of product asks whether it fits."""
    with sim_fleet(NODES) as fleet:
        settle_in(fleet)
        register(door, fleet)
        sell(door)
        service = place_order(door, order("anna"))
        run_all_due(runner)
        grant(door, service, Wish.SUSPEND)
        run_all_due(runner)
        boxes = fleet["mx01"].account.book.users["prov"].mailboxes["names.test"]
        next(box for box in boxes if box["ACCOUNT"] == "anna")["U_DISK"] = "513"
        grant(door, service, Wish.UNSUSPEND)
        run_all_due(runner)
        assert Service.get_by_id(service).status is ServiceStatus.ACTIVE, error_of(service)


def test_a_refused_change_of_a_sold_name_opens_no_ticket(store: Settings, runner: Runner, door: Door) -> None:
    with sim_fleet(NODES) as fleet:
        settle_in(fleet)
        register(door, fleet)
        sell(door)
        add_product(door, ProductForm("narrow", "eu", "vanity", ALL, {"vanity_mail_quota": "64"}))
        service = place_order(door, order("anna"))
        run_all_due(runner)
        boxes = fleet["mx01"].account.book.users["prov"].mailboxes["names.test"]
        next(box for box in boxes if box["ACCOUNT"] == "anna")["U_DISK"] = "100"
        run = grant(door, service, Wish.CHANGE_PRODUCT, product="narrow")
        run_all_due(runner)
        assert Run.get_by_id(run).detail["outcome"] == "refused"
        failed = Task.get(Task.run == run, Task.status == TaskStatus.FAILED)
        assert "[PLAN_SMALLER]" in failed.error
        assert not Ticket.select().where(Ticket.status == "open").exists()


def test_a_change_to_a_last_backup_that_could_never_be_taken_is_refused(
    store: Settings, runner: Runner, door: Door
) -> None:
    with sim_fleet(NODES) as fleet:
        service = built(door, runner, fleet, web_backups="0")
        add_product(door, ProductForm("kept", "eu", "split", ALL, {"final_backup": "yes"}))
        with pytest.raises(Invalid, match="web_backups is 0"):
            place_order(door, OrderForm("other.test", "kept", options={"web_backups": "0"}))
        with pytest.raises(Invalid, match="web_backups is 0"):
            grant(door, service, Wish.CHANGE_PRODUCT, product="kept")
