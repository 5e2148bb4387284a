"""FTP accounts on pretend nodes over real SSH."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.customer import DOMAIN, WEB, Customer, row, served
from tests.item_rows import PASSWORD, set_password, write
from tests.queue.conftest import make_due, run_all_due
from tests.simfleet import sim_fleet

from hostdeck.core.domain.items import ItemKind, ItemStatus
from hostdeck.core.domain.vocabulary import TaskStatus
from hostdeck.core.intents.base import Door
from hostdeck.core.store.item_models import Item
from hostdeck.queue.runner import Runner


@pytest.fixture
def customer(runner: Runner, door: Door) -> Iterator[Customer]:
    yield from served(runner, door)


def logins(customer: Customer) -> dict[str, str]:
    """Login -> home, as the machine has it."""
    lines = [line.split(":") for line in customer.run("web01", "cat", "/etc/passwd").splitlines()]
    site = f"/home/{WEB}/web/{DOMAIN}"
    return {line[0]: line[5].removeprefix(site) for line in lines if line[0].startswith(f"{WEB}_")}


def test_an_ftp_account_is_made_and_a_second_run_sends_nothing(customer: Customer) -> None:
    first = customer.add(ItemKind.FTP, "design")
    second = customer.add(ItemKind.FTP, "editor", path="/public_html/")
    third = customer.add(ItemKind.FTP, "root", path="/")
    assert logins(customer) == {f"{WEB}_design": "", f"{WEB}_editor": "/public_html", f"{WEB}_root": ""}
    before = customer.sent("web01")
    for item in (first, second, third):
        assert customer.carry_out(item).status is TaskStatus.SUCCESS
        assert (row(item).status, row(item).secret) == (ItemStatus.ACTIVE, None)
    assert customer.sent("web01") == before


def test_its_folder_and_password_are_changed(customer: Customer) -> None:
    customer.add(ItemKind.FTP, "design", path="/private")
    item = customer.add(ItemKind.FTP, "editor", path="/public_html")
    customer.change(item, path="/public_html/blog")
    assert logins(customer)[f"{WEB}_editor"] == "/public_html/blog"
    customer.change(item, path="")
    assert logins(customer) == {f"{WEB}_design": "/private", f"{WEB}_editor": ""}
    set_password(item, "Another-88-word")
    customer.change(item)
    assert customer.sent("web01")[-1].startswith(f"v-change-web-domain-ftp-password {WEB} {DOMAIN} {WEB}_editor")


@pytest.mark.parametrize("path", ["/../other.test", "/public_html/../../x", "/a:b", "/a b", "/a%b"])
def test_a_folder_outside_the_website_is_refused_before_anything_is_sent(customer: Customer, path: str) -> None:
    before = customer.sent("web01")
    assert "inside the website's folder" in customer.refused(ItemKind.FTP, "design", path=path)
    assert customer.sent("web01") == before


@pytest.mark.parametrize(
    ("name", "told"), [("a.b", "can't be a login"), ("A", "can't be a login"), ("a" * 13, "12 are left")]
)
def test_a_login_the_node_would_not_keep_apart_is_refused(customer: Customer, name: str, told: str) -> None:
    before = customer.sent("web01")
    assert told in customer.refused(ItemKind.FTP, name)
    assert customer.sent("web01") == before


def test_an_ftp_account_goes_with_its_row_and_the_others_keep_their_folders(customer: Customer) -> None:
    customer.add(ItemKind.FTP, "one", path="/public_html")
    item = customer.add(ItemKind.FTP, "two")
    last = customer.add(ItemKind.FTP, "three", path="/private")
    assert customer.remove(item).status is TaskStatus.SUCCESS
    assert logins(customer) == {f"{WEB}_one": "/public_html", f"{WEB}_three": "/private"}
    before = customer.sent("web01")
    customer.carry_out(last)
    assert customer.sent("web01") == before


def test_an_ftp_account_somebody_else_made_is_left_alone(customer: Customer) -> None:
    customer.run("web01", "v-add-web-domain-ftp", WEB, DOMAIN, "design", PASSWORD)
    before = customer.sent("web01")
    assert "[ITEM_FOREIGN]" in customer.refused(ItemKind.FTP, "design", path="/x")
    assert customer.remove(Item.get(Item.name == "design").id).status is TaskStatus.SKIPPED
    assert customer.sent("web01") == before


def test_a_login_that_another_has_on_the_machine_is_never_touched(customer: Customer) -> None:
    customer.run("web01", "v-add-user", f"{WEB}_x", PASSWORD, "x@example.org", "default", "Somebody")
    before = customer.sent("web01")
    assert "there already" in customer.refused(ItemKind.FTP, "x")
    assert customer.sent("web01") == before
    assert not Item.get(Item.name == "x").ours


def test_an_account_that_was_made_unheard_gets_its_password_again(runner: Runner, door: Door) -> None:
    with sim_fleet(("web01", "mx01"), faults={"web01": ["v-add-web-domain-ftp=drop-after*1"]}) as fleet:
        customer = Customer(fleet, runner, door)
        item = write(customer.service, ItemKind.FTP, "design")
        assert customer.carry_out(item).status is TaskStatus.RETRYING
        make_due()
        run_all_due(runner)
        assert customer.sent("web01")[-1].startswith("v-change-web-domain-ftp-password")
        assert (row(item).status, row(item).secret) == (ItemStatus.ACTIVE, None)
