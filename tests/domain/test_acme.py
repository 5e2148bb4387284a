"""Let's Encrypt's limits: never one order too many, and never shut for longer than they are."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostdeck.core.domain.acme import LIMITS, UNDER_WAY, WEEK, Order, Wanted, budget, state_of, used_this_week
from hostdeck.core.domain.vocabulary import TaskStatus

NOW = datetime(2026, 3, 14, 12, 0, tzinfo=UTC)
ACCOUNT = "web01/customer-com-web"


def order(ago: timedelta, *hosts: str, account: str = ACCOUNT, issued: bool = True) -> Order:
    wanted = Wanted(account, frozenset(hosts))
    return Order(account, wanted.registered, wanted.hosts, NOW - ago, issued)


def wanted(*hosts: str, account: str = ACCOUNT) -> Wanted:
    return Wanted(account, frozenset(hosts))


def names(parent: str = "benchwords.com") -> st.SearchStrategy[tuple[str, ...]]:
    host = st.sampled_from("abcdefgh").map(lambda label: f"{label}.{parent}")
    return st.one_of(host.map(lambda name: (name,)), st.just((parent, f"www.{parent}")))


@st.composite
def histories(draw: st.DrawFn) -> list[Order]:
    moments = st.integers(0, 8 * 24 * 60).map(lambda minutes: timedelta(minutes=minutes))
    accounts = st.sampled_from([ACCOUNT, "web02/other"])
    count = draw(st.integers(0, 70))
    return [
        order(draw(moments), *draw(names()), account=draw(accounts), issued=draw(st.booleans())) for _ in range(count)
    ]


@given(histories(), names())
def test_a_budget_that_is_shut_opens_later_and_is_open_then(history: list[Order], hosts: tuple[str, ...]) -> None:
    shut = budget(history, wanted(*hosts), NOW)
    if shut is not None:
        assert NOW < shut.opens <= NOW + WEEK
        assert budget(history, wanted(*hosts), shut.opens) is None
        assert budget(history, wanted(*hosts), shut.opens - timedelta(microseconds=1)) is not None


@given(st.lists(st.tuples(st.integers(1, 600), names(), st.booleans()), max_size=120))
def test_who_asks_first_never_gets_more_than_any_limit_allows(plan: list[tuple[int, tuple[str, ...], bool]]) -> None:
    sent: list[Order] = []
    clock = NOW
    for minutes, hosts, issued in plan:
        clock += timedelta(minutes=minutes)
        want = wanted(*hosts)
        if budget(sent, want, clock) is None:
            sent.append(Order(ACCOUNT, want.registered, want.hosts, clock, issued))
    for limit in LIMITS:
        for last in sent:
            want = Wanted(last.account, last.hosts)
            for one in want.registered if limit.each else [""]:
                window = [o for o in sent if last.at - limit.window < o.at <= last.at and limit.counts(o, want, one)]
                assert sum(o.issued or not limit.certificates for o in window) <= limit.most


@given(histories(), names())
def test_one_order_less_never_shuts_a_budget(history: list[Order], hosts: tuple[str, ...]) -> None:
    if history and budget(history, wanted(*hosts), NOW) is None:
        assert budget(history[1:], wanted(*hosts), NOW) is None


def test_all_names_below_one_registered_domain_share_its_week() -> None:
    history = [order(timedelta(hours=n + 1), f"n{n}.benchwords.com", account=f"web01/u{n}") for n in range(50)]
    shut = budget(history, wanted("alice.benchwords.com", account="web02/alice"), NOW)
    assert shut is not None
    assert shut.opens == NOW - timedelta(hours=50) + WEEK
    assert "50 certificates for benchwords.com" in shut.sentence
    assert "opens 2026-03-19 10:00 UTC" in shut.sentence
    assert budget(history, wanted("alice.otherwords.com"), NOW) is None
    assert used_this_week(history, "benchwords.com", NOW) == 50


@pytest.mark.parametrize(("domain", "registered"), [("a.b.co.uk", "b.co.uk"), ("x.y.example.com", "example.com")])
def test_the_registered_domain_follows_the_public_suffix_list(domain: str, registered: str) -> None:
    assert wanted(domain, f"www.{domain}").registered == {registered}


def test_a_certificate_counts_for_each_domain_that_it_has_names_of() -> None:
    history = [order(timedelta(hours=n + 1), f"n{n}.benchwords.com", f"n{n}.net") for n in range(50)]
    assert budget(history, wanted("a.benchwords.com", "a.io"), NOW) is not None
    assert budget(history, wanted("a.n7.net", "a.io"), NOW) is None


def test_the_same_names_get_five_a_week() -> None:
    history = [order(timedelta(days=n), "customer.com", "www.customer.com") for n in range(5)]
    assert budget(history, wanted("www.customer.com", "customer.com"), NOW) is not None
    assert budget(history, wanted("customer.com"), NOW) is None


def test_five_failures_of_a_name_shut_it_for_that_account_until_the_first_is_an_hour_old() -> None:
    history = [order(timedelta(minutes=20 + n), "customer.com", issued=False) for n in range(5)]
    shut = budget(history, wanted("customer.com", "www.customer.com"), NOW)
    assert shut is not None
    assert shut.opens == NOW + timedelta(minutes=36)
    assert budget(history, wanted("customer.com", account="web02/other"), NOW) is None


def test_an_order_under_way_counts_as_a_certificate_until_it_can_be_none() -> None:
    history = [order(timedelta(days=1), "customer.com") for _ in range(4)]
    history.append(order(timedelta(minutes=5), "customer.com", issued=False))
    shut = budget(history, wanted("customer.com"), NOW)
    assert shut is not None
    assert shut.opens == NOW - timedelta(minutes=5) + UNDER_WAY


@pytest.mark.parametrize(
    ("status", "attempts", "snoozes", "valid", "word"),
    [
        (TaskStatus.WAITING, 0, 0, False, "waiting"),
        (TaskStatus.RETRYING, 0, 3, False, "waiting"),
        (TaskStatus.RETRYING, 2, 0, False, "failing"),
        (TaskStatus.RETRYING, 2, 1, True, "waiting"),
        (TaskStatus.FAILED, 12, 0, False, "frozen"),
        (TaskStatus.SUCCESS, 1, 0, True, "active"),
        (TaskStatus.CANCELLED, 0, 0, False, "none"),
        (TaskStatus.CANCELLED, 0, 0, True, "active"),
        (TaskStatus.SKIPPED, 1, 0, False, "none"),
    ],
)
def test_the_state_follows_from_the_task(
    status: TaskStatus, attempts: int, snoozes: int, valid: bool, word: str
) -> None:
    assert state_of(status, attempts, snoozes, valid) == word
