"""What counts for which limit, how full it is, and when a tier is full."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostdeck.core.domain.usage import Series, days_to_full, growth, share, usage_of, worst_first
from hostdeck.core.domain.vocabulary import Mode, Role

USED = {
    "disk": 900, "mail_disk": 300, "bandwidth": 70, "databases": 2, "cron_jobs": 1, "backups": 3, "web_aliases": 4,
    "mail_accounts": 5, "dns_records": 25, "ftp_accounts": 6,
}  # fmt: skip
WEB, MAIL, DNS = Role.WEB, Role.MAIL, Role.DNS


def test_a_web_users_disk_is_all_but_the_mail() -> None:
    assert usage_of(Mode.SPLIT, [WEB], USED) == {
        "web_disk_quota": 600, "web_bandwidth": 70, "web_databases": 2, "web_ftp_accounts": 6, "web_cron_jobs": 1,
        "web_aliases": 4, "web_backups": 3,
    }  # fmt: skip


def test_a_mail_user_counts_mail_alone() -> None:
    assert usage_of(Mode.SPLIT, [MAIL], USED) == {"mail_disk_quota": 300, "mail_accounts": 5, "mail_backups": 3}


def test_a_split_user_of_both_roles_divides_its_disk_and_has_one_number_of_backups() -> None:
    found = usage_of(Mode.SPLIT, [WEB, MAIL], USED)
    assert (found["web_disk_quota"], found["mail_disk_quota"], found["web_backups"]) == (600, 300, 3)
    assert "mail_backups" not in found


def test_a_unified_user_counts_its_backups_for_the_account() -> None:
    found = usage_of(Mode.UNIFIED, [WEB, MAIL, DNS], USED)
    assert (found["account_backups"], found["web_disk_quota"], found["dns_records"]) == (3, 600, 25)
    assert not {"web_backups", "mail_backups"} & set(found)


def test_a_sold_names_user_counts_its_site_and_nothing_else() -> None:
    assert usage_of(Mode.VANITY, [WEB], USED) == {"vanity_site_disk_quota": 600}


def test_a_nameserver_counts_records() -> None:
    assert usage_of(Mode.SPLIT, [DNS], USED) == {"dns_records": 25}


def test_what_was_not_counted_is_left_out_and_no_disk_is_negative() -> None:
    assert usage_of(Mode.SPLIT, [WEB], {"disk": 1, "mail_disk": 2}) == {"web_disk_quota": 0}
    assert usage_of(Mode.SPLIT, [WEB, MAIL], {}) == {}


@pytest.mark.parametrize(
    ("used", "limit", "percent", "over", "band"),
    [
        (0, 10, 0, 0, "ok"),
        (69, 100, 69, 0, "ok"),
        (70, 100, 70, 0, "notice"),
        (85, 100, 85, 0, "high"),
        (95, 100, 95, 0, "full"),
        (5, 5, 100, 0, "full"),
        (9, 5, 180, 4, "over"),
        (8, 2, 400, 6, "over"),
        (0, 0, None, 0, "ok"),
        (3, 0, None, 3, "over"),
        (10**9, "unlimited", None, 0, "free"),
    ],
)
def test_a_share_is_not_clamped(used: int, limit: int, percent: float | None, over: int, band: str) -> None:
    found = share(used, limit)
    assert (found.percent, found.over, found.band) == (percent, over, band)


@given(st.integers(0, 10**6), st.one_of(st.just("unlimited"), st.integers(0, 10**6)))
def test_over_is_exactly_what_is_beyond_a_limit(used: int, limit: int) -> None:
    found = share(used, limit)
    assert (found.band == "over") == (found.over > 0) == (limit != "unlimited" and used > limit)
    assert (found.percent is None) == (limit in ("unlimited", 0))


def test_the_fullest_service_comes_first() -> None:
    rows = {
        "half": [share(5, 10)],
        "double": [share(1, 100), share(4, 2)],
        "off but used": [share(1, 0)],
        "unlimited": [share(99, "unlimited")],
        "unknown": [],
        "same percent, more over": [share(40, 20)],
    }
    ordered = sorted(rows, key=lambda name: worst_first(rows[name]))
    assert ordered == ["off but used", "same percent, more over", "double", "half", "unlimited", "unknown"]


# ------------------------------------------------------------------------------------------------------- days to full


@given(
    st.integers(3, 40), st.floats(0.5, 500), st.floats(0, 1000), st.floats(1, 5000), st.integers(0, 800_000)
)  # fmt: skip
def test_a_straight_line_is_full_when_it_says(days: int, rate: float, begin: float, free: float, first: int) -> None:
    points = [(first + day, begin + rate * day) for day in range(days)]
    left = days_to_full([Series(points, points[-1][1] + free)])
    assert left == pytest.approx(free / rate, rel=1e-3)


@given(st.integers(3, 40), st.floats(0, 500))
def test_what_does_not_grow_is_never_full(days: int, rate: float) -> None:
    falling = [(day, 1000 - rate * day) for day in range(days)]
    assert days_to_full([Series(falling, 2000)]) is None


@given(st.lists(st.tuples(st.integers(0, 1), st.floats(0, 100)), max_size=6))
def test_two_days_are_not_enough(points: list[tuple[int, float]]) -> None:
    assert growth(points) is None
    assert days_to_full([Series(points, 1000)]) is None


@given(st.floats(1, 100), st.floats(1, 100))
def test_two_nodes_are_full_together(one: float, other: float) -> None:
    lines = [Series([(day, rate * day) for day in range(5)], 1000) for rate in (one, other)]
    free = 2000 - 4 * (one + other)
    assert days_to_full(lines) == pytest.approx(free / (one + other), rel=1e-3)


def test_a_node_without_an_end_is_never_full_and_a_full_one_is_full_now() -> None:
    points = [(day, 10.0 * day) for day in range(4)]
    assert days_to_full([Series(points, 0)]) is None
    assert days_to_full([Series(points, 20)]) == 0
    assert days_to_full([]) is None


def test_a_node_that_was_added_yesterday_adds_room_and_no_growth() -> None:
    old = Series([(day, 10.0 * day) for day in range(4)], 100)
    assert days_to_full([old, Series([(3, 0.0)], 100)]) == pytest.approx(17)
