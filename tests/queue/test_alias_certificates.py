"""Other names of a site: Let's Encrypt's certificate is for them too, each from when it resolves."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.authority import DAY, intermediate, leaf
from tests.queue.conftest import run_all_due
from tests.queue.house import DOMAIN, House, a_house
from tests.queue.test_ssl import certificate

from hostdeck.core.domain.items import ItemKind
from hostdeck.core.domain.vocabulary import FINAL, Role, ServiceStatus, TaskStatus
from hostdeck.core.domain.wishes import Wish
from hostdeck.core.intents.base import Door
from hostdeck.core.intents.items import change_item
from hostdeck.core.intents.life import ask_nodes, grant, plan_wish
from hostdeck.core.intents.own_certificates import add_certificate
from hostdeck.core.intents.undo import undo
from hostdeck.core.queries.certificates import certificates
from hostdeck.core.queries.plans import plan_view
from hostdeck.core.settings import Settings
from hostdeck.core.store.fleet_models import Audit
from hostdeck.core.store.item_models import Item
from hostdeck.core.store.work_models import AcmeOrder, Service, Task

NOWHERE = "in public shop.net resolves to nothing yet"
USER, WWW, SHOP = "customer-com-web", f"www.{DOMAIN}", f"shop.{DOMAIN}"


@pytest.fixture
def house(store: Settings, door: Door) -> Iterator[House]:
    yield from a_house(store, door)


@pytest.fixture
def any_house(any_store: Settings, door: Door) -> Iterator[House]:
    yield from a_house(any_store, door)


def alias(house: House, service: int, *names: str) -> None:
    change_item(house.door, service, ItemKind.WEBSITE, "", {"aliases": ", ".join(names)})


def site(house: House) -> dict[str, str]:
    row: dict[str, str] = house.fleet["web01"].account.book.users[USER].web[0]
    return row


def seeds(service: int) -> list[Task]:
    rows = Task.select().where(Task.service == service, Task.action == "ssl.seed", Task.target == DOMAIN)
    return list(rows.order_by(Task.id))


def test_a_name_added_later_is_on_the_certificate_soon(house: House) -> None:
    service = house.order()
    alias(house, service, WWW, SHOP)
    run_all_due(house.runner)
    assert house.ran("web01") == [(USER, DOMAIN, WWW), (USER, DOMAIN, f"{WWW},{SHOP}")]
    row = certificate(service)
    assert (row.state, row.hosts, row.reason) == ("active", [DOMAIN, WWW, SHOP], None)
    assert AcmeOrder.select().where(AcmeOrder.hosts == f"{DOMAIN},{SHOP},{WWW}", AcmeOrder.issued).count() == 1
    assert Service.get_by_id(service).status is ServiceStatus.ACTIVE


def test_a_name_that_does_not_resolve_yet_keeps_no_other_from_its_certificate(house: House) -> None:
    house.dns.wrong["public", "shop.net"] = frozenset()
    service = house.order()
    alias(house, service, WWW, SHOP, "shop.net")
    for _ in range(3):
        house.again()
    row, (_, task) = certificate(service), seeds(service)
    assert (row.state, row.hosts, row.failures) == ("waiting", [DOMAIN, WWW, SHOP], 0)
    assert row.not_after is not None
    assert "for all but shop.net: in public shop.net resolves to nothing yet" in row.reason
    assert (task.status, task.attempts) == (TaskStatus.RETRYING, 0)
    assert len(house.ran("web01")) == 2
    house.dns.wrong.clear()
    house.again()
    assert house.ran("web01")[2:] == [(USER, DOMAIN, f"{WWW},{SHOP},shop.net")]
    assert (certificate(service).state, certificate(service).reason) == ("active", None)


def test_only_names_below_the_domain_are_asked_of_our_nameservers(house: House) -> None:
    house.dns.wrong["ns01", "shop.net"] = frozenset()
    house.dns.wrong["ns01", SHOP] = frozenset()
    service = house.order()
    alias(house, service, WWW, SHOP, "shop.net")
    run_all_due(house.runner)
    row = certificate(service)
    assert row.hosts == [DOMAIN, WWW, "shop.net"]
    assert f"for all but {SHOP}: ns01" in row.reason
    ip = house.fleet["web01"].account.ip
    assert row.reason.endswith(f"put it there: hostdeck service add record {DOMAIN} shop A {ip}")


def test_a_name_that_goes_orders_nothing(house: House) -> None:
    service = house.order()
    alias(house, service, WWW, SHOP)
    run_all_due(house.runner)
    alias(house, service, SHOP)
    run_all_due(house.runner)
    assert (len(house.ran("web01")), len(seeds(service)), certificate(service).state) == (2, 2, "active")


def test_a_name_that_the_order_had_and_nobody_wants_any_more_is_not_waited_for(house: House) -> None:
    service = house.order()
    alias(house, service, SHOP)
    run_all_due(house.runner)
    house.dns.wrong["public", WWW] = frozenset()
    grant(house.door, service, Wish.HARD_REDEPLOY, DOMAIN)
    for _ in range(3):
        house.again()
    assert house.ran("web01")[-1] == (USER, DOMAIN, SHOP)
    assert (certificate(service).state, certificate(service).hosts) == ("active", [DOMAIN, SHOP])


def test_a_hard_redeploy_has_the_site_certified_first_and_then_for_all_its_names(house: House) -> None:
    service = house.order()
    change_item(house.door, service, ItemKind.WEBSITE, "", {"aliases": f"{WWW}, {SHOP}", "force_https": "yes"})
    run_all_due(house.runner)
    since = len(house.ran("web01"))
    grant(house.door, service, Wish.HARD_REDEPLOY, DOMAIN)
    for _ in range(3):
        house.again()
    assert house.ran("web01")[since:] == [(USER, DOMAIN, WWW), (USER, DOMAIN, f"{WWW},{SHOP}")]
    assert certificate(service).hosts == [DOMAIN, WWW, SHOP]
    assert {task.status for task in Task.select().where(Task.service == service)} == {TaskStatus.SUCCESS}


def test_a_hard_redeploy_keeps_to_its_plan_when_one_of_the_names_resolves_no_more(house: House) -> None:
    service = house.order()
    alias(house, service, WWW, SHOP, "shop.net")
    run_all_due(house.runner)
    number = ask_nodes(house.door, service, Wish.HARD_REDEPLOY)
    run_all_due(house.runner)
    shown = plan_view(plan_wish(house.door, service, Wish.HARD_REDEPLOY), number)
    commands = [line for planned in shown.tasks for line in planned.commands or () if "letsencrypt" in line]
    assert commands[0].startswith(f"v-add-letsencrypt-domain {USER} {DOMAIN} {WWW}")
    assert f"{WWW},{SHOP},shop.net" in commands[1]
    house.dns.wrong["public", "shop.net"] = frozenset()
    since = len(house.ran("web01"))
    grant(house.door, service, Wish.HARD_REDEPLOY, DOMAIN, plan=number)
    for _ in range(4):
        house.again()
    assert house.ran("web01")[since:] == [(USER, DOMAIN, WWW), (USER, DOMAIN, f"{WWW},{SHOP}")]
    assert f"certified for all but shop.net: {NOWHERE}" in certificate(service).reason


def test_a_name_that_the_node_refuses_stays_out_and_the_certificate_stands(house: House) -> None:
    service = house.order()
    node = house.fleet["web01"].account
    node.add_foreign_user("other", "other@example.net", "Other")
    node.run(["v-add-web-domain", "other", "shop.net", node.ip, "no", "none"])
    alias(house, service, WWW, "shop.net")
    for _ in range(5):
        house.again()
    row = certificate(service)
    assert Item.get(Item.kind == ItemKind.WEBSITE.value).error is not None
    assert (row.hosts, row.not_after is None) == ([DOMAIN, WWW], False)
    assert "for all but shop.net: the site on web01 does not have that name yet" in row.reason
    assert len(house.ran("web01")) == 1


def test_on_each_database_a_certificate_that_is_waited_for_is_asked_for_with_the_new_names(any_house: House) -> None:
    """Also where they are changed twice before anything has run."""
    house = any_house
    house.dns.wrong["public", DOMAIN] = frozenset()
    service = house.order()
    alias(house, service, WWW)
    alias(house, service, WWW, SHOP)
    house.dns.wrong.clear()
    house.again()
    house.again()
    assert house.ran("web01") == [(USER, DOMAIN, WWW), (USER, DOMAIN, f"{WWW},{SHOP}")]
    assert (len(seeds(service)), certificate(service).state) == (1, "active")


def test_a_name_and_https_alone_are_wished_at_once_before_there_is_any_certificate(house: House) -> None:
    house.dns.wrong["public", DOMAIN] = frozenset()
    service = house.order()
    fields = {"aliases": f"{WWW}, {SHOP}", "force_https": "yes"}
    change_item(house.door, service, ItemKind.WEBSITE, "", fields)
    house.again()
    house.dns.wrong.clear()
    for _ in range(4):
        house.again()
    assert certificate(service).hosts == [DOMAIN, WWW, SHOP]
    assert site(house)["SSL_FORCE"] == "yes"
    assert {task.status for task in Task.select().where(Task.service == service)} == {TaskStatus.SUCCESS}


def test_a_name_added_while_a_hard_redeploy_goes_on_holds_nothing_up(house: House) -> None:
    service = house.order()
    change_item(house.door, service, ItemKind.WEBSITE, "", {"force_https": "yes"})
    run_all_due(house.runner)
    grant(house.door, service, Wish.HARD_REDEPLOY, DOMAIN)
    alias(house, service, WWW, SHOP)
    for _ in range(4):
        house.again()
    assert certificate(service).hosts == [DOMAIN, WWW, SHOP]
    live = Task.status.not_in(list(FINAL))
    assert not Task.select().where(Task.service == service, live).exists()


def test_the_order_of_a_name_that_is_taken_off_again_ends_at_once(house: House) -> None:
    house.dns.wrong["public", "shop.net"] = frozenset()
    service = house.order()
    alias(house, service, WWW, "shop.net")
    run_all_due(house.runner)
    assert certificate(service).state == "waiting"
    alias(house, service, WWW)
    run_all_due(house.runner)
    assert (certificate(service).state, certificate(service).reason) == ("active", None)
    assert len(house.ran("web01")) == 1


def test_a_site_that_was_given_fewer_names_on_its_node_keeps_the_certificate_for_those(house: House) -> None:
    house.dns.wrong["public", DOMAIN] = frozenset()
    service = house.order()
    node = house.fleet["web01"].account
    node.run(["v-delete-web-domain-alias", USER, DOMAIN, WWW])
    node.run(["v-add-letsencrypt-domain", USER, DOMAIN, ""])
    house.dns.wrong.clear()
    since = len(house.ran("web01"))
    house.again()
    assert (certificate(service).state, certificate(service).hosts) == ("active", [DOMAIN])
    assert len(house.ran("web01")) == since


def test_a_refusal_takes_neither_https_nor_a_redirect_off_the_site(house: House) -> None:
    service = house.order()
    fields = {"force_https": "yes", "redirect": "https://elsewhere.example.net"}
    change_item(house.door, service, ItemKind.WEBSITE, "", fields)
    run_all_due(house.runner)
    before = {key: site(house)[key] for key in ("SSL_FORCE", "REDIRECT", "REDIRECT_CODE")}
    assert before == {"SSL_FORCE": "yes", "REDIRECT": "https://elsewhere.example.net", "REDIRECT_CODE": "301"}
    for outcome in ("fail", "unresolved"):
        house.ca(outcome)
        alias(house, service, WWW, SHOP)
        house.again()
        assert {key: site(house)[key] for key in before} == before


def test_a_reload_that_fails_is_told_although_a_name_is_waited_for(house: House) -> None:
    house.dns.wrong["public", "shop.net"] = frozenset()
    service = house.order()
    house.fleet["web01"].account.broken.add("proxy")
    alias(house, service, WWW, SHOP, "shop.net")
    run_all_due(house.runner)
    assert "restart" in certificate(service).reason.lower()
    house.fleet["web01"].account.broken.clear()
    since = len(house.fleet["web01"].journal)
    for _ in range(3):
        house.again()
    assert "for all but shop.net" in certificate(service).reason
    reloads = [ran for ran in house.fleet["web01"].journal[since:] if ran.argv[0].endswith("v-restart-proxy")]
    assert len(reloads) >= 1


def test_a_certificate_for_all_names_below_the_domain_stays(house: House) -> None:
    service = house.order()
    node = house.fleet["web01"].account
    node.machine.book.users[USER].certificates[DOMAIN]["ALIASES"] = f"{DOMAIN},*.{DOMAIN}"
    alias(house, service, WWW, SHOP)
    run_all_due(house.runner)
    assert (certificate(service).state, certificate(service).hosts) == ("active", [DOMAIN, f"*.{DOMAIN}"])
    alias(house, service, WWW, SHOP, "shop.net")
    run_all_due(house.runner)
    assert "shop.net is not on it" in certificate(service).reason
    assert (certificate(service).state, len(house.ran("web01"))) == ("active", 1)


def test_a_name_that_was_certified_and_resolves_no_more_is_still_said_to_be(house: House) -> None:
    service = house.order()
    alias(house, service, WWW, SHOP)
    run_all_due(house.runner)
    house.dns.wrong["public", SHOP] = frozenset()
    grant(house.door, service, Wish.REDEPLOY)
    run_all_due(house.runner)
    assert (certificate(service).state, certificate(service).hosts) == ("active", [DOMAIN, WWW, SHOP])


def test_taking_back_a_third_name_leaves_what_is_known_of_two(house: House) -> None:
    service = house.order()
    alias(house, service, WWW, SHOP)
    run_all_due(house.runner)
    alias(house, service, WWW, SHOP, "shop.net")
    wish = Audit.select().order_by(Audit.id.desc()).first()
    undo(house.door, wish.id)
    row = certificate(service)
    assert (row.state, row.hosts, row.reason) == ("active", [DOMAIN, WWW, SHOP], None)


def test_an_order_counts_for_each_domain_that_it_has_names_of(house: House) -> None:
    service = house.order()
    alias(house, service, WWW, "a.io")
    run_all_due(house.runner)
    many = AcmeOrder.get(AcmeOrder.hosts.contains("a.io"))
    assert many.registered == f"a.io,{DOMAIN}"
    (web, _) = certificates(service)
    assert (web.registered, web.week_used) == (DOMAIN, 3)  # one for mail


def test_a_name_that_the_authority_refuses_leaves_the_site_its_certificate(house: House) -> None:
    service = house.order()
    alias(house, service, WWW, SHOP)
    house.ca("fail")
    run_all_due(house.runner)
    row = certificate(service)
    assert (row.state, row.failures, row.hosts) == ("failing", 1, [DOMAIN, WWW])
    assert row.not_after is not None
    change_item(house.door, service, ItemKind.WEBSITE, "", {"php": "8.3"})
    run_all_due(house.runner)
    assert certificate(service).failures == 1


def test_a_certificate_of_ones_own_stays_whatever_names_are_added(house: House) -> None:
    service = house.order()
    own = leaf(DOMAIN, WWW, ends=200 * DAY)
    add_certificate(house.door, service, own.pem, own.key, intermediate().pem, Role.WEB)
    run_all_due(house.runner)
    alias(house, service, WWW, SHOP)
    run_all_due(house.runner)
    assert (len(seeds(service)), len(house.ran("web01"))) == (1, 1)


def test_taking_the_wish_back_asks_for_nothing(house: House) -> None:
    service = house.order()
    alias(house, service, WWW, SHOP)
    wish = Audit.select().order_by(Audit.id.desc()).first()
    assert len(undo(house.door, wish.id).cancelled) == 2
    run_all_due(house.runner)
    row = certificate(service)
    assert (row.state, row.hosts, len(house.ran("web01"))) == ("active", [DOMAIN, WWW], 1)


def test_a_name_beyond_ascii_is_asked_for_as_the_node_spells_it(house: House) -> None:
    service = house.order()
    alias(house, service, WWW, "bücher.net")
    run_all_due(house.runner)
    assert certificate(service).hosts == [DOMAIN, WWW, "xn--bcher-kva.net"]
