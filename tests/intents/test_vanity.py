"""Selling names on a domain of the provider's: what is refused, and that a name is sold once."""

from __future__ import annotations

import multiprocessing
from collections import Counter
from pathlib import Path

import pytest
from tests.conftest import add_fleet
from tests.provider import order

from hostdeck.core.domain.vocabulary import Mode, Role
from hostdeck.core.errors import Conflict, HostdeckError, Invalid, NotFound
from hostdeck.core.intents.base import Door
from hostdeck.core.intents.fleet import remove_server
from hostdeck.core.intents.forms import OrderForm
from hostdeck.core.intents.services import place_order, plan_order
from hostdeck.core.intents.vanity import put_vanity, stop_vanity
from hostdeck.core.queries.fleet import group
from hostdeck.core.queries.services import service
from hostdeck.core.settings import Settings, load_settings
from hostdeck.core.store.base import database
from hostdeck.core.store.db import connection, open_store
from hostdeck.core.store.fleet_models import Group, Server
from hostdeck.core.store.work_models import Product, Service, Task, VanitySlot

PARENT = "names.test"


@pytest.fixture
def for_sale(any_store: Settings, door: Door) -> None:
    fleet = add_fleet()
    put_vanity(door, "eu", PARENT, "mx01", "prov", ["web01"], ["Press"])
    Product.create(name="name", group=fleet, mode=Mode.VANITY, roles=list(Role), limits={})


@pytest.mark.usefixtures("for_sale")
def test_what_is_sold_is_shown_with_its_group(door: Door) -> None:
    place_order(door, order("anna"))
    shown = group("eu").vanity_domains[0]
    assert (shown.domain, shown.mail_user, shown.web_servers, shown.reserved, shown.sold) == (
        PARENT, "prov", ("web01",), ("press",), 1,
    )  # fmt: skip


@pytest.mark.usefixtures("for_sale")
def test_the_providers_accounts_are_shown_as_shared(door: Door) -> None:
    number = place_order(door, order("anna"))
    accounts = {(a.role, a.server): (a.username, a.shared) for a in service(number).accounts}
    assert accounts[Role.MAIL, "mx01"] == ("prov", True)
    assert accounts[Role.WEB, "web01"][1] is False
    assert accounts[Role.DNS, "ns01"] == ("prov", True)


@pytest.mark.usefixtures("for_sale")
def test_i43_the_parent_itself_and_what_is_below_it_is_never_ordered_as_a_domain(door: Door) -> None:
    with pytest.raises(Invalid, match=r"^domain: is a vanity parent domain \[DOM_PARENT\]$"):
        plan_order(door, OrderForm(PARENT, "basic"))
    with pytest.raises(Invalid, match="DOM_PARENT"):
        plan_order(door, OrderForm(f"shop.{PARENT}", "basic"))


@pytest.mark.usefixtures("for_sale")
def test_i57_a_name_is_sold_once_whatever_its_case(door: Door) -> None:
    place_order(door, order("anna"))
    with pytest.raises(Invalid, match="VAN_TAKEN"):
        place_order(door, order("ANNA"))
    assert Service.select().count() == 1


@pytest.mark.usefixtures("for_sale")
@pytest.mark.parametrize(
    ("form", "why"),
    [
        (order(""), "VAN_EMPTY"),
        (order("press"), "VAN_RESERVED"),
        (order("anna", vanity_domain="x.com"), r"parent: 'x\.com' is not sold in group eu \[VAN_PARENT\]"),
        (OrderForm("customer.test", "name", fields={"vanity_name": "anna"}), "VAN_DOMAIN"),
        (order("anna", vanity_site_disk_quota="0", vanity_mail_quota="0"), "PRD_NO_ROLE"),
    ],
)
def test_an_order_that_can_not_be_is_told_why_and_leaves_no_row(door: Door, form: OrderForm, why: str) -> None:
    with pytest.raises(Invalid, match=why):
        place_order(door, form)
    assert not Service.select().exists()
    assert not Task.select().exists()


@pytest.mark.usefixtures("for_sale")
def test_a_servers_own_name_is_reserved(door: Door) -> None:
    Server.update(hostname=f"relay9.{PARENT}").where(Server.name == "mx02").execute()
    with pytest.raises(Invalid, match="it is server mx02"):
        plan_order(door, order("relay9"))


@pytest.mark.usefixtures("for_sale")
def test_a_sold_name_keeps_its_provider(door: Door) -> None:
    place_order(door, order("anna"))
    with pytest.raises(Conflict, match=r"1 names of 'names\.test' are sold with mailboxes of account 'prov' on mx01"):
        put_vanity(door, "eu", PARENT, "mx02", "prov")
    put_vanity(door, "eu", PARENT, "mx01", "prov", ["web01", "web02"])
    assert group("eu").vanity_domains[0].web_servers == ("web01", "web02")


@pytest.mark.usefixtures("for_sale")
@pytest.mark.parametrize("name", ["mx01", "web01"])
def test_a_server_that_names_are_sold_with_is_not_removed(door: Door, name: str) -> None:
    with pytest.raises(Conflict, match=PARENT):
        remove_server(door, name)


@pytest.mark.usefixtures("any_store")
@pytest.mark.parametrize(
    ("change", "error", "why"),
    [
        ({"mail_server": "nowhere"}, NotFound, "no server is called"),
        ({"mail_server": "web01"}, Conflict, "not a mail server"),
        ({"web_servers": ["mx01"]}, Conflict, "not a web server"),
        ({"mail_user": "root"}, Invalid, r"username: 'root' is reserved \[USR_RESERVED\]"),
        ({"mail_user": "json"}, Invalid, "USR_RESERVED"),
        ({"reserve": ["a b"]}, Invalid, "VAN_CHAR"),
        ({"domain": "shop.test"}, Conflict, "is service #1"),
        ({"domain": "test.shop"}, Conflict, "stands below"),
    ],
)
def test_a_parent_that_can_not_be_sold_is_told_why(
    door: Door, change: dict[str, object], error: type[HostdeckError], why: str
) -> None:
    add_fleet()
    for domain in ("shop.test", "a.test.shop"):
        place_order(door, OrderForm(domain, "basic"))
    wish: dict[str, object] = {"domain": PARENT, "mail_server": "mx01", "mail_user": "prov"}
    with pytest.raises(error, match=why):
        put_vanity(door, "eu", **(wish | change))  # type: ignore[arg-type]


def _order_in_process(home: Path, url: str, names: list[str], answers: multiprocessing.Queue[str]) -> None:
    database.initialize(None)
    open_store(load_settings(home, {"database_url": url or None}, environ={}))
    for name in names:
        try:
            with connection():
                place_order(Door("racer", reserved_ok=True), order(name))
            answers.put("placed")
        except Invalid as error:
            answers.put(error.code or "")


@pytest.mark.usefixtures("for_sale")
def test_f43_two_shops_that_sell_one_name_sell_it_once(any_store: Settings) -> None:
    names = [f"name{number}" for number in range(15)]
    context = multiprocessing.get_context("spawn")
    answers: multiprocessing.Queue[str] = context.Queue()
    crew = [
        context.Process(target=_order_in_process, args=(any_store.home, any_store.database_url, names, answers))
        for _ in range(2)
    ]
    for process in crew:
        process.start()
    got = Counter(answers.get(timeout=60) for _ in range(2 * len(names)))
    for process in crew:
        process.join(10)
    assert got == {"placed": 15, "VAN_TAKEN": 15}
    assert VanitySlot.select().count() == Service.select().count() == 15


@pytest.mark.usefixtures("for_sale")
def test_two_groups_do_not_sell_one_domain(door: Door) -> None:
    Group.create(name="us")
    with pytest.raises(Conflict, match="is sold in group 'eu' already"):
        put_vanity(door, "us", PARENT, "mx01", "prov")


@pytest.mark.usefixtures("for_sale")
def test_names_that_are_no_longer_sold_are_refused_and_those_sold_stay(door: Door) -> None:
    number = place_order(door, order("anna"))
    stop_vanity(door, "eu", PARENT)
    with pytest.raises(Invalid, match="sells no names"):
        plan_order(door, order("ben"))
    assert Service.get_by_id(number).domain == f"anna.{PARENT}"
    assert not group("eu").vanity_domains[0].selling
    put_vanity(door, "eu", PARENT, "mx01", "prov")
    assert plan_order(door, order("ben")).domain == f"ben.{PARENT}"


@pytest.mark.usefixtures("for_sale")
def test_a_parent_of_which_nothing_is_sold_is_forgotten_when_it_is_no_longer_sold(door: Door) -> None:
    stop_vanity(door, "eu", PARENT)
    assert group("eu").vanity_domains == ()
    with pytest.raises(NotFound):
        stop_vanity(door, "eu", PARENT)


@pytest.mark.usefixtures("for_sale")
def test_a_list_that_is_not_given_again_stays_and_an_empty_one_empties_it(door: Door) -> None:
    put_vanity(door, "eu", PARENT, "mx01", "prov", ["web01"], ["news"])
    put_vanity(door, "eu", PARENT, "mx01", "prov")
    shown = group("eu").vanity_domains[0]
    assert (shown.web_servers, shown.reserved) == (("web01",), ("news",))
    put_vanity(door, "eu", PARENT, "mx01", "prov", [], [])
    shown = group("eu").vanity_domains[0]
    assert (shown.web_servers, shown.reserved) == ((), ())
