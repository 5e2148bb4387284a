"""A service after its deployment: suspended, opened, redeployed, resumed and terminated on pretend nodes."""

from __future__ import annotations

import pytest
from tests.queue.conftest import error_of, make_due, run_all_due, statuses
from tests.simfleet import register, sim_fleet

from hostdeck.core.domain.vocabulary import Role, ServiceStatus, TaskStatus
from hostdeck.core.domain.wishes import Wish
from hostdeck.core.errors import Conflict, Invalid
from hostdeck.core.intents.accounts import rename_account
from hostdeck.core.intents.base import Door
from hostdeck.core.intents.forms import OrderForm, ProductForm
from hostdeck.core.intents.life import ask_nodes, grant, plan_wish, resume
from hostdeck.core.intents.products import add_product
from hostdeck.core.intents.services import place_order
from hostdeck.core.intents.work import retry
from hostdeck.core.intents.zones import redeploy_zone
from hostdeck.core.queries.tasks import task
from hostdeck.core.settings import Settings
from hostdeck.core.sim.fleet import SimFleet
from hostdeck.core.store.fleet_models import Server
from hostdeck.core.store.work_models import Account, Service, Task
from hostdeck.queue.runner import Runner

TIERS = ("web01", "mx01", "ns01", "ns02")
DOMAIN = "customer.test"


def status(service: int) -> ServiceStatus:
    return Service.get_by_id(service).status


def built(door: Door, runner: Runner, fleet: SimFleet, mode: str = "split") -> int:
    register(door, fleet)
    if mode == "unified":
        add_product(door, ProductForm("one", "eu", "unified", tuple(Role)))
    service = place_order(door, OrderForm(DOMAIN, "basic" if mode == "split" else "one"))
    run_all_due(runner)
    assert status(service) is ServiceStatus.ACTIVE, error_of(service)
    return service


def listing(fleet: SimFleet, node: str, *argv: str) -> str:
    return fleet[node].account.run([*argv, "json"]).stdout


def state(fleet: SimFleet) -> dict[str, tuple[str, ...]]:
    """What each node holds: its users, its packages and its passwd lines."""
    shown = {}
    for name, node in fleet.nodes.items():
        run = node.account.run
        users = run(["v-list-users", "plain"]).stdout
        packages = run(["v-list-user-packages", "plain"]).stdout
        shown[name] = (users, packages, run(["cat", "/etc/passwd"]).stdout)
    return shown


def test_a_suspended_service_is_suspended_on_the_node_and_opens_again(
    store: Settings, runner: Runner, door: Door
) -> None:
    with sim_fleet(TIERS) as fleet:
        service = built(door, runner, fleet)
        grant(door, service, Wish.SUSPEND)
        assert status(service) is ServiceStatus.SUSPENDING
        run_all_due(runner)
        assert status(service) is ServiceStatus.SUSPENDED, error_of(service)
        assert '"SUSPENDED": "yes"' in listing(fleet, "web01", "v-list-web-domain", "customer-test-web", DOMAIN)
        assert '"SUSPENDED": "yes"' in listing(fleet, "mx01", "v-list-mail-domain", "customer-test-mail", DOMAIN)
        assert '"SUSPENDED": "no"' in listing(fleet, "ns01", "v-list-dns-domain", "customer-test-dns", DOMAIN)
        grant(door, service, Wish.UNSUSPEND)
        assert status(service) is ServiceStatus.SUSPENDED
        run_all_due(runner)
        assert status(service) is ServiceStatus.ACTIVE, error_of(service)
        assert '"SUSPENDED": "no"' in listing(fleet, "web01", "v-list-web-domain", "customer-test-web", DOMAIN)


def test_a_site_that_is_listed_as_suspended_and_still_served_is_reloaded(
    store: Settings, runner: Runner, door: Door
) -> None:
    with sim_fleet(TIERS) as fleet:
        service = built(door, runner, fleet)
        node = fleet["web01"].account
        node.run(["v-suspend-user", "customer-test-web", "no"])
        assert node.site(DOMAIN) == "live"
        grant(door, service, Wish.SUSPEND)
        run_all_due(runner)
        assert status(service) is ServiceStatus.SUSPENDED, error_of(service)
        assert node.site(DOMAIN) == "suspended"


def test_a_domain_that_somebody_opened_by_hand_is_suspended_again(store: Settings, runner: Runner, door: Door) -> None:
    with sim_fleet(TIERS) as fleet:
        service = built(door, runner, fleet)
        node = fleet["web01"].account
        node.run(["v-suspend-user", "customer-test-web", "no"])
        node.run(["v-unsuspend-web-domain", "customer-test-web", DOMAIN, "no"])
        grant(door, service, Wish.SUSPEND)
        run_all_due(runner)
        assert status(service) is ServiceStatus.SUSPENDED, error_of(service)
        assert '"SUSPENDED": "yes"' in listing(fleet, "web01", "v-list-web-domain", "customer-test-web", DOMAIN)


def test_opening_a_unified_account_puts_its_zone_right(store: Settings, runner: Runner, door: Door) -> None:
    with sim_fleet(("all01", "ns01")) as fleet:
        service = built(door, runner, fleet, "unified")
        wanted = listing(fleet, "ns01", "v-list-dns-records", "customer-test-dns", DOMAIN).count('"TYPE"')
        for wish in (Wish.SUSPEND, Wish.UNSUSPEND):
            grant(door, service, wish)
            run_all_due(runner)
        assert status(service) is ServiceStatus.ACTIVE, error_of(service)
        assert "dns.deployZone@all01" in statuses(service)
        assert listing(fleet, "all01", "v-list-dns-records", "customer-test", DOMAIN).count('"TYPE"') == wanted


@pytest.mark.parametrize("mode", ["split", "unified"])
def test_a_terminated_service_leaves_the_nodes_as_they_were(
    store: Settings, runner: Runner, door: Door, mode: str
) -> None:
    names = TIERS if mode == "split" else ("all01", "ns01")
    with sim_fleet(names) as fleet:
        before = state(fleet)
        service = built(door, runner, fleet, mode)
        grant(door, service, Wish.TERMINATE, "Customer.test")
        assert status(service) is ServiceStatus.TERMINATING
        run_all_due(runner)
        assert status(service) is ServiceStatus.TERMINATED, error_of(service)
        assert state(fleet) == before
        assert [server.accounts for server in Server.select()] == [0] * len(names)
        assert not Account.select().exists()
        assert place_order(door, OrderForm(DOMAIN, "basic" if mode == "split" else "one")) != service


def test_terminating_needs_the_domain_typed(store: Settings, runner: Runner, door: Door) -> None:
    with sim_fleet(TIERS) as fleet:
        service = built(door, runner, fleet)
        with pytest.raises(Invalid, match=DOMAIN):
            grant(door, service, Wish.TERMINATE, "yes")
        assert status(service) is ServiceStatus.ACTIVE


def test_somebody_elses_account_of_that_name_outlives_the_termination(
    store: Settings, runner: Runner, door: Door
) -> None:
    with sim_fleet(TIERS) as fleet:
        service = built(door, runner, fleet)
        node = fleet["web01"].account
        node.run(["v-change-user-name", "customer-test-web", "somebody else"])
        grant(door, service, Wish.TERMINATE, DOMAIN)
        run_all_due(runner)
        assert status(service) is ServiceStatus.ERROR
        assert "somebody else" in error_of(service)
        assert "customer-test-web" in listing(fleet, "web01", "v-list-user", "customer-test-web")
        assert "doesn't exist" in listing(fleet, "mx01", "v-list-user", "customer-test-mail")


def test_f44_termination_outranks_a_deployment_under_way(store: Settings, runner: Runner, door: Door) -> None:
    with sim_fleet(TIERS) as fleet:
        before = state(fleet)
        register(door, fleet)
        service = place_order(door, OrderForm(DOMAIN, "basic"))
        first = Task.select().where(Task.service == service).order_by(Task.id)
        for task in list(first)[:2]:
            runner.run(task.id)
        grant(door, service, Wish.TERMINATE, DOMAIN)
        run_all_due(runner)
        assert status(service) is ServiceStatus.TERMINATED, error_of(service)
        assert state(fleet) == before
        assert Server.select().where(Server.accounts > 0).count() == 0


def test_a_redeploy_brings_back_what_is_missing_and_passes_over_the_rest(
    store: Settings, runner: Runner, door: Door
) -> None:
    with sim_fleet(TIERS) as fleet:
        service = built(door, runner, fleet)
        fleet["web01"].account.run(["v-delete-web-domain", "customer-test-web", DOMAIN, "no"])
        fleet["mx01"].journal.clear()
        grant(door, service, Wish.REDEPLOY)
        run_all_due(runner)
        assert status(service) is ServiceStatus.ACTIVE, error_of(service)
        assert DOMAIN in listing(fleet, "web01", "v-list-web-domain", "customer-test-web", DOMAIN)
        node = fleet["mx01"]
        assert [ran.argv for ran in node.journal if node.account.changes(ran.argv)] == []


def test_a_hard_redeploy_builds_everything_anew_and_keeps_its_slots(
    store: Settings, runner: Runner, door: Door
) -> None:
    with sim_fleet(TIERS) as fleet:
        service = built(door, runner, fleet)
        fleet["mx01"].account.run(["v-add-user", "bystander", "secret-9", "b@customer.com", "default", "Bystander"])
        fleet["web01"].journal.clear()
        grant(door, service, Wish.HARD_REDEPLOY, DOMAIN)
        run_all_due(runner)
        assert status(service) is ServiceStatus.ACTIVE, error_of(service)
        ran = [step.argv[0].rsplit("/", 1)[-1] for step in fleet["web01"].journal]
        assert ran.index("v-delete-user") < ran.index("v-add-user")
        assert {server.name: server.accounts for server in Server.select()} == {
            "web01": 1, "mx01": 1, "ns01": 0, "ns02": 0,
        }  # fmt: skip
        assert "Bystander" in listing(fleet, "mx01", "v-list-user", "bystander")


def test_resume_takes_up_every_failed_step_of_the_run(store: Settings, runner: Runner, door: Door) -> None:
    with sim_fleet(TIERS, faults={"mx01": ["v-add-mail-domain=exit:2*1"]}) as fleet:
        register(door, fleet)
        service = place_order(door, OrderForm(DOMAIN, "basic"))
        run_all_due(runner)
        assert status(service) is ServiceStatus.ERROR
        assert resume(door, service) == 1
        run_all_due(runner)
        assert status(service) is ServiceStatus.ACTIVE, error_of(service)
        with pytest.raises(Conflict, match=r"nothing of .* has failed"):
            resume(door, service)


def test_a_dead_nameserver_does_not_hold_the_rest_of_a_termination(store: Settings, runner: Runner, door: Door) -> None:
    with sim_fleet(TIERS, faults={"ns02": ["v-delete-user=exit:15*1"]}) as fleet:
        service = built(door, runner, fleet)
        grant(door, service, Wish.TERMINATE, DOMAIN)
        run_all_due(runner)
        assert status(service) is ServiceStatus.TERMINATING
        assert statuses(service)["web.removePackage@web01"] is TaskStatus.SUCCESS
        make_due()
        run_all_due(runner)
        assert status(service) is ServiceStatus.TERMINATED, error_of(service)


def test_a_plan_says_what_is_destroyed_and_writes_nothing(store: Settings, runner: Runner, door: Door) -> None:
    with sim_fleet(TIERS) as fleet:
        service = built(door, runner, fleet)
        tasks = Task.select().count()
        plan = plan_wish(door, service, Wish.TERMINATE)
        assert any("web01: account customer-test-web with its website" in text for text in plan.destroys)
        assert Task.select().count() == tasks
        assert plan_wish(door, service, Wish.SUSPEND).leaves[0].startswith("ns01, ns02: the zone is answered as before")


def test_a_wish_that_does_not_fit_the_state_is_refused_with_the_reason(
    store: Settings, runner: Runner, door: Door
) -> None:
    with sim_fleet(TIERS) as fleet:
        service = built(door, runner, fleet)
        with pytest.raises(Conflict, match="can't unsuspend: it is active"):
            grant(door, service, Wish.UNSUSPEND)
        grant(door, service, Wish.SUSPEND)
        run_all_due(runner)
        with pytest.raises(Conflict, match="unsuspend it first"):
            grant(door, service, Wish.REDEPLOY)


def test_opening_completes_a_deployment_that_had_failed_before(store: Settings, runner: Runner, door: Door) -> None:
    """Suspended half-built, it is not active before all of it is there."""
    with sim_fleet(TIERS, faults={"mx01": ["v-add-user=exit:2*1"]}) as fleet:
        register(door, fleet)
        service = place_order(door, OrderForm(DOMAIN, "basic"))
        run_all_due(runner)
        assert status(service) is ServiceStatus.ERROR
        grant(door, service, Wish.SUSPEND)
        run_all_due(runner)
        assert status(service) is ServiceStatus.SUSPENDED, error_of(service)
        assert statuses(service)["mail.suspendUser@mx01"] is TaskStatus.SKIPPED
        grant(door, service, Wish.UNSUSPEND)
        run_all_due(runner)
        assert status(service) is ServiceStatus.ACTIVE, error_of(service)
        assert DOMAIN in listing(fleet, "mx01", "v-list-mail-domain", "customer-test-mail", DOMAIN)


def test_somebody_elses_account_is_not_suspended(store: Settings, runner: Runner, door: Door) -> None:
    with sim_fleet(TIERS) as fleet:
        service = built(door, runner, fleet)
        fleet["web01"].account.run(["v-change-user-name", "customer-test-web", "somebody else"])
        grant(door, service, Wish.SUSPEND)
        run_all_due(runner)
        assert status(service) is ServiceStatus.ERROR
        assert "somebody else" in error_of(service)
        assert '"SUSPENDED": "no"' in listing(fleet, "web01", "v-list-user", "customer-test-web")


def test_a_foreign_account_is_never_adopted_and_the_operator_is_told_the_ways_out(
    store: Settings, runner: Runner, door: Door
) -> None:
    with sim_fleet(TIERS) as fleet:
        register(door, fleet)
        run = fleet["web01"].account.run
        run(["v-add-user", "customer-test-web", "secret-9", "b@other.test", "default", "Somebody"])
        service = place_order(door, OrderForm(DOMAIN, "basic"))
        run_all_due(runner)
        assert status(service) is ServiceStatus.ERROR
        failed = task(Task.get(Task.service == service, Task.status == TaskStatus.FAILED).id)
        assert [offer.deed for offer in failed.offers] == ["show", "rename", "retry"]
        stranger = fleet["web01"].account.book.users["customer-test-web"]
        before = repr((stranger.web, stranger.mail, stranger.values["NAME"], stranger.values["PACKAGE"]))
        name = rename_account(door, service, "web01")
        run_all_due(runner)
        assert status(service) is ServiceStatus.ACTIVE, error_of(service)
        assert name != "customer-test-web"
        assert DOMAIN in listing(fleet, "web01", "v-list-web-domain", name, DOMAIN)
        assert repr((stranger.web, stranger.mail, stranger.values["NAME"], stranger.values["PACKAGE"])) == before


def test_an_account_of_ours_keeps_its_name(store: Settings, runner: Runner, door: Door) -> None:
    with sim_fleet(TIERS) as fleet:
        service = built(door, runner, fleet)
        with pytest.raises(Conflict, match="was not found to be somebody else's"):
            rename_account(door, service, "web01")


@pytest.mark.parametrize("wish", [Wish.TERMINATE, Wish.HARD_REDEPLOY])
def test_a_zone_that_waits_to_be_published_does_not_outlive_its_service(
    store: Settings, runner: Runner, door: Door, wish: Wish
) -> None:
    with sim_fleet((*TIERS[:3], "pdns01")) as fleet:
        service = built(door, runner, fleet)
        fleet["pdns01"].faults.add("connect=refuse*40")
        for conn in list(fleet["pdns01"].connections):
            conn.abort()
        (publish,) = redeploy_zone(door, DOMAIN, ["pdns01"])
        reading = ask_nodes(door, service, wish)
        runner.run(publish)
        assert Task.get_by_id(publish).status is TaskStatus.RETRYING
        fleet["pdns01"].faults.clear()
        assert plan_wish(door, service, wish).stops == 1 + Task.select().where(Task.run == reading).count()
        grant(door, service, wish, DOMAIN)
        assert Task.get_by_id(publish).status is TaskStatus.CANCELLED
        with pytest.raises(Conflict):
            retry(door, publish) if wish is Wish.TERMINATE else redeploy_zone(door, DOMAIN)
        for _ in range(3):
            run_all_due(runner)
            make_due()
        ended = ServiceStatus.TERMINATED if wish is Wish.TERMINATE else ServiceStatus.ACTIVE
        assert status(service) is ended, error_of(service)
        assert (DOMAIN in fleet["pdns01"].account.zones) is (wish is Wish.HARD_REDEPLOY)


def test_a_zone_is_not_published_again_where_a_termination_has_stopped(
    store: Settings, runner: Runner, door: Door
) -> None:
    with sim_fleet(TIERS) as fleet:
        service = built(door, runner, fleet)
        fleet["mx01"].faults.add("v-delete-user=exit:8*9")
        grant(door, service, Wish.TERMINATE, DOMAIN)
        for _ in range(4):
            run_all_due(runner)
            make_due()
        assert status(service) is ServiceStatus.ERROR
        with pytest.raises(Conflict, match="termination of customer"):
            redeploy_zone(door, DOMAIN)
