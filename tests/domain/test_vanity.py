"""Which names are for sale, where a sold one is placed, and what it comes to: every row of the table of bad inputs."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostdeck.core.domain.placement import Node
from hostdeck.core.domain.product import resolve_limits
from hostdeck.core.domain.vanity import Parent, Slot, check_vanity_name, choose_parent, place_vanity, refuse_taken_name
from hostdeck.core.domain.vanity_pipeline import plan_vanity
from hostdeck.core.domain.vocabulary import Driver, Role, ServerId, ServerStatus, ServiceId
from hostdeck.core.errors import Conflict, Invalid

PARENT = "parent.example"


def node(id: int, *roles: Role, accounts: int = 0, status: ServerStatus = ServerStatus.ACTIVE) -> Node:
    return Node(
        ServerId(id), f"n{id}", f"n{id}.x.net", f"203.0.113.{id}", Driver.HESTIA, status, frozenset(roles), accounts, 0
    )


def sold(*web: Node, mail: Node | None = None) -> Parent:
    return Parent(PARENT, mail or node(9, Role.MAIL), "prov", web, frozenset({"press"}))


REFUSED = [
    *(
        ("I55", name, f"name: '{name}' is reserved on {PARENT} [VAN_RESERVED]")
        for name in ("admin", "www", "mail", "postmaster", "abuse", "ns1", "autodiscover", "_dmarc", "press")
    ),
    ("I56", "a.b", "name: dots are not allowed [VAN_DOT]"),
    ("I58", "anna-", "name: starts or ends with '-' [VAN_HYPHEN]"),
    ("I58", "-anna", "name: starts or ends with '-' [VAN_HYPHEN]"),
    ("I59", "a" * 64, "name: use 2 to 32 characters (64) [VAN_LENGTH]"),
    ("I59", "a", "name: use 2 to 32 characters (1) [VAN_LENGTH]"),
    ("I60", "\u00e1nna", "name: use a-z, 0-9 and '-' [VAN_CHAR]"),
    ("encoded", "xn--nna-5na", "name: contains '--' [VAN_HYPHEN]"),
    ("pattern", "an*a", "name: use a-z, 0-9 and '-' [VAN_CHAR]"),
    ("apex", "@", "name: use a-z, 0-9 and '-' [VAN_CHAR]"),
    ("line-feed", "anna\n", "name: use a-z, 0-9 and '-' [VAN_CHAR]"),
    ("bytes", b"\xff", "name: not valid UTF-8 [VAN_CHAR]"),
]


@pytest.mark.parametrize(("row", "raw", "text"), REFUSED)
def test_a_name_that_is_not_for_sale_is_told_why(row: str, raw: str | bytes, text: str) -> None:
    with pytest.raises(Invalid, match=f"^{re.escape(text)}$"):
        check_vanity_name(raw, PARENT, {"press"})


def test_I57_a_taken_name() -> None:
    assert str(refuse_taken_name("anna", PARENT)) == f"name: 'anna' is taken on {PARENT} [VAN_TAKEN]"


def test_I61_a_parent_that_is_not_sold_in_the_group() -> None:
    with pytest.raises(Invalid, match=re.escape("parent: 'x.com' is not sold in group eu [VAN_PARENT]")):
        choose_parent("x.com", [PARENT], "eu")


def test_the_only_parent_need_not_be_named() -> None:
    assert choose_parent("", [PARENT], "eu") == PARENT
    assert choose_parent("Parent.Example.", [PARENT], "eu") == PARENT
    with pytest.raises(Invalid, match=r"name one of a\.example, b\.example"):
        choose_parent("", ["a.example", "b.example"], "eu")


NAMES = st.text("abcdefghijklmnopqrstuvwxyz0123456789-ABC._@*\u00e1", max_size=40)


@given(NAMES)
def test_a_name_that_passes_is_one_harmless_label(raw: str) -> None:
    """Neither a pattern to Hestia, nor a longer name to pdnsutil, nor the apex."""
    try:
        name = check_vanity_name(raw, PARENT)
    except Invalid:
        return
    assert re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])", name)
    assert check_vanity_name(name, PARENT) == name


def test_a_site_goes_to_the_least_loaded_of_the_parents_web_servers() -> None:
    parent = sold(node(1, Role.WEB, accounts=3), node(2, Role.WEB, accounts=1), node(3, Role.MAIL))
    placed = place_vanity(frozenset(Role), parent, [node(5, Role.DNS), node(4, Role.DNS)], "eu")
    assert placed.web is not None
    assert (placed.web.name, [one.name for one in placed.dns]) == ("n2", ["n4", "n5"])
    assert placed.mail == parent.mail_server


def test_a_mail_server_that_drains_takes_no_new_mailbox() -> None:
    parent = sold(node(1, Role.WEB), mail=node(9, Role.MAIL, status=ServerStatus.DRAINING))
    with pytest.raises(Conflict, match=r"holds the mailboxes of parent\.example and is draining"):
        place_vanity(frozenset(Role), parent, [], "eu")


def test_without_a_nameserver_the_plan_says_so() -> None:
    placed = place_vanity(frozenset(Role), sold(node(1, Role.WEB)), [], "eu")
    assert any("dns skipped" in reason for reason in placed.why)


def test_a_dead_nameserver_holds_up_its_own_lane_only() -> None:
    slot = Slot("anna", PARENT, node(9, Role.MAIL), "prov", "203.0.113.1", (node(4, Role.DNS), node(5, Role.DNS)))
    plan = plan_vanity(ServiceId(7), None, resolve_limits({}, {}), slot, None, frozenset({Role.MAIL}))
    lanes = {task.key: task.lane for task in plan.tasks}
    assert {lanes["dns@n4.check"], lanes["dns@n4.record"]} == {"dns@n4"}
    elsewhere = [task for task in plan.tasks if task.lane is None]
    assert not any(key.startswith("dns@") for task in elsewhere for key in task.after)
