"""Names and forwards as HestiaCP's grep and sed see them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostdeck.core.domain.autoreply import MOST_BYTES, message_argument, unsendable
from hostdeck.core.domain.mailbox_names import forward_moves, in_the_way, is_plain, looks_like, reached

NAMES = st.text("ab.-_", min_size=1, max_size=4)
ADDRESSES = st.builds(
    lambda local, host: f"{local}@{host}",
    st.text("ab.-", min_size=1, max_size=4),
    st.sampled_from(["x.org", "xyorg", "y.x.org"]),
)


def pattern(text: str) -> str:
    return re.escape(text).replace(r"\.", ".")


@given(NAMES, NAMES)
def test_a_name_looks_like_another_where_the_nodes_grep_finds_it(name: str, other: str) -> None:
    found = re.search(f"ACCOUNT='{pattern(name)}'", f"ACCOUNT='{other}' ALIAS=''") is not None
    assert looks_like(name, other) is (found and name != other)


def test_what_is_in_the_way_is_the_same_or_alike_in_either_direction() -> None:
    assert in_the_way("a.b", ["x", "axb"]) == "axb"
    assert in_the_way("axb", ["a.b"]) == "a.b"
    assert in_the_way("info", ["info"]) == "info"
    assert in_the_way("info", ["inf", "infos"]) is None
    assert reached(["axb"], ["a.b", "axb"]) is None
    assert reached(["info", "a.b"], ["axb"]) == "axb"


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("a", True),
        ("a.b-c_d", True),
        ("", False),
        ("-a", False),
        (".a", False),
        ("a.", False),
        ("a*", False),
        ("ą", False),
    ],
)
def test_a_plain_name_means_nothing_to_a_shell_but_its_dots(name: str, plain: bool) -> None:
    assert is_plain(name) is plain


def node(forwards: list[str], moves: tuple[tuple[bool, str], ...]) -> list[str]:
    """What v-add- and v-delete-mail-account-forward do to a list; AssertionError where one is refused."""
    now = list(forwards)
    for adds, address in moves:
        there = re.search(rf"(?<!\w){pattern(address)}(?!\w)", ",".join(now), re.ASCII) is not None
        assert there is not adds
        now = [*now, address] if adds else [one for one in now if not re.fullmatch(pattern(address), one)]
    return now


@given(st.lists(ADDRESSES, unique=True, max_size=6), st.lists(ADDRESSES, unique=True, max_size=6))
def test_any_forwards_become_any_others_without_a_refusal(there: list[str], wanted: list[str]) -> None:
    assert set(node(there, forward_moves(there, wanted))) == set(wanted)


def test_forwards_that_are_right_are_left_alone_and_new_ones_come_before_old_ones_go() -> None:
    assert forward_moves(["a@x.org", "b@x.org"], ["b@x.org", "a@x.org"]) == ()
    assert forward_moves(["a@x.org"], ["b@x.org"]) == ((True, "b@x.org"), (False, "a@x.org"))


def test_an_automatic_answer_is_refused_where_the_node_would_not_have_it_as_it_was_written() -> None:
    assert unsendable('Away.\n\tBye "all", it\'s \\o/') is None
    assert "'\\r'" in str(unsendable("a\r\nb"))
    assert "'\\x00'" in str(unsendable("a\0b"))
    assert unsendable("x" * MOST_BYTES) is None
    assert str(MOST_BYTES) in str(unsendable("\n" * (MOST_BYTES // 2 + 1)))
    assert message_argument("-n\n\\") == "\\x2dn\\n\\\\"
