"""Which node takes which role."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostdeck.core.domain.placement import Node, Placement, place_split, place_unified
from hostdeck.core.domain.vocabulary import Driver, Role, ServerId, ServerStatus
from hostdeck.core.errors import Conflict, Invalid

ALL = frozenset(Role)


def node(
    id: int,
    *roles: Role,
    accounts: int = 0,
    max_accounts: int = 0,
    status: ServerStatus = ServerStatus.ACTIVE,
) -> Node:
    return Node(
        ServerId(id),
        f"n{id}",
        f"n{id}",
        f"203.0.113.{id}",
        Driver.HESTIA,
        status,
        frozenset(roles),
        accounts,
        max_accounts,
    )


def place(*members: Node, dns: tuple[Node, ...] = (), roles: frozenset[Role] = ALL) -> Placement:
    return place_split(roles, members, dns, "eu")


def ids(placement: Placement) -> tuple[int | None, int | None]:
    return (placement.web.id if placement.web else None, placement.mail.id if placement.mail else None)


def test_each_role_goes_to_the_least_loaded_node_of_its_tier() -> None:
    members = (node(1, Role.WEB, accounts=3), node(2, Role.WEB, accounts=1), node(3, Role.MAIL), node(4, Role.MAIL))
    assert ids(place(*members)) == (2, 3)


def test_ties_go_to_the_lowest_id() -> None:
    assert ids(place(node(2, Role.WEB), node(1, Role.WEB), node(4, Role.MAIL), node(3, Role.MAIL))) == (1, 3)


def test_load_is_a_share_of_capacity_where_every_node_has_one() -> None:
    small, big = node(1, Role.WEB, accounts=5, max_accounts=6), node(2, Role.WEB, accounts=10, max_accounts=100)
    assert ids(place(small, big, roles=frozenset({Role.WEB}))) == (2, None)


@pytest.mark.parametrize("status", [s for s in ServerStatus if s is not ServerStatus.ACTIVE])
def test_only_an_active_server_takes_accounts(status: ServerStatus) -> None:
    assert ids(place(node(1, Role.WEB, status=status), node(2, Role.WEB, accounts=9), roles=frozenset({Role.WEB}))) == (
        2,
        None,
    )


def test_a_full_server_is_passed_over_and_zero_capacity_is_unlimited() -> None:
    full, endless = node(1, Role.WEB, accounts=2, max_accounts=2), node(2, Role.WEB, accounts=900)
    assert ids(place(full, endless, roles=frozenset({Role.WEB}))) == (2, None)


def test_a_group_whose_servers_are_full_is_refused_as_capacity() -> None:
    with pytest.raises(Conflict) as refused:
        place(node(1, Role.WEB, accounts=1, max_accounts=1), roles=frozenset({Role.WEB}))
    assert refused.value.code == "CAPACITY"
    assert "eu" in str(refused.value)


def test_a_group_without_the_tier_is_refused_by_name() -> None:
    with pytest.raises(Conflict) as refused:
        place(node(1, Role.WEB))
    assert "no active mail server" in str(refused.value)


def test_different_nodes_are_preferred_even_when_they_are_fuller() -> None:
    both, web = node(1, Role.WEB, Role.MAIL), node(2, Role.WEB, accounts=50)
    assert ids(place(both, web)) == (2, 1)


def test_a_nameserver_is_not_shared_where_it_can_be_avoided() -> None:
    everything, web, mail = node(1, *Role), node(2, Role.WEB, accounts=9), node(3, Role.MAIL, accounts=9)
    assert ids(place(everything, web, mail, dns=(everything,))) == (2, 3)


def test_one_node_takes_all_roles_where_there_is_no_other() -> None:
    only = node(1, *Role)
    placement = place(only, dns=(only,))
    assert placement.hosts() == ((only, (Role.WEB, Role.MAIL, Role.DNS)),)


def test_the_zone_goes_to_every_attached_active_nameserver() -> None:
    dns = (node(9, Role.DNS), node(8, Role.DNS), node(7, Role.DNS, status=ServerStatus.DRAINING))
    assert [n.id for n in place(node(1, Role.WEB), node(2, Role.MAIL), dns=dns).dns] == [8, 9]


def test_no_nameserver_is_said_aloud() -> None:
    assert any("dns skipped" in why for why in place(node(1, Role.WEB), node(2, Role.MAIL)).why)


@st.composite
def fleets(draw: st.DrawFn) -> tuple[Node, ...]:
    count = draw(st.integers(1, 8))
    return tuple(
        node(
            n,
            *draw(st.sets(st.sampled_from(list(Role)), min_size=1)),
            accounts=draw(st.integers(0, 5)),
            max_accounts=draw(st.integers(0, 5)),
            status=draw(st.sampled_from(list(ServerStatus))),
        )
        for n in range(1, count + 1)
    )


@given(fleets(), st.randoms())
def test_a_placement_is_lawful_and_never_wobbles(members: tuple[Node, ...], shuffle: object) -> None:
    turned = list(members)
    shuffle.shuffle(turned)  # type: ignore[attr-defined]
    try:
        placement = place(*members, dns=tuple(n for n in members if Role.DNS in n.capabilities))
    except Conflict:
        return
    assert placement.web
    assert placement.web.can_host(Role.WEB)
    assert placement.mail
    assert placement.mail.can_host(Role.MAIL)
    assert ids(place(*turned, dns=tuple(n for n in turned if Role.DNS in n.capabilities))) == ids(placement)


def unified(*members: Node, dns: tuple[Node, ...] = (), roles: frozenset[Role] = ALL) -> Placement:
    return place_unified(roles, members, dns, "eu")


def test_unified_puts_web_and_mail_on_the_least_loaded_node_that_does_both() -> None:
    both = node(3, Role.WEB, Role.MAIL, accounts=2), node(4, Role.WEB, Role.MAIL, accounts=1)
    assert ids(unified(node(1, Role.WEB), node(2, Role.MAIL), *both)) == (4, 4)


def test_i73_unified_is_refused_where_no_active_node_does_both() -> None:
    with pytest.raises(Invalid) as refused:
        unified(node(1, Role.WEB), node(2, Role.MAIL), node(3, Role.WEB, Role.MAIL, status=ServerStatus.DRAINING))
    assert str(refused.value) == "group: no active server has both Web and Mail [GRP_UNIFIED]"


def test_unified_is_refused_where_every_such_node_is_full() -> None:
    with pytest.raises(Conflict) as refused:
        unified(node(1, Role.WEB, Role.MAIL, accounts=1, max_accounts=1))
    assert refused.value.code == "CAPACITY"


def test_unified_says_whether_the_zone_joins_the_account() -> None:
    home, other = node(1, *Role), node(9, Role.DNS)
    assert any("joins the same account" in why for why in unified(home, dns=(home, other)).why)
    assert any("none of the group's nameservers" in why for why in unified(home, dns=(other,)).why)


def test_f34_a_node_whose_disk_is_full_takes_nothing_new() -> None:
    full = replace(node(1, Role.WEB, Role.MAIL), disk_percent=98.0)
    filling = replace(node(2, Role.WEB, Role.MAIL, accounts=9), disk_percent=97.9)
    assert ids(place(full, filling)) == (2, 2)
    with pytest.raises(Conflict, match="is full"):
        place(full)
