"""Mailboxes on pretend nodes over real SSH: made, changed, left alone, brought back, removed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from tests.customer import DOMAIN, MAIL, NODES, Customer, row, served
from tests.item_rows import PASSWORD, let_go, set_password, want, write
from tests.queue.conftest import error_of, make_due, run_all_due
from tests.simfleet import sim_fleet

from hostdeck.core.domain.items import ItemKind, ItemStatus
from hostdeck.core.domain.vocabulary import ServiceStatus, TaskStatus
from hostdeck.core.domain.wishes import Wish
from hostdeck.core.intents.base import Door
from hostdeck.core.intents.life import grant
from hostdeck.core.store.item_models import Item
from hostdeck.core.store.work_models import Service
from hostdeck.queue.runner import Runner


@pytest.fixture
def customer(runner: Runner, door: Door) -> Iterator[Customer]:
    yield from served(runner, door)


def test_a_mailbox_is_made_with_all_that_is_wanted_of_it(customer: Customer) -> None:
    item = customer.add(
        ItemKind.MAILBOX, "info", quota="500", forwards=["a@x.example", "b@x.example"], keep=False,
        aliases=["sales"], autoreply="Away until Monday.",
    )  # fmt: skip
    box = customer.box("info")
    assert box is not None
    assert (box["QUOTA"], box["FWD"], box["FWD_ONLY"], box["ALIAS"]) == (
        "500",
        "a@x.example,b@x.example",
        "yes",
        "sales",
    )
    assert customer.run("mx01", "cat", f"/usr/local/hestia/data/users/{MAIL}/mail/info@{DOMAIN}.msg") == (
        "Away until Monday.\n"
    )
    assert (row(item).status, row(item).ours, row(item).secret) == (ItemStatus.ACTIVE, True, None)


def test_a_second_run_sends_nothing(customer: Customer) -> None:
    item = customer.add(ItemKind.MAILBOX, "info", forwards=["a@x.example"], aliases=["sales"], autoreply='"Hi"\n\\o/')
    before = customer.sent("mx01")
    assert customer.carry_out(item).status is TaskStatus.SUCCESS
    assert customer.sent("mx01") == before


@pytest.mark.parametrize(
    ("wanted", "field", "value"),
    [
        ({"quota": "900"}, "QUOTA", "900"),
        ({"quota": "0"}, "QUOTA", "unlimited"),
        ({"forwards": ["c@x.example"]}, "FWD", "c@x.example"),
        ({"forwards": []}, "FWD", ""),
        ({"forwards": ["a@x.example"], "keep": False}, "FWD_ONLY", "yes"),
        ({"aliases": ["post", "sales"]}, "ALIAS", "sales,post"),
        ({"aliases": []}, "ALIAS", ""),
        ({"autoreply": ""}, "AUTOREPLY", "no"),
        ({"suspended": True}, "SUSPENDED", "yes"),
    ],
)
def test_each_field_of_a_mailbox_can_be_changed(
    customer: Customer, wanted: dict[str, Any], field: str, value: str
) -> None:
    item = customer.add(
        ItemKind.MAILBOX, "info", quota="500", forwards=["a@x.example"], aliases=["sales"], autoreply="Away."
    )
    customer.change(item, **wanted)
    box = customer.box("info")
    assert box is not None
    assert box[field] == value
    assert customer.carry_out(item).status is TaskStatus.SUCCESS


@pytest.mark.parametrize(
    "text", ["one line", "two\nlines\n", 'it\'s "quoted" $HOME `id` %s', "C:\\new\\table", "-n", "Zażółć\t1"]
)
def test_an_automatic_answer_reaches_the_node_as_it_was_written(customer: Customer, text: str) -> None:
    customer.add(ItemKind.MAILBOX, "info", autoreply=text)
    told = customer.run("mx01", "cat", f"/usr/local/hestia/data/users/{MAIL}/mail/info@{DOMAIN}.msg")
    assert told == f"{text}\n"


@pytest.mark.parametrize("text", ["a\rb", "bell \a", "x" * 10240])
def test_an_automatic_answer_that_can_not_be_told_is_refused_before_anything_is_sent(
    customer: Customer, text: str
) -> None:
    assert "automatic answer" in customer.refused(ItemKind.MAILBOX, "info", autoreply=text)
    assert customer.box("info") is None


def test_a_suspended_mailbox_is_opened_for_its_changes_and_closed_again(customer: Customer) -> None:
    item = customer.add(ItemKind.MAILBOX, "info", suspended=True)
    set_password(item, "Another-88-word")
    customer.change(item, quota="700")
    box = customer.box("info")
    assert box is not None
    assert (box["QUOTA"], box["SUSPENDED"]) == ("700", "yes")
    assert [line.split()[0] for line in customer.sent("mx01")[-4:]] == [
        "v-unsuspend-mail-account", "v-change-mail-account-quota", "v-change-mail-account-password",
        "v-suspend-mail-account",
    ]  # fmt: skip
    assert row(item).secret is None


def test_forwards_that_look_alike_to_the_node_are_all_there_in_the_end(customer: Customer) -> None:
    """`grep -w` finds `bob@x.example` in `jim.bob@x.example`, and calls it there (`v-add-mail-account-forward`)."""
    item = customer.add(ItemKind.MAILBOX, "info", forwards=["jim.bob@x.example", "axb@x.example"])
    customer.change(item, forwards=["jim.bob@x.example", "bob@x.example", "a.b@x.example", "axb@x.example"])
    box = customer.box("info")
    assert box is not None
    assert sorted(box["FWD"].split(",")) == ["a.b@x.example", "axb@x.example", "bob@x.example", "jim.bob@x.example"]
    customer.change(item, forwards=["jim.bob@x.example", "axb@x.example"])


def test_mail_that_is_not_kept_must_go_somewhere(customer: Customer) -> None:
    assert "forwarded somewhere" in customer.refused(ItemKind.MAILBOX, "info", keep=False)


def test_a_mailbox_goes_with_its_row(customer: Customer) -> None:
    item = customer.add(ItemKind.MAILBOX, "info")
    assert customer.remove(item).status is TaskStatus.SUCCESS
    assert customer.box("info") is None
    assert Item.get_or_none(Item.id == item) is None


def test_a_mailbox_that_somebody_else_made_is_left_alone(customer: Customer) -> None:
    customer.run("mx01", "v-add-mail-account", MAIL, DOMAIN, "info", PASSWORD, "100")
    before = customer.sent("mx01")
    assert "[ITEM_FOREIGN]" in customer.refused(ItemKind.MAILBOX, "info", quota="900")
    item = Item.get(Item.name == "info")
    assert customer.remove(item.id).status is TaskStatus.SKIPPED
    assert customer.sent("mx01") == before
    assert customer.box("info") is not None


@pytest.mark.parametrize(("there", "new"), [("axb", "a.b"), ("a.b", "axb"), ("a.b.c", "axb.c")])
def test_a_name_the_node_can_not_tell_from_another_is_not_added(customer: Customer, there: str, new: str) -> None:
    customer.run("mx01", "v-add-mail-account", MAIL, DOMAIN, there, PASSWORD)
    assert "[MAIL_ALIKE]" in customer.refused(ItemKind.MAILBOX, new)
    assert customer.box(new) is None


def test_a_name_that_is_an_alias_is_not_added_and_an_alias_like_a_name_neither(customer: Customer) -> None:
    item = customer.add(ItemKind.MAILBOX, "info", aliases=["sales"])
    assert "[MAIL_ALIKE]" in customer.refused(ItemKind.MAILBOX, "sales")
    want(item, aliases=["sales", "i.fo"])
    assert "[MAIL_ALIKE]" in str(customer.carry_out(item).error)


def test_a_mailbox_is_not_touched_while_another_looks_like_it(customer: Customer) -> None:
    """`v-delete-mail-account … a.b` takes `axb` with it (`hestia.md` 1.6)."""
    item = customer.add(ItemKind.MAILBOX, "a.b")
    customer.run("mx01", "v-add-mail-account", MAIL, DOMAIN, "axb", PASSWORD)
    before = customer.sent("mx01")
    want(item, quota="900")
    assert "[MAIL_ALIKE]" in str(customer.carry_out(item).error)
    assert "[MAIL_ALIKE]" in str(customer.remove(item).error)
    assert customer.sent("mx01") == before
    assert row(item).status is ItemStatus.REMOVING
    assert customer.box("axb") is not None
    customer.run("mx01", "v-delete-mail-account", MAIL, DOMAIN, "axb")
    assert customer.remove(item).status is TaskStatus.SUCCESS


def test_a_mailbox_with_a_dot_lives_as_any_other_while_it_is_alone(customer: Customer) -> None:
    customer.add(ItemKind.MAILBOX, "jane")
    item = customer.add(ItemKind.MAILBOX, "jane.doe", aliases=["j.doe"])
    customer.change(item, quota="300", aliases=[])
    assert customer.remove(item).status is TaskStatus.SUCCESS
    assert customer.box("jane") is not None


@pytest.mark.parametrize("command", ["v-add-mail-account", "v-change-mail-account-quota", "v-delete-mail-account"])
def test_what_appears_between_the_look_and_the_lock_is_seen_under_the_lock(customer: Customer, command: str) -> None:
    """The node looks once more in the same exec: a look-alike that was made meanwhile stops the command."""
    item = write(customer.service, ItemKind.MAILBOX, "a.b")
    if command != "v-add-mail-account":
        assert customer.carry_out(item).status is TaskStatus.SUCCESS
    if command == "v-delete-mail-account":
        let_go(item)
    else:
        want(item, quota="900")
    node, looked = customer.fleet["mx01"], []
    act = node.account.run

    def run(argv: Any) -> Any:
        if "mail-names-alone" in argv and not looked:
            looked.append(argv)
            act(["v-add-mail-account", MAIL, DOMAIN, "axb", PASSWORD])
        return act(argv)

    node.account.run = run
    task = customer.carry_out(item)
    node.account.run = act
    assert looked
    assert task.status is TaskStatus.FAILED
    assert not any(line.startswith(command) and "a.b" in line for line in customer.sent("mx01")[-1:])
    assert customer.box("axb") is not None


def test_the_password_of_a_lost_answer_is_set_once_more(runner: Runner, door: Door) -> None:
    with sim_fleet(NODES, faults={"mx01": ["v-add-mail-account=drop-after*1"]}) as fleet:
        customer = Customer(fleet, runner, door)
        item = write(customer.service, ItemKind.MAILBOX, "info")
        assert customer.carry_out(item).status is TaskStatus.RETRYING
        assert (row(item).ours, row(item).secret is not None) == (True, True)
        make_due()
        run_all_due(runner)
        assert [line.split()[0] for line in customer.sent("mx01")[-2:]] == [
            "v-add-mail-account", "v-change-mail-account-password",
        ]  # fmt: skip
        assert (row(item).status, row(item).secret) == (ItemStatus.ACTIVE, None)
        assert PASSWORD not in json.dumps([ran.argv for ran in fleet["mx01"].journal])


def test_a_mailbox_that_was_not_made_is_nobodys(runner: Runner, door: Door) -> None:
    with sim_fleet(NODES, faults={"mx01": ["v-add-mail-account=exit:8*1"]}) as fleet:
        customer = Customer(fleet, runner, door)
        assert "limit" in customer.refused(ItemKind.MAILBOX, "info")
        assert not Item.get(Item.name == "info").ours


def test_a_hard_redeploy_brings_items_back_with_a_password_nobody_knows(customer: Customer) -> None:
    item = customer.add(ItemKind.MAILBOX, "info", quota="500", aliases=["sales"])
    grant(customer.door, customer.service, Wish.HARD_REDEPLOY, DOMAIN)
    run_all_due(customer.runner)
    assert Service.get_by_id(customer.service).status is ServiceStatus.ACTIVE, error_of(customer.service)
    box = customer.box("info")
    assert box is not None
    assert (box["QUOTA"], box["ALIAS"]) == ("500", "sales")
    assert row(item).known["password"] == "unknown"
    set_password(item, PASSWORD)
    customer.carry_out(item)
    assert "password" not in row(item).known
