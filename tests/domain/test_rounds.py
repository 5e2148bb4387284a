"""A fleet's figures are collected spread over the interval, not all at once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from hostdeck.core.domain.rounds import next_round

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
moments = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))


@given(st.integers(1, 10**6), st.integers(5, 86400), moments)
def test_the_next_round_comes_after_now_and_within_one_interval(server: int, every: int, now: datetime) -> None:
    wait = (next_round(server, every, now) - now) / timedelta(seconds=1)
    assert 0 < wait <= every + 0.001


@given(st.integers(1, 10**6), st.integers(5, 3600), moments)
def test_a_server_keeps_its_point_of_the_interval(server: int, every: int, now: datetime) -> None:
    first = next_round(server, every, now)
    second = next_round(server, every, first + timedelta(seconds=0.5))
    assert abs((second - first) / timedelta(seconds=1) - every) < 0.01


def test_two_hundred_servers_are_never_more_than_three_in_a_hundredth_of_the_interval() -> None:
    every = 300.0
    waits = [(next_round(server, every, NOON) - NOON) / timedelta(seconds=1) for server in range(1, 201)]
    per_slot = [sum(int(wait / (every / 100)) == slot for wait in waits) for slot in range(100)]
    assert max(per_slot) <= 4
    assert min(per_slot[:99]) >= 1
