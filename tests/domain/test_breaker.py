"""A node that does not answer is left alone for a while, and longer each time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from hostdeck.core.domain.breaker import FAILURES, FIRST, LONGEST, WITHIN, Trouble, after_failure
from hostdeck.core.domain.vocabulary import BreakerKind

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
UNREACHABLE, LOGIN = BreakerKind.UNREACHABLE, BreakerKind.LOGIN


def failing(times: int, every: timedelta, start: datetime = NOON) -> Trouble:
    trouble: Trouble | None = None
    for n in range(times):
        trouble = after_failure(trouble, UNREACHABLE, start + n * every)
    assert trouble is not None
    return trouble


def test_five_failures_within_two_minutes_open_it_for_a_minute() -> None:
    assert not failing(FAILURES - 1, timedelta(seconds=10)).is_open
    opened = failing(FAILURES, timedelta(seconds=10))
    assert opened.opened_at == NOON + timedelta(seconds=40)
    assert opened.until == NOON + timedelta(seconds=100)


def test_failures_that_are_further_apart_never_open_it() -> None:
    assert not failing(50, timedelta(seconds=31)).is_open


def test_each_failed_try_doubles_the_pause_up_to_a_quarter_of_an_hour() -> None:
    trouble = failing(FAILURES, timedelta(seconds=1))
    pauses = []
    for _ in range(6):
        assert trouble.until is not None
        now = trouble.until
        trouble = after_failure(trouble, UNREACHABLE, now)
        assert trouble.until is not None
        pauses.append((trouble.until - now) / timedelta(minutes=1))
    assert pauses == [2, 4, 8, 15, 15, 15]


def test_a_connection_that_was_under_way_when_it_opened_does_not_lengthen_the_pause() -> None:
    opened = failing(FAILURES, timedelta(seconds=1))
    assert opened.opened_at is not None
    later = after_failure(opened, UNREACHABLE, opened.opened_at + timedelta(seconds=9))
    assert (later.until, later.opens) == (opened.until, 1)


def test_a_refused_login_opens_it_at_once_until_an_operator_acts() -> None:
    refused = after_failure(None, LOGIN, NOON)
    assert refused.is_open
    assert refused.until is None
    assert refused.parks(NOON + timedelta(days=365))


def test_a_node_that_is_silent_after_it_refused_a_login_still_waits_for_an_operator() -> None:
    """A check that could not even knock says nothing of the credential: trying that on would get us banned."""
    refused = after_failure(None, LOGIN, NOON)
    silent = after_failure(refused, UNREACHABLE, NOON + timedelta(minutes=1))
    assert (silent.kind, silent.is_open, silent.until) == (LOGIN, True, None)


@given(st.lists(st.timedeltas(timedelta(0), timedelta(minutes=30)), min_size=1, max_size=40))
def test_an_open_one_always_says_when_it_tries_again_and_never_waits_longer_than_the_longest(
    gaps: list[timedelta],
) -> None:
    trouble, now = None, NOON
    for gap in gaps:
        now += gap
        trouble = after_failure(trouble, UNREACHABLE, now)
        assert now - trouble.first_at <= WITHIN or trouble.is_open
        if trouble.is_open:
            assert trouble.until is not None
            assert trouble.opened_at is not None
            assert FIRST <= trouble.until - trouble.opened_at <= LONGEST
