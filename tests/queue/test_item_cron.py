"""Cron jobs on pretend nodes over real SSH, found by what they do."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from tests.customer import DOMAIN, WEB, Customer, row, served
from tests.item_rows import let_go, want, write
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


QUOTED = "echo 'single' \"double\" 100% $HOME | cat"


def jobs(customer: Customer) -> dict[str, tuple[str, str]]:
    """Number -> (schedule and command, suspended)."""
    listed = json.loads(customer.run("web01", "v-list-cron-jobs", WEB, "json"))
    keys = ("MIN", "HOUR", "DAY", "MONTH", "WDAY", "CMD")
    return {number: (" ".join(one[key] for key in keys), one["SUSPENDED"]) for number, one in listed.items()}


def by_hand(customer: Customer, schedule: str, command: str) -> None:
    customer.run("web01", "v-add-cron-job", WEB, *schedule.split(), command)


def test_a_job_is_made_as_it_is_written_and_a_second_run_sends_nothing(customer: Customer) -> None:
    item = customer.add(ItemKind.CRON, "nightly", schedule="*/5 3 * * 1-5", command=QUOTED)
    assert jobs(customer) == {"1": (f"*/5 3 * * 1-5 {QUOTED}", "no")}
    before = customer.sent("web01")
    assert customer.carry_out(item).status is TaskStatus.SUCCESS
    assert customer.sent("web01") == before
    assert row(item).known == {"schedule": "*/5 3 * * 1-5", "command": QUOTED}


def test_the_job_it_was_becomes_the_job_it_shall_be(customer: Customer) -> None:
    by_hand(customer, "1 1 * * *", "true")
    item = customer.add(ItemKind.CRON, "nightly", schedule="0 3 * * *", command=QUOTED)
    by_hand(customer, "2 2 * * *", "true")
    customer.change(item, command="php 'x'", schedule="0 4 * * *")
    assert jobs(customer) == {
        "1": ("1 1 * * * true", "no"), "2": ("0 4 * * * php 'x'", "no"), "3": ("2 2 * * * true", "no"),
    }  # fmt: skip


def test_a_suspended_job_stays_suspended_through_a_change(customer: Customer) -> None:
    item = customer.add(ItemKind.CRON, "nightly", schedule="0 3 * * *", command="true", suspended=True)
    assert jobs(customer) == {"1": ("0 3 * * * true", "yes")}
    customer.change(item, command=QUOTED)
    assert jobs(customer) == {"1": (f"0 3 * * * {QUOTED}", "yes")}
    customer.change(item, suspended=False)
    assert jobs(customer) == {"1": (f"0 3 * * * {QUOTED}", "no")}


def test_exactly_the_wanted_job_counts_as_there_whoever_made_it(customer: Customer) -> None:
    by_hand(customer, "0 3 * * *", QUOTED)
    before = customer.sent("web01")
    item = customer.add(ItemKind.CRON, "nightly", schedule="0 3 * * *", command=QUOTED)
    assert customer.sent("web01") == before
    assert row(item).ours
    customer.change(item, command="true")
    assert jobs(customer) == {"1": ("0 3 * * * true", "no")}


def test_what_it_was_goes_where_the_wanted_job_stands_already(customer: Customer) -> None:
    item = customer.add(ItemKind.CRON, "nightly", schedule="0 3 * * *", command="old")
    by_hand(customer, "0 3 * * *", "new")
    customer.change(item, command="new")
    assert jobs(customer) == {"2": ("0 3 * * * new", "no")}


def test_a_job_whose_number_has_been_given_to_another_is_made_anew(customer: Customer) -> None:
    item = customer.add(ItemKind.CRON, "nightly", schedule="0 3 * * *", command="old")
    customer.run("web01", "v-delete-cron-job", WEB, "1")
    by_hand(customer, "9 9 * * *", "mine")
    customer.change(item, command="new")
    assert jobs(customer) == {"1": ("9 9 * * * mine", "no"), "2": ("0 3 * * * new", "no")}


def test_every_one_that_is_exactly_the_job_goes_and_no_other(customer: Customer) -> None:
    item = customer.add(ItemKind.CRON, "nightly", schedule="0 3 * * *", command=QUOTED)
    by_hand(customer, "0 3 * * *", "true")
    by_hand(customer, "0 3 * * *", QUOTED)
    assert customer.remove(item).status is TaskStatus.SUCCESS
    assert jobs(customer) == {"2": ("0 3 * * * true", "no")}
    assert Item.get_or_none(Item.id == item) is None


@pytest.mark.parametrize("deed", ["change", "remove"])
def test_a_number_that_moves_between_the_look_and_the_lock_hits_nobodys_job(customer: Customer, deed: str) -> None:
    item = customer.add(ItemKind.CRON, "nightly", schedule="0 3 * * *", command="old")
    node, moved = customer.fleet["web01"], []
    act = node.account.run

    def run(argv: Any) -> Any:
        if "cron-is" in argv and not moved:
            moved.append(argv)
            act(["v-delete-cron-job", WEB, "1"])
            act(["v-add-cron-job", WEB, "9", "9", "*", "*", "*", "mine"])
            act(["v-add-cron-job", WEB, "0", "3", "*", "*", "*", "old"])
        return act(argv)

    node.account.run = run
    if deed == "remove":
        let_go(item)
    else:
        want(item, command="new")
    assert customer.carry_out(item).status is TaskStatus.RETRYING
    assert jobs(customer)["1"] == ("9 9 * * * mine", "no")
    make_due()
    run_all_due(customer.runner)
    left = {"1": ("9 9 * * * mine", "no")}
    assert jobs(customer) == (left if deed == "remove" else left | {"2": ("0 3 * * * new", "no")})


@pytest.mark.parametrize(
    ("schedule", "command"),
    [
        ("0 3 * * *", "grep \\d x"), ("0 3 * * *", "echo `id`"), ("0 3 * * *", "a\nb"), ("0 3 * * *", "echo %quote%"),
        ("0 3 * * *", " true"), ("0 3 * * *", ""), ("0 3 * * *", "-n x"), ("0 3 * *", "true"), ("@daily", "true"),
        ("0 3 * * mon", "true"), ("0  3 * * *", "true"),
    ],
)  # fmt: skip
def test_what_the_node_would_not_keep_is_refused_before_anything_is_sent(
    customer: Customer, schedule: str, command: str
) -> None:
    before = customer.sent("web01")
    assert "write it anew" in customer.refused(ItemKind.CRON, "nightly", schedule=schedule, command=command)
    assert customer.sent("web01") == before


def test_a_job_that_was_made_unheard_is_not_made_twice(runner: Runner, door: Door) -> None:
    with sim_fleet(("web01", "mx01"), faults={"web01": ["v-add-cron-job=drop-after*1"]}) as fleet:
        customer = Customer(fleet, runner, door)
        item = write(customer.service, ItemKind.CRON, "nightly", schedule="0 3 * * *", command="true")
        assert customer.carry_out(item).status is TaskStatus.RETRYING
        make_due()
        run_all_due(runner)
        assert jobs(customer) == {"1": ("0 3 * * * true", "no")}
        assert (row(item).status, row(item).ours) == (ItemStatus.ACTIVE, True)


@pytest.mark.parametrize("fault", ["drop-after", "drop-before"])
def test_a_change_whose_answer_was_lost_and_that_is_changed_again_leaves_no_job_in_between(
    runner: Runner, door: Door, fault: str
) -> None:
    with sim_fleet(("web01", "mx01"), faults={"web01": [f"v-change-cron-job={fault}*1"]}) as fleet:
        customer = Customer(fleet, runner, door)
        by_hand(customer, "1 1 * * *", "true")
        item = customer.add(ItemKind.CRON, "nightly", schedule="0 3 * * *", command="first")
        want(item, command="second")
        assert customer.carry_out(item).status is TaskStatus.RETRYING
        assert row(item).known["sent"] == [{"schedule": "0 3 * * *", "command": "second"}]
        want(item, command="third")
        make_due()
        run_all_due(runner)
        assert jobs(customer) == {"1": ("1 1 * * * true", "no"), "2": ("0 3 * * * third", "no")}
        assert row(item).known == {"schedule": "0 3 * * *", "command": "third"}


def test_a_job_that_was_made_unheard_and_is_wished_otherwise_since_is_changed(runner: Runner, door: Door) -> None:
    with sim_fleet(("web01", "mx01"), faults={"web01": ["v-add-cron-job=drop-after*1"]}) as fleet:
        customer = Customer(fleet, runner, door)
        item = write(customer.service, ItemKind.CRON, "nightly", schedule="0 3 * * *", command="first")
        assert customer.carry_out(item).status is TaskStatus.RETRYING
        want(item, command="second")
        make_due()
        run_all_due(runner)
        assert jobs(customer) == {"1": ("0 3 * * * second", "no")}
        let_go(item)
        customer.carry_out(item)
        assert jobs(customer) == {}


def test_a_job_may_call_a_web_address(customer: Customer) -> None:
    customer.add(ItemKind.CRON, "ping", schedule="0 * * * *", command=f"curl -s https://{DOMAIN}/cron.php")
