"""Which pattern a fleet follows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostdeck.core.domain.topology import TEMPLATES, Pattern, topology
from hostdeck.core.domain.vocabulary import Role

WEB, MAIL, DNS = (frozenset({role}) for role in Role)
ticks = st.frozensets(st.sampled_from(list(Role)), min_size=1)
fleets = st.lists(ticks, max_size=8)


@pytest.mark.parametrize(
    ("servers", "sentence"),
    [
        ([], "your topology is none yet: add a server"),
        ([WEB | MAIL | DNS], "your topology is all-in-one: 1 web, 1 mail, 1 dns"),
        ([WEB, MAIL, DNS, DNS], "your topology is full three-tier: 1 web, 1 mail, 2 dns"),
        ([WEB | DNS, MAIL | DNS], "your topology is web/mail split: 1 web, 1 mail, 2 dns"),
        ([WEB | MAIL, DNS], "your topology is mixed: 1 web, 1 mail, 1 dns"),
        ([WEB, WEB], "your topology is incomplete: 2 web, 0 mail, 0 dns; no server can host mail, dns"),
    ],
)
def test_a_fleet_is_named_and_counted(servers: list[frozenset[Role]], sentence: str) -> None:
    assert topology(servers).sentence == sentence


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda one: one.pattern)
def test_servers_added_as_a_template_says_are_recognised_as_it(template: object) -> None:
    assert topology(ticked for _, ticked in template.servers).pattern is template.pattern  # type: ignore[attr-defined]


@given(fleets, st.randoms())
def test_the_order_of_servers_says_nothing(servers: list[frozenset[Role]], dice: object) -> None:
    mixed = list(servers)
    dice.shuffle(mixed)  # type: ignore[attr-defined]
    assert topology(mixed) == topology(servers)


@given(fleets)
def test_counts_are_those_of_the_ticks_and_incomplete_means_that_one_is_zero(servers: list[frozenset[Role]]) -> None:
    found = topology(servers)
    assert sum(found.counts.values()) == sum(map(len, servers))
    assert (found.pattern is Pattern.INCOMPLETE) == (bool(servers) and bool(found.missing))


@given(st.lists(ticks, min_size=1, max_size=8))
def test_twice_the_same_fleet_is_the_same_pattern(servers: list[frozenset[Role]]) -> None:
    assert topology(servers * 2).pattern is topology(servers).pattern


@given(fleets)
def test_no_server_of_a_split_fleet_holds_both_web_and_mail(servers: list[frozenset[Role]]) -> None:
    if topology(servers).pattern in (Pattern.SPLIT, Pattern.THREE_TIER):
        assert not any({Role.WEB, Role.MAIL} <= ticked for ticked in servers)
