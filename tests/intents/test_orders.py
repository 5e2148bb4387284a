"""Placing an order: what is written, what is refused, and that a refusal leaves nothing behind."""

from __future__ import annotations

import multiprocessing
from collections import Counter
from pathlib import Path

import pytest
from tests.conftest import add_fleet, add_server

from hostdeck.core.domain.vocabulary import Role, ServiceStatus, TaskStatus
from hostdeck.core.errors import Conflict, Invalid, NotFound, Refused
from hostdeck.core.intents.base import Door
from hostdeck.core.intents.forms import OrderForm, ProductForm
from hostdeck.core.intents.products import add_product
from hostdeck.core.intents.services import place_order, plan_order
from hostdeck.core.intents.work import set_setting
from hostdeck.core.settings import Settings, load_settings
from hostdeck.core.store.base import database
from hostdeck.core.store.capacity import release_slot
from hostdeck.core.store.db import connection, open_store
from hostdeck.core.store.fleet_models import Audit, GroupDns, Server
from hostdeck.core.store.work_models import Account, Record, Run, Service, Task, Zone


@pytest.fixture
def fleet(any_store: Settings) -> None:
    add_fleet()


def form(domain: str = "customer.test", product: str = "basic", **values: object) -> OrderForm:
    return OrderForm(domain, product, **values)  # type: ignore[arg-type]


def rows() -> Counter[str]:
    tables = (Service, Account, Zone, Record, Run, Task, Audit)
    return Counter({table.__name__: table.select().count() for table in tables})


@pytest.mark.usefixtures("fleet")
class TestAnOrder:
    def test_is_written_whole_and_waits_for_the_worker(self, door: Door) -> None:
        service = Service.get_by_id(place_order(door, form(email="a@customer.com", meta={"invoice": "17"})))
        assert (service.status, service.domain, service.email) == (
            ServiceStatus.PENDING,
            "customer.test",
            "a@customer.com",
        )
        assert service.meta == {"invoice": "17"}
        assert Counter(task.status for task in Task.select()) == {TaskStatus.QUEUED: 4, TaskStatus.WAITING: 10}
        assert Audit.get().object == f"service #{service.id} customer.test"

    def test_stores_its_resolved_limits_with_where_each_came_from(self, door: Door) -> None:
        service = Service.get_by_id(place_order(door, form(options={"mail_accounts": "3"})))
        assert (service.limits["mail_accounts"], service.origin["mail_accounts"]) == ("3", "option")
        assert service.origin["web_databases"] == "default"

    def test_takes_a_slot_per_web_and_mail_user_and_none_for_dns(self, door: Door) -> None:
        place_order(door, form())
        assert {s.name: s.accounts for s in Server.select()} == {
            **{"web01": 1, "web02": 0, "mx01": 1, "mx02": 0},
            **{"ns01": 0, "ns02": 0},
        }

    def test_spreads_over_the_tier(self, door: Door) -> None:
        for number in range(4):
            place_order(door, form(f"shop{number}.test"))
        assert {s.name: s.accounts for s in Server.select().where(Server.web)} == {"web01": 2, "web02": 2}

    def test_gives_a_slot_back_once(self, door: Door) -> None:
        place_order(door, form())
        account = Account.get(Account.username == "customer-test-web")
        assert release_slot(account.id)
        assert not release_slot(account.id)
        assert Server.get(Server.name == "web01").accounts == 0

    def test_without_nameservers_says_so_and_has_no_zone_task(self, door: Door) -> None:
        GroupDns.delete().execute()
        plan = plan_order(door, form())
        assert any("dns skipped" in why for why in plan.why)
        assert not [task for task in plan.tasks if task.action.startswith("dns")]

    def test_with_a_zero_quota_has_no_account_for_the_role(self, door: Door) -> None:
        plan = plan_order(door, form(options={"web_disk_quota": "0"}))
        assert [off.why for off in plan.roles_off] == ["web_disk_quota is 0 (from the option)"]
        assert {account.role for account in plan.accounts} == {Role.MAIL, Role.DNS}

    def test_is_planned_exactly_as_it_is_placed(self, door: Door) -> None:
        plan = plan_order(door, form())
        before = rows()
        assert before["Task"] == 0
        place_order(door, form())
        placed = [(task.action, task.server.name) for task in Task.select().order_by(Task.id)]
        assert placed == [(task.action, task.server) for task in plan.tasks]


REFUSALS = [
    (form("no such domain"), Invalid, "DOM_CHAR"),
    (form("ex.com\nevil.com"), Invalid, "DOM_CONTROL"),
    (form("customer.com", "nothing"), NotFound, "NOT_FOUND"),
    (form("customer.com", email="a@-b..co"), Invalid, "EML_INVALID"),
    (form("customer.com", options={"web_disk_quota": "-1"}), Invalid, "QTA_RANGE"),
    (form("customer.com", options={"nonsense": "1"}), Invalid, "LIM_KEY"),
    (form("customer.com", options={"web_disk_quota": "0", "mail_disk_quota": "0"}), Invalid, "PRD_NO_ROLE"),
    (form("web01.fleet.example.net"), Invalid, "DOM_NODE"),
    (form("taken.com"), Invalid, "DOM_TAKEN"),
    (form("TAKEN.com"), Invalid, "DOM_TAKEN"),
    (form("shop.taken.com"), Invalid, "DOM_PARENT_TAKEN"),
]


@pytest.mark.usefixtures("fleet")
@pytest.mark.parametrize(("wish", "kind", "code"), REFUSALS, ids=[code for _, _, code in REFUSALS])
def test_a_refused_order_leaves_no_rows_behind(wish: OrderForm, kind: type[Refused], code: str) -> None:
    door = Door("tester")
    place_order(door, form("taken.com"))
    before, slots = rows(), [s.accounts for s in Server.select()]
    for ask in (plan_order, place_order):
        with pytest.raises(kind) as refused:
            ask(door, wish)
        assert refused.value.code == code
    assert rows() == before
    assert [s.accounts for s in Server.select()] == slots


@pytest.mark.usefixtures("fleet")
def test_i44_the_refusal_names_the_service_that_has_the_domain(door: Door) -> None:
    first = place_order(door, form("customer.com"))
    with pytest.raises(Invalid) as refused:
        place_order(door, form("CUSTOMER.com"))
    assert str(refused.value) == f"domain: already used by service #{first} [DOM_TAKEN]"


@pytest.mark.usefixtures("fleet")
def test_i41_a_reserved_name_is_for_the_demo_only() -> None:
    with pytest.raises(Invalid) as refused:
        place_order(Door("tester"), form("ex.test"))
    assert str(refused.value) == "domain: '.test' is reserved [DOM_RESERVED]"


@pytest.mark.usefixtures("fleet")
def test_the_last_slot_goes_to_one_order_and_the_next_is_refused(door: Door) -> None:
    Server.update(max_accounts=1).execute()
    place_order(door, form("a.test"))
    place_order(door, form("b.test"))
    before = rows()
    with pytest.raises(Conflict) as refused:
        place_order(door, form("c.test"))
    assert refused.value.code == "CAPACITY"
    assert rows() == before


@pytest.mark.usefixtures("fleet")
def test_read_only_refuses_to_order_but_plans() -> None:
    door = Door("tester", read_only=True, reserved_ok=True)
    assert plan_order(door, form()).domain == "customer.test"
    with pytest.raises(Refused) as refused:
        place_order(door, form())
    assert refused.value.exit_code == 4
    assert rows()["Service"] == 0


@pytest.mark.usefixtures("fleet")
def test_a_terminated_services_domain_is_free_again(door: Door) -> None:
    first = place_order(door, form())
    Service.update(status=ServiceStatus.TERMINATED).where(Service.id == first).execute()
    assert place_order(door, form()) != first


@pytest.mark.usefixtures("fleet")
@pytest.mark.parametrize("mode", ["vanity"])
def test_a_mode_that_can_not_be_built_yet_is_refused_at_the_order(door: Door, mode: str) -> None:
    add_product(door, ProductForm("other", "eu", mode, ("web", "mail", "dns")))
    with pytest.raises(Refused) as refused:
        place_order(door, form(product="other"))
    assert mode in str(refused.value)


def _order_in_process(home: Path, url: str, domains: list[str], answers: multiprocessing.Queue[str]) -> None:
    # A forked child must not touch its parent's connection.
    database.initialize(None)
    open_store(load_settings(home, {"database_url": url or None}, environ={}))
    for domain in domains:
        try:
            with connection():
                place_order(Door("racer", reserved_ok=True), form(domain))
            answers.put("placed")
        except Refused as error:
            answers.put(error.code)


def race(settings: Settings, domains: list[list[str]]) -> Counter[str]:
    """Each list in a process of its own, all at once; how often each answer came."""
    context = multiprocessing.get_context("spawn")
    answers: multiprocessing.Queue[str] = context.Queue()
    crew = [
        context.Process(target=_order_in_process, args=(settings.home, settings.database_url, part, answers))
        for part in domains
    ]
    for process in crew:
        process.start()
    got = Counter(answers.get(timeout=60) for part in domains for _ in part)
    for process in crew:
        process.join(10)
    return got


@pytest.mark.usefixtures("fleet")
def test_f43_two_operators_who_order_one_domain_get_one_service(any_store: Settings) -> None:
    domains = [f"shop{number}.test" for number in range(20)]
    assert race(any_store, [domains, domains]) == {"placed": 20, "DOM_TAKEN": 20}
    assert Service.select().count() == 20


@pytest.mark.usefixtures("fleet")
def test_f46_slots_are_never_sold_twice(any_store: Settings) -> None:
    Server.update(max_accounts=5).where(Server.web | Server.mail).execute()
    got = race(any_store, [[f"p{process}n{number}.test" for number in range(6)] for process in range(4)])
    assert got == {"placed": 10, "CAPACITY": 14}
    assert all(s.accounts == 5 for s in Server.select().where(Server.web | Server.mail))


def test_one_all_in_one_node_is_enough(any_store: Settings, door: Door) -> None:
    add_fleet()
    Server.update(web=False, mail=False).execute()
    only = add_server("all01", *Role, group=1)
    GroupDns.delete().execute()
    GroupDns.create(group=1, server=only)
    plan = plan_order(door, form())
    assert {account.username for account in plan.accounts} == {"customer-test"}


@pytest.mark.usefixtures("fleet")
def test_attempts_may_be_set_for_one_action_alone(door: Door) -> None:
    set_setting(door, "retry.attempts", "4")
    set_setting(door, "retry.attempts.dns.deployZone", "9")
    place_order(door, form())
    attempts = {task.action: task.max_attempts for task in Task.select()}
    assert (attempts["dns.deployZone"], attempts["web.createUser"], attempts["ssl.seed"]) == (9, 4, 12)


@pytest.mark.usefixtures("any_store")
def test_a_setting_for_an_action_that_does_not_exist_is_refused(door: Door) -> None:
    with pytest.raises(NotFound, match="no setting is called"):
        set_setting(door, "retry.attempts.dns.deplyZone", "9")
