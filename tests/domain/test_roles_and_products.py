"""Which roles a service has, and what limits it gets."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostdeck.core.domain.product import LIMIT_BY_KEY, check_limits, check_product_roles, resolve_limits
from hostdeck.core.domain.roles import enabled_roles, why_off
from hostdeck.core.domain.vocabulary import Role
from hostdeck.core.errors import Invalid

ALL = frozenset(Role)


@pytest.mark.parametrize(("key", "role"), [("web_disk_quota", Role.WEB), ("mail_disk_quota", Role.MAIL)])
@pytest.mark.parametrize("source", ["product", "option"])
def test_zero_quota_switches_the_role_off_wherever_it_comes_from(key: str, role: Role, source: str) -> None:
    given_values = {"product": {}, "option": {}} | {source: {key: "0"}}
    limits = resolve_limits(given_values["product"], given_values["option"])
    assert enabled_roles(ALL, limits) == ALL - {role}
    assert why_off(role, ALL, limits) == f"{key} is 0 (from the {source})"


@given(st.sets(st.sampled_from(list(Role))), st.sampled_from(["web_disk_quota", "mail_disk_quota"]))
def test_a_zero_quota_is_exactly_an_unticked_box(ticked: set[Role], key: str) -> None:
    role = Role(key.split("_")[0])
    switched = enabled_roles(frozenset(ticked), resolve_limits({key: "0"}, {}))
    assert switched == enabled_roles(frozenset(ticked) - {role}, resolve_limits({}, {}))


@pytest.mark.parametrize("key", [k for k in LIMIT_BY_KEY if k.startswith("dns")])
def test_dns_is_never_gated_by_a_quota(key: str) -> None:
    assert Role.DNS in enabled_roles(ALL, resolve_limits({key: "0"}, {}))


def test_an_option_outweighs_the_product_and_the_product_the_default() -> None:
    limits = resolve_limits({"mail_accounts": "7", "web_databases": "2"}, {"mail_accounts": "9"})
    assert (limits.values["mail_accounts"], limits.origin["mail_accounts"]) == ("9", "option")
    assert (limits.values["web_databases"], limits.origin["web_databases"]) == ("2", "product")
    assert limits.origin["web_cron_jobs"] == "default"


@pytest.mark.parametrize(
    ("roles", "limits"),
    [
        (set(), {}),
        ({Role.DNS}, {}),
        ({Role.WEB}, {"web_disk_quota": "0"}),
        (ALL, {"web_disk_quota": "0", "mail_disk_quota": "0"}),
    ],
)
def test_i72_a_product_needs_web_or_mail(roles: set[Role], limits: dict[str, str]) -> None:
    with pytest.raises(Invalid) as refused:
        check_product_roles(frozenset(roles), limits)
    assert str(refused.value) == "product: tick at least one of Web and Mail [PRD_NO_ROLE]"


@pytest.mark.parametrize("value", ["-1", "1000000000", "NaN", "١٢", str(2**63), ""])
def test_i71_a_quota_is_a_whole_number_of_megabytes(value: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_limits({"web_disk_quota": value}, "set")
    assert refused.value.code == "QTA_RANGE"


def test_an_unknown_limit_is_named_with_what_is_accepted() -> None:
    with pytest.raises(Invalid) as refused:
        check_limits({"web_dsk_quota": "1"}, "option")
    assert "no limit is called 'web_dsk_quota'" in str(refused.value)
    assert "web_disk_quota" in str(refused.value)
