"""What is typed after `/`, and which rows it keeps."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostdeck.core.domain.narrowing import Age, How, Narrowing, Term, narrowing

KEYS = frozenset({"state", "server", "age"})
ROW = {"state": "failed", "server": "web01"}
TEXT = "#7 configuring web plan customer.com web01 failed fe80::1 12:30"


def keeps(text: str, age: float | None = 120.0) -> bool:
    return narrowing(text, KEYS).keeps(TEXT, lambda key: ROW[key], lambda: age)


@pytest.mark.parametrize(
    "text",
    ["", "web", "web customer", "WEB01", "!mail", "~cfgweb", "state:fail", "state:run,fail", "!state:run", "12:30",
     'server:web01 state:fail "web plan"', "age:<1h", "!age:>1h", "fe80::1", "age:<3m !mail ~cstmr", "!", "~", "state:",
     'web "plan'],
)  # fmt: skip
def test_a_row_is_kept_by_what_is_true_of_it(text: str) -> None:
    assert keeps(text)


@pytest.mark.parametrize(
    "text",
    ["mail", "web mail", "!web", "~zz", "state:run", "!state:fail", "server:mx", "age:>1h", "!age:<1h", '"plan web"',
     "nokey:fail", "age:<1m"],
)  # fmt: skip
def test_a_row_is_left_out_by_one_thing_that_is_not(text: str) -> None:
    assert not keeps(text)


def test_a_row_without_an_age_is_neither_young_nor_old() -> None:
    assert not keeps("age:<1h", None)
    assert not keeps("age:>1h", None)


def test_what_is_typed_is_read_into_terms() -> None:
    assert narrowing('state:fail,run !~abc age:>2d "a b"', KEYS) == Narrowing(
        (
            Term(("fail", "run"), "state"),
            Term(("abc",), negative=True, how=How.FUZZY),
            Term(("a b",)),
        ),
        (Age(172800.0, older=True),),
    )


@given(st.text(max_size=40))
def test_whatever_is_typed_can_be_read(text: str) -> None:
    assert keeps(text) in (True, False)
