"""Names on the nodes."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostdeck.core.domain.inputs import check_username
from hostdeck.core.domain.naming import mark_contact, mark_name, package_name, user_name
from hostdeck.core.domain.vocabulary import Role, ServiceId

LABEL = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,12}[a-z0-9])?", fullmatch=True)
DOMAINS = st.lists(LABEL, min_size=2, max_size=4).map(".".join)


@pytest.mark.parametrize(
    ("domain", "role", "name"),
    [
        ("customer.com", Role.WEB, "customer-com-web"),
        ("customer.com", Role.MAIL, "customer-com-mail"),
        ("test.puq.info", Role.DNS, "test-puq-info-dns"),
        ("customer.com", None, "customer-com"),
    ],
)
def test_a_plain_domain_keeps_its_name(domain: str, role: Role | None, name: str) -> None:
    assert user_name(domain, role) == name


def test_i53_a_hyphen_and_a_dot_never_share_an_account() -> None:
    assert user_name("my.shop.com", Role.WEB) != user_name("my-shop.com", Role.WEB)


def test_a_taken_name_is_drawn_again() -> None:
    first = user_name("my-shop.com", Role.WEB)
    second = user_name("my-shop.com", Role.WEB, {first}.__contains__)
    assert second != first
    assert user_name("customer.com", Role.WEB, {"customer-com-web"}.__contains__) != "customer-com-web"


@given(DOMAINS, st.sampled_from([*Role, None]))
def test_every_name_is_a_hestia_user_that_leaves_room_for_databases_and_ftp(domain: str, role: Role | None) -> None:
    name = user_name(domain, role)
    assert check_username(name) == name
    assert len(name) <= 20
    assert re.fullmatch(r"[a-z][a-z0-9-]*[a-z0-9]", name)


@given(st.lists(DOMAINS, min_size=2, max_size=30, unique=True), st.sampled_from([*Role, None]))
def test_two_domains_never_get_one_name(domains: list[str], role: Role | None) -> None:
    taken: set[str] = set()
    for domain in domains:
        name = user_name(domain, role, taken.__contains__)
        assert name not in taken
        taken.add(name)


@given(st.integers(1, 999_999), st.integers(1, 999_999), st.sampled_from([*Role, None]), st.sampled_from([*Role, None]))
def test_no_package_name_is_the_beginning_of_another(a: int, b: int, one: Role | None, two: Role | None) -> None:
    first, second = package_name(ServiceId(a), one), package_name(ServiceId(b), two)
    assert first == second or not second.startswith(first)


def test_the_ownership_mark_has_an_at_sign_and_only_safe_characters() -> None:
    assert mark_contact(ServiceId(42), "ab12") == "hdk-42.ab12@hostdeck.invalid"
    assert re.fullmatch(r"[a-z0-9 ]+", mark_name(ServiceId(42), "ab12"))
