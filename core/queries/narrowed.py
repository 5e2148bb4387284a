"""Long lists by windows: what `/` keeps of them, in which order, is decided by the database, and at most a window of
rows is read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from operator import and_, or_
from typing import Any, Protocol, TypeVar

from peewee import Select, fn

from hostdeck.core.domain.narrowing import Age, How, Narrowing, Term, is_in, narrowing
from hostdeck.core.domain.windows import Asked, Window
from hostdeck.core.queries.rows import like
from hostdeck.core.store import db
from hostdeck.core.store.base import database


class Numbered(Protocol):
    """A row that is found again by its number."""

    @property
    def id(self) -> int: ...


R = TypeVar("R", bound=Numbered)
Test = Callable[[str, How], Any]
"""The condition that a column holds a word, as it is or its letters in their order."""
LONG_AGO = timedelta(days=100 * 365)
"""No row is older, and a moment before the year 1 is none."""


@dataclass(frozen=True, slots=True)
class Listed:
    """How a list is looked through: `anywhere` tests what a bare word is looked for in, `keys` the qualifiers, `born`
    the column that says how old a row is, `orders` what each column is sorted by."""

    anywhere: Test
    keys: Mapping[str, Test]
    born: Any
    orders: Mapping[str, Any]

    @property
    def qualifiers(self) -> frozenset[str]:
        return frozenset({*self.keys, "age"})

    def conditions(self, text: str, now: datetime) -> list[Any]:
        asked: Narrowing = narrowing(text, self.qualifiers)
        return [*(self._term(term) for term in asked.terms), *(self._age(age, now) for age in asked.ages)]

    def _term(self, term: Term) -> Any:
        test = self.keys[term.key] if term.key else self.anywhere
        found = together(or_, [test(word, term.how) for word in term.words])
        # A column without a value holds nothing: not NULL, which would be neither kept nor left out.
        return ~fn.COALESCE(found, False) if term.negative else found

    def _age(self, age: Age, now: datetime) -> Any:
        edge = now - timedelta(seconds=min(age.seconds, LONG_AGO.total_seconds()))
        return self.born < edge if age.older else self.born > edge

    def order(self, wanted: tuple[str, bool] | None) -> list[Any]:
        """By the wanted column, then newest first, so that no two windows show the same row."""
        column, turned = wanted or ("", False)
        by = self.orders.get(column)
        newest = self.orders["id"].desc()
        if by is None or column == "id":
            return [self.orders["id"].asc() if column == "id" and not turned else newest]
        return [by.desc(nulls="LAST") if turned else by.asc(nulls="LAST"), newest]


def read_window(
    listed: Listed,
    kept: Any,
    asked: Asked,
    rows_of: Callable[[list[int]], Iterable[R]],
    *,
    now: datetime,
    total: int,
    states: Mapping[str, int] | None = None,
) -> Window[R]:
    """`kept` selects the ids of the whole list, joined with all that `listed` looks at; `rows_of` makes the rows of
    some of them, in any order."""
    conditions = listed.conditions(asked.text, now)
    kept = kept.where(all_of(conditions)) if conditions else kept
    order = listed.order(asked.order)
    asked = replace(asked, first=_first(kept, order, listed.orders["id"], asked), near=None)
    ordered = kept.order_by(*order).limit(asked.limit).offset(asked.first)
    ids = [number for (number,) in ordered.tuples()]
    rows = {row.id: row for row in rows_of(ids)}
    return Window(
        tuple(rows[number] for number in ids if number in rows),
        asked,
        kept.count() if conditions else total,
        total,
        states or {},
        listed.qualifiers,
    )


def _first(kept: Any, order: list[Any], number: Any, asked: Asked) -> int:
    """Where the window begins."""
    if asked.near is None or not kept.where(number == asked.near).exists():
        return asked.first
    placed = kept.select_extend(fn.ROW_NUMBER().over(order_by=order).alias("place")).alias("placed")
    (place,) = Select([placed], [placed.c.place]).where(placed.c.id == asked.near).tuples().get(database)
    return max(0, int(place) - 1 - asked.limit // 2)


def by_state(model: Any, states: type[StrEnum]) -> dict[str, int]:
    """How many rows there are of each."""
    counts = model.select(model.status, fn.COUNT(model.id)).group_by(model.status).tuples()
    return {str(states(state)): count for state, count in counts}


def holds(column: Any) -> Test:
    """The test of a text column; a fuzzy word's letters may lie apart."""

    def test(word: str, how: How) -> Any:
        return together(or_, [like(column, case, how) for case in _cases(word)])

    return test


def _cases(word: str) -> Sequence[str]:
    """As it may be written: SQLite's LIKE takes upper and lower case alike in ASCII alone."""
    if word.isascii() or db.is_postgres():
        return (word,)
    return tuple(dict.fromkeys((word, word.upper(), word.capitalize())))


def any_of(tests: Sequence[Test]) -> Test:
    return lambda word, how: together(or_, [test(word, how) for test in tests])


def one_of(column: Any, values: Sequence[Any]) -> Test:
    """The test of a column of few words: those that hold what was typed."""

    def test(word: str, how: How) -> Any:
        return column.in_([value for value in values if is_in(word, how, value)])

    return test


def all_of(conditions: Sequence[Any]) -> Any:
    return together(and_, conditions)


def together(join: Callable[[Any, Any], Any], conditions: Sequence[Any]) -> Any:
    """In pairs, and pairs of pairs: one after the other they would nest as deep as there are words, which neither
    peewee nor SQLite takes."""
    left = list(conditions)
    while len(left) > 1:
        pairs = [join(one, other) for one, other in zip(left[::2], left[1::2], strict=False)]
        left = pairs + left[len(pairs) * 2 :]
    return left[0]
