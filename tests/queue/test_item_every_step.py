"""The property over all steps, for the kinds of items: carried out, nothing is left to decide; and what a plan expects
of the node is what the node then shows.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from tests.customer import DOMAIN, MAIL, NODES, WEB, Customer, row, served
from tests.item_rows import let_go, send, set_password, want, write
from tests.queue.conftest import error_of, make_due, run_all_due
from tests.simfleet import sim_fleet

from hostdeck.core.domain.findings import Finding
from hostdeck.core.domain.items import ItemKind, ItemStatus
from hostdeck.core.domain.vocabulary import ServiceStatus, TaskStatus
from hostdeck.core.domain.wishes import Wish
from hostdeck.core.drivers.base import NodeDriver
from hostdeck.core.intents.base import Door
from hostdeck.core.intents.life import grant
from hostdeck.core.plans.forecast import forecast
from hostdeck.core.steps.base import Step
from hostdeck.core.store.work_models import Service
from hostdeck.queue.ensure import ensure
from hostdeck.queue.runner import Runner

FORWARDS = ["jim.bob@x.example", "bob@x.example"]
KINDS: dict[ItemKind, tuple[str, dict[str, Any], Sequence[dict[str, Any]]]] = {
    ItemKind.MAILBOX: (
        "jane.doe",
        {"quota": "100", "forwards": ["a@x.example"], "aliases": ["jane"], "autoreply": "Away.", "suspended": True},
        (
            {"forwards": FORWARDS, "keep": False, "aliases": ["j.doe"], "autoreply": ""},
            {"suspended": False, "keep": True, "forwards": [], "autoreply": "a\nb", "quota": "unlimited"},
        ),
    ),
    ItemKind.DATABASE: ("shop", {"user": "shop", "suspended": True}, ({"suspended": False}, {"suspended": True})),
    ItemKind.FTP: ("design", {"path": "/public_html"}, ({"path": ""}, {"path": "/private/"})),
    ItemKind.CRON: (
        "nightly",
        {"schedule": "0 3 * * *", "command": "echo 'x'", "suspended": True},
        ({"command": "true"}, {"schedule": "0 4 * * *", "suspended": False}),
    ),
}


class Prophet:
    """Carries steps as the runner does, after telling what will be sent and what will be there."""

    def __init__(self) -> None:
        self.wrong: list[str] = []
        self.told = 0

    async def ensure(self, step: Step[Any, Any], node: NodeDriver, *args: Any, **kwargs: Any) -> tuple[Finding, ...]:
        found = await node.ask(step.question(), step.owner())
        told = forecast(copy.copy(step), found, node.sends)
        for change in told.changes:
            found = step.expect(found, (change,))
        learnt = await ensure(step, node, *args, **kwargs)
        shown = await node.ask(step.question(), step.owner())
        if shown != found:
            self.wrong.append(f"{type(step).__name__}: told {found}, shown {shown}")
        if step.decide(shown):
            self.wrong.append(f"{type(step).__name__}: {step.decide(shown)} is left")
        self.told += len(told.commands)
        return learnt


@pytest.fixture
def customer(runner: Runner, door: Door) -> Iterator[Customer]:
    yield from served(runner, door)


@pytest.mark.parametrize("kind", KINDS)
def test_a_plan_tells_what_will_be_there_and_nothing_is_left(
    customer: Customer, kind: ItemKind, monkeypatch: pytest.MonkeyPatch
) -> None:
    prophet = Prophet()
    monkeypatch.setattr("hostdeck.queue.runner.ensure", prophet.ensure)
    name, wanted, changes = KINDS[kind]
    item = customer.add(kind, name, **wanted)
    for change in changes:
        if kind is not ItemKind.CRON:
            set_password(item, "Another-88-word")
        customer.change(item, **change)
    assert customer.remove(item).status is TaskStatus.SUCCESS
    assert prophet.wrong == []
    assert prophet.told > len(changes)


@pytest.mark.parametrize("kind", KINDS)
def test_a_hard_redeploy_brings_each_kind_back_and_nobody_knows_its_password(
    customer: Customer, kind: ItemKind
) -> None:
    name, wanted, _ = KINDS[kind]
    item = customer.add(kind, name, **wanted)
    grant(customer.door, customer.service, Wish.HARD_REDEPLOY, DOMAIN)
    run_all_due(customer.runner)
    assert Service.get_by_id(customer.service).status is ServiceStatus.ACTIVE, error_of(customer.service)
    assert row(item).status is ItemStatus.ACTIVE
    node = "mx01" if kind is ItemKind.MAILBOX else "web01"
    before = customer.sent(node)
    send(item)
    run_all_due(customer.runner)
    assert customer.sent(node) == before
    assert (row(item).known.get("password") == "unknown") is (kind is not ItemKind.CRON)


@pytest.mark.parametrize("kind", KINDS)
def test_what_has_gone_by_itself_goes_from_the_rows_without_a_command(customer: Customer, kind: ItemKind) -> None:
    """Never made, and wished away: there is nothing to send."""
    name, wanted, _ = KINDS[kind]
    item = write(customer.service, kind, name, **wanted)
    before = {node: customer.sent(node) for node in ("web01", "mx01")}
    let_go(item)
    assert customer.carry_out(item).status is TaskStatus.SUCCESS
    assert {node: customer.sent(node) for node in ("web01", "mx01")} == before


@pytest.mark.parametrize("kind", KINDS)
def test_an_account_that_is_another_is_never_looked_into(customer: Customer, kind: ItemKind) -> None:
    name, wanted, changes = KINDS[kind]
    item = customer.add(kind, name, **wanted)
    for node in customer.fleet.nodes.values():
        for user, data in node.account.book.users.items():
            if user.startswith("customer"):
                data.conf["NAME"] = "Somebody"
    before = {node: customer.sent(node) for node in ("web01", "mx01")}
    want(item, **changes[0])
    assert "[OWN_FOREIGN]" in str(customer.carry_out(item).error)
    assert {node: customer.sent(node) for node in ("web01", "mx01")} == before


def test_a_plan_tells_of_each_command_once(customer: Customer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A password that is due is given once, in a plan as in the deed."""
    prophet = Prophet()
    monkeypatch.setattr("hostdeck.queue.runner.ensure", prophet.ensure)
    item = customer.add(ItemKind.DATABASE, "shop", user="shop")
    set_password(item, "Another-88-word")
    customer.change(item)
    assert prophet.told == 2


def test_nobody_knows_the_password_of_what_was_built_anew_unheard(runner: Runner, door: Door) -> None:
    """The answer to the second `v-add-database` is lost: the next attempt finds it standing, with a drawn password."""
    with sim_fleet(NODES) as fleet:
        customer = Customer(fleet, runner, door)
        item = customer.add(ItemKind.DATABASE, "shop", user="shop")
        fleet["web01"].faults.add("v-add-database=drop-after*1")
        grant(door, customer.service, Wish.HARD_REDEPLOY, DOMAIN)
        run_all_due(runner)
        assert row(item).status is ItemStatus.PENDING
        make_due()
        run_all_due(runner)
        assert row(item).status is ItemStatus.ACTIVE
        assert row(item).known["password"] == "unknown"


@pytest.mark.parametrize(
    ("kind", "node", "fails", "listing", "change"),
    [
        (
            ItemKind.MAILBOX,
            "mx01",
            "v-change-mail-account-quota",
            ("v-list-mail-accounts", MAIL, DOMAIN),
            {"quota": "9"},
        ),
        (ItemKind.DATABASE, "web01", "v-change-database-password", ("v-list-databases", WEB), {}),
        (ItemKind.CRON, "web01", "v-change-cron-job", ("v-list-cron-jobs", WEB), {"command": "true"}),
    ],
)
def test_what_was_opened_for_a_change_that_failed_is_closed_again(
    customer: Customer, kind: ItemKind, node: str, fails: str, listing: tuple[str, ...], change: dict[str, Any]
) -> None:
    name, wanted, _ = KINDS[kind]
    item = customer.add(kind, name, **wanted)
    if kind is not ItemKind.CRON:
        set_password(item, "Another-88-word")
    want(item, **change)
    customer.fleet[node].faults.add(f"{fails}=exit:2*1")
    task = customer.carry_out(item)
    assert task.status is TaskStatus.FAILED
    assert f"{fails} " in str(task.error)
    (shown,) = json.loads(customer.run(node, *listing, "json")).values()
    assert shown["SUSPENDED"] == "yes"
