"""A plan names exactly the commands that running it sends, and is refused where the world has moved meanwhile."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from tests.provider import PARENT, order, sell, settle_in
from tests.queue.conftest import error_of, run_all_due
from tests.simfleet import register, sim_fleet

from hostdeck.core.domain.order_plan import PlannedTaskView
from hostdeck.core.domain.plan_reading import NEW_KEY
from hostdeck.core.domain.vocabulary import Role, ServiceStatus
from hostdeck.core.domain.wishes import DESTROYS, Wish
from hostdeck.core.drivers.guard import GuardStep
from hostdeck.core.errors import Conflict
from hostdeck.core.intents.base import Door
from hostdeck.core.intents.forms import OrderForm, ProductForm
from hostdeck.core.intents.life import ask_nodes, grant, plan_wish
from hostdeck.core.intents.products import add_product
from hostdeck.core.intents.services import place_order, plan_order
from hostdeck.core.intents.work import retry
from hostdeck.core.queries.plans import plan_view, tasks_view
from hostdeck.core.settings import Settings
from hostdeck.core.sim.fleet import SimFleet
from hostdeck.core.store.work_models import Record, Service, Task
from hostdeck.queue.runner import Runner

DOMAIN = "customer.test"
SPLIT = ("web01", "mx01", "ns01", "pdns01")
UNIFIED = ("all01", "ns01", "pdns01")


def forms(mode: str) -> OrderForm:
    return order("anna") if mode == "vanity" else OrderForm(DOMAIN, "basic" if mode == "split" else "one")


def nodes(mode: str) -> tuple[str, ...]:
    return UNIFIED if mode == "unified" else SPLIT


def furnish(door: Door, fleet: SimFleet, mode: str) -> None:
    if mode == "vanity":
        settle_in(fleet)
    register(door, fleet)
    if mode == "vanity":
        sell(door)
    if mode == "unified":
        add_product(door, ProductForm("one", "eu", "unified", tuple(Role)))


def journal(fleet: SimFleet, node: str) -> Iterator[str]:
    """The changing commands a node has run, as a log shows them, but for numbers and marks that an order draws."""
    account = fleet[node].account
    for ran in fleet[node].journal:
        label = ran.argv[5] if ran.argv[0].endswith("bash") and len(ran.argv) > 5 else ""
        if account.changes(ran.argv) and label != "put":
            yield plain(GuardStep(ran.argv).shown())


def plain(command: str) -> str:
    """Without what is drawn anew each time: scratch files, secrets, numbers, marks."""
    command = re.sub(r"/tmp/hdk\w+\.\w+/s\d+", "•••", command)
    command = re.sub(r"/tmp/hdk\w+\.\w+/(\w+)", r"<\1>", command)
    command = re.sub(r"hdk-(\d{6}|#{6})-", "hdk-N-", command)
    command = re.sub(r"hdk([- ])(\d+|#)([. ])([0-9a-f]{8}|#{8})", r"hdk\1N\3M", command)
    return command.replace("'", "")


def by_node(tasks: tuple[PlannedTaskView, ...]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for task in tasks:
        assert task.commands is not None, task
        found.setdefault(task.server, []).extend(plain(command) for command in task.commands)
    return found


def built_split(door: Door, runner: Runner, fleet: SimFleet) -> int:
    furnish(door, fleet, "split")
    service = place_order(door, forms("split"))
    run_all_due(runner)
    return service


@pytest.mark.parametrize("mode", ["split", "unified", "vanity"])
def test_an_order_sends_exactly_the_commands_of_its_plan(
    store: Settings, runner: Runner, door: Door, mode: str
) -> None:
    with sim_fleet(nodes(mode)) as fleet:
        furnish(door, fleet, mode)
        for node in fleet.nodes.values():
            node.journal.clear()
        plan = plan_order(door, forms(mode))
        waiting = tuple(task for task in plan.tasks if not task.follow_up)
        service = place_order(door, forms(mode), plan.fingerprint)
        run_all_due(runner)
        assert Service.get_by_id(service).status is ServiceStatus.ACTIVE, error_of(service)
        wanted = by_node(waiting)
        for name in fleet.nodes:
            assert sorted(journal(fleet, name)) == sorted(wanted.get(name, [])), name


def test_an_order_whose_plan_would_be_another_by_now_is_refused(store: Settings, runner: Runner, door: Door) -> None:
    with sim_fleet(("web01", "web02", "mx01", "ns01")) as fleet:
        furnish(door, fleet, "split")
        plan = plan_order(door, forms("split"))
        place_order(door, OrderForm("other.test", "basic"))
        with pytest.raises(Conflict, match="has changed since this order was planned"):
            place_order(door, forms("split"), plan.fingerprint)
        assert Service.select().count() == 1


def read(door: Door, runner: Runner, service: int, wish: Wish) -> tuple[int, dict[str, list[str]]]:
    """A plan's number, and its commands by node, read by the worker."""
    number = ask_nodes(door, service, wish)
    run_all_due(runner)
    shown = plan_view(plan_wish(door, service, wish), number)
    assert shown.read
    return number, by_node(tuple(task for task in shown.tasks if not task.follow_up))


def domain_of(mode: str) -> str:
    return f"anna.{PARENT}" if mode == "vanity" else DOMAIN


@pytest.mark.parametrize("mode", ["split", "unified", "vanity"])
@pytest.mark.parametrize(
    "wish", [Wish.SUSPEND, Wish.REDEPLOY, Wish.HARD_REDEPLOY, Wish.TERMINATE], ids=lambda wish: wish.name
)
def test_a_wish_sends_exactly_the_commands_of_its_plan(
    store: Settings, runner: Runner, door: Door, mode: str, wish: Wish
) -> None:
    with sim_fleet(nodes(mode)) as fleet:
        furnish(door, fleet, mode)
        service = place_order(door, forms(mode))
        run_all_due(runner)
        if wish is Wish.REDEPLOY:
            spoil(fleet)
        for node in fleet.nodes.values():
            node.journal.clear()
        number, planned = read(door, runner, service, wish)
        assert all(not list(journal(fleet, name)) for name in fleet.nodes), "a plan must change nothing"
        grant(door, service, wish, domain_of(mode) if wish in DESTROYS else "", plan=number)
        run_all_due(runner)
        ended = {ServiceStatus.ACTIVE, ServiceStatus.SUSPENDED, ServiceStatus.TERMINATED}
        assert Service.get_by_id(service).status in ended, error_of(service)
        assert any(planned.values())
        for name in fleet.nodes:
            assert sorted(journal(fleet, name)) == sorted(planned.get(name, [])), name


def spoil(fleet: SimFleet) -> None:
    """Something of ours has gone from every tier."""
    for name, node in fleet.nodes.items():
        if name.startswith(("web", "all")):
            user = next(user for user in node.account.book.users if user not in ("admin", "prov"))
            domain = node.account.book.users[user].web[0]["DOMAIN"]
            node.account.run(["v-delete-web-domain", user, domain, "no"])


def test_a_step_that_would_send_anything_else_sends_nothing(store: Settings, runner: Runner, door: Door) -> None:
    with sim_fleet(SPLIT) as fleet:
        service = built_split(door, runner, fleet)
        number, planned = read(door, runner, service, Wish.REDEPLOY)
        assert not any(planned.values())
        spoil(fleet)
        fleet["web01"].journal.clear()
        grant(door, service, Wish.REDEPLOY, plan=number)
        run_all_due(runner)
        assert "has changed since the plan was made: 'v-add-web-domain" in error_of(service)
        assert list(journal(fleet, "web01")) == []
        failed = Task.get(Task.service == service, Task.status == "failed")
        retry(door, failed.id)
        run_all_due(runner)
        assert Service.get_by_id(service).status is ServiceStatus.ACTIVE, error_of(service)


def test_a_plan_of_other_rows_is_refused(store: Settings, runner: Runner, door: Door) -> None:
    with sim_fleet(SPLIT) as fleet:
        service = built_split(door, runner, fleet)
        number, _ = read(door, runner, service, Wish.REDEPLOY)
        Service.update(email="new@customer.test").where(Service.id == service).execute()
        with pytest.raises(Conflict, match="has changed since plan"):
            grant(door, service, Wish.REDEPLOY, plan=number)
        with pytest.raises(Conflict, match="has changed since plan"):
            grant(door, service, Wish.SUSPEND, plan=number)


def test_a_plan_that_no_worker_has_read_is_not_run(store: Settings, runner: Runner, door: Door) -> None:
    with sim_fleet(SPLIT) as fleet:
        service = built_split(door, runner, fleet)
        number = ask_nodes(door, service, Wish.SUSPEND)
        assert not plan_view(plan_wish(door, service, Wish.SUSPEND), number).read
        with pytest.raises(Conflict, match="has not been read from"):
            grant(door, service, Wish.SUSPEND, plan=number)


def test_a_plan_says_what_is_passed_over_and_what_would_stop(store: Settings, runner: Runner, door: Door) -> None:
    with sim_fleet(SPLIT) as fleet:
        service = built_split(door, runner, fleet)
        fleet["mx01"].account.run(["v-change-user-name", "customer-test-mail", "somebody else"])
        number = ask_nodes(door, service, Wish.REDEPLOY)
        run_all_due(runner)
        notes = {task.action: task.note for task in plan_view(plan_wish(door, service, Wish.REDEPLOY), number).tasks}
        assert notes["web.addDomain"] == "right already: passed over"
        assert "belongs to somebody else" in (notes["mail.addDomain"] or "")


def test_a_zone_that_would_not_load_is_told_in_the_plan(store: Settings, runner: Runner, door: Door) -> None:
    with sim_fleet(SPLIT) as fleet:
        service = built_split(door, runner, fleet)
        zone = Record.select().first().zone
        Record.create(zone=zone, name="www", type="A", value="192.0.2.1", ttl=300)
        number = ask_nodes(door, service, Wish.REDEPLOY)
        run_all_due(runner)
        tasks = plan_view(plan_wish(door, service, Wish.REDEPLOY), number).tasks
        assert all("CNAME beside other" in (task.note or "") for task in tasks if task.action == "dns.deployZone")


def test_a_step_that_would_have_stopped_sends_nothing_once_it_would_not(
    store: Settings, runner: Runner, door: Door
) -> None:
    """The plan showed no command of it: what it would send now, nobody has looked at."""
    with sim_fleet(SPLIT) as fleet:
        service = built_split(door, runner, fleet)
        web = fleet["web01"].account
        name = web.book.users["customer-test-web"].values["NAME"]
        web.run(["v-change-user-name", "customer-test-web", "somebody else"])
        number = ask_nodes(door, service, Wish.TERMINATE)
        run_all_due(runner)
        shown = plan_view(plan_wish(door, service, Wish.TERMINATE), number)
        assert next(task for task in shown.tasks if task.action == "web.removeUser").commands == ()
        web.run(["v-change-user-name", "customer-test-web", name])
        grant(door, service, Wish.TERMINATE, DOMAIN, plan=number)
        run_all_due(runner)
        assert "customer-test-web" in web.book.users
        assert "[PLAN_MOVED]" in error_of(service)


def test_a_plan_that_a_node_did_not_answer_does_not_call_itself_read(
    store: Settings, runner: Runner, door: Door
) -> None:
    with sim_fleet(SPLIT) as fleet:
        service = built_split(door, runner, fleet)
        fleet["mx01"].faults.add("connect=refuse*40")
        for conn in list(fleet["mx01"].connections):
            conn.abort()
        number = ask_nodes(door, service, Wish.TERMINATE)
        run_all_due(runner)
        shown = plan_view(plan_wish(door, service, Wish.TERMINATE), number)
        assert {task.server for task in shown.tasks if task.commands is None} == {"mx01"}
        assert (shown.read, shown.unread) == (False, ("mx01",))
        assert tasks_view(shown.tasks, number).over
        with pytest.raises(Conflict, match="has not been read from mx01"):
            grant(door, service, Wish.TERMINATE, DOMAIN, plan=number)
        grant(door, service, Wish.TERMINATE, DOMAIN)
        assert all(task.expects is None for task in Task.select().where(Task.run == Service.get_by_id(service).run))


def test_a_redeployment_that_brings_a_new_key_keeps_to_its_plan(store: Settings, runner: Runner, door: Door) -> None:
    """The mail domain has gone: the zone, which was right when the plan was read, gets the key of the new one."""
    with sim_fleet(SPLIT) as fleet:
        service = built_split(door, runner, fleet)
        fleet["mx01"].account.run(["v-delete-mail-domain", "customer-test-mail", DOMAIN])
        number = ask_nodes(door, service, Wish.REDEPLOY)
        run_all_due(runner)
        shown = plan_view(plan_wish(door, service, Wish.REDEPLOY), number)
        assert shown.read
        assert {task.note for task in shown.tasks if task.action == "dns.deployZone"} == {NEW_KEY}
        grant(door, service, Wish.REDEPLOY, plan=number)
        run_all_due(runner)
        assert Service.get_by_id(service).status is ServiceStatus.ACTIVE, error_of(service)
        unbound = {
            task.action for task in Service.get_by_id(service).tasks if task.run_id > number and task.expects is None
        }
        assert unbound == {"dns.deployZone"}
