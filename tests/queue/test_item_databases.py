"""Databases on pretend nodes over real SSH."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from tests.customer import WEB, Customer, row, served
from tests.item_rows import PASSWORD, set_password, want, write
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


def databases(customer: Customer) -> dict[str, dict[str, str]]:
    listed: dict[str, dict[str, str]] = json.loads(customer.run("web01", "v-list-databases", WEB, "json"))
    return listed


def test_a_database_is_made_under_the_accounts_name_once(customer: Customer) -> None:
    """Also where the part of one's own begins with the account's name: the node puts it in front all the same."""
    item = customer.add(ItemKind.DATABASE, "shop", user="shop")
    twice = customer.add(ItemKind.DATABASE, f"{WEB}_x", user=f"{WEB[:3]}_x")
    assert set(databases(customer)) == {f"{WEB}_shop", f"{WEB}_{WEB}_x"}
    shop = databases(customer)[f"{WEB}_shop"]
    assert (shop["DBUSER"], shop["TYPE"], shop["CHARSET"]) == (f"{WEB}_shop", "mysql", "UTF8MB4")
    before = customer.sent("web01")
    for one in (item, twice):
        assert customer.carry_out(one).status is TaskStatus.SUCCESS
        assert (row(one).status, row(one).secret) == (ItemStatus.ACTIVE, None)
    assert customer.sent("web01") == before


def test_a_databases_password_is_changed_also_while_it_is_suspended(customer: Customer) -> None:
    item = customer.add(ItemKind.DATABASE, "shop", user="shop")
    customer.change(item, suspended=True)
    assert databases(customer)[f"{WEB}_shop"]["SUSPENDED"] == "yes"
    set_password(item, "Another-88-word")
    customer.change(item)
    assert [line.split()[0] for line in customer.sent("web01")[-3:]] == [
        "v-unsuspend-database", "v-change-database-password", "v-suspend-database",
    ]  # fmt: skip
    customer.change(item, suspended=False)
    assert databases(customer)[f"{WEB}_shop"]["SUSPENDED"] == "no"


@pytest.mark.parametrize(
    ("wanted", "what"),
    [({"user": "other"}, "user"), ({"charset": "latin1"}, "charset"), ({"engine": "pgsql"}, "engine")],
)
def test_what_can_not_be_changed_where_it_stands_is_told(customer: Customer, wanted: dict[str, Any], what: str) -> None:
    item = customer.add(ItemKind.DATABASE, "shop", user="shop")
    before = customer.sent("web01")
    want(item, **wanted)
    task = customer.carry_out(item)
    assert task.status is TaskStatus.FAILED
    assert f"has the {what}" in str(task.error)
    assert "[DB_FIXED]" in str(task.error)
    assert customer.sent("web01") == before


@pytest.mark.parametrize(
    ("name", "user", "told"),
    [
        ("shop", "a" * 15, "14 are left"),
        ("s" * 46, "shop", "45 are left"),
        ("sh.op", "shop", "can't be a name"),
        ("shop", "sh op", "can't be a name"),
    ],
)
def test_a_name_the_node_would_not_take_is_refused_before_anything_is_sent(
    customer: Customer, name: str, user: str, told: str
) -> None:
    before = customer.sent("web01")
    assert told in customer.refused(ItemKind.DATABASE, name, user=user)
    assert customer.sent("web01") == before


def test_names_that_just_fit_are_taken(customer: Customer) -> None:
    customer.add(ItemKind.DATABASE, "s" * 45, user="a" * 14)


def test_postgresql_takes_no_dash(customer: Customer) -> None:
    assert "no '-' in a PostgreSQL name" in customer.refused(ItemKind.DATABASE, "shop", user="shop", engine="pgsql")


def test_a_user_is_one_databases_only(customer: Customer) -> None:
    customer.add(ItemKind.DATABASE, "shop", user="shop")
    assert "[DB_USER_TAKEN]" in customer.refused(ItemKind.DATABASE, "blog", user="shop")


def test_a_database_goes_with_its_row_and_another_stays(customer: Customer) -> None:
    item = customer.add(ItemKind.DATABASE, "shop", user="shop")
    customer.add(ItemKind.DATABASE, "shop_2", user="shop_2")
    assert customer.remove(item).status is TaskStatus.SUCCESS
    assert set(databases(customer)) == {f"{WEB}_shop_2"}
    assert Item.get_or_none(Item.id == item) is None


def test_a_database_somebody_else_made_is_left_alone(customer: Customer) -> None:
    customer.run("web01", "v-add-database", WEB, "shop", "shop", PASSWORD)
    before = customer.sent("web01")
    assert "[ITEM_FOREIGN]" in customer.refused(ItemKind.DATABASE, "shop", user="shop")
    assert customer.remove(Item.get(Item.name == "shop").id).status is TaskStatus.SKIPPED
    assert customer.sent("web01") == before


def test_a_database_that_was_made_unheard_gets_its_password_again(runner: Runner, door: Door) -> None:
    with sim_fleet(("web01", "mx01"), faults={"web01": ["v-add-database=drop-after*1"]}) as fleet:
        customer = Customer(fleet, runner, door)
        item = write(customer.service, ItemKind.DATABASE, "shop", user="shop")
        assert customer.carry_out(item).status is TaskStatus.RETRYING
        make_due()
        run_all_due(runner)
        assert customer.sent("web01")[-1].startswith("v-change-database-password")
        assert (row(item).status, row(item).secret) == (ItemStatus.ACTIVE, None)


def test_a_database_server_that_is_down_is_waited_for(customer: Customer) -> None:
    account = customer.fleet["web01"].account
    account.broken.add("db")
    item = write(customer.service, ItemKind.DATABASE, "shop", user="shop")
    assert customer.carry_out(item).status is TaskStatus.RETRYING
    assert not row(item).ours
    account.broken.clear()
    make_due()
    run_all_due(customer.runner)
    assert row(item).status is ItemStatus.ACTIVE
