"""Modes in words, presets, and which limits count."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostdeck.core.domain.modes import (
    MODE_WORDS,
    PRESETS,
    check_final_backup,
    limit_sections,
    limits_that_count,
    preset_of,
    preset_roles,
)
from hostdeck.core.domain.product import LIMITS, check_limits, check_product_roles, resolve_limits
from hostdeck.core.domain.vocabulary import Mode, Role
from hostdeck.core.errors import Invalid


def titles(mode: Mode, *roles: Role) -> list[str]:
    return [section.title for section in limit_sections(mode, roles)]


def keys(mode: Mode, *roles: Role) -> set[str]:
    return {spec.key for spec in limits_that_count(mode, roles)}


def test_every_mode_is_said_in_a_line() -> None:
    assert set(MODE_WORDS) == set(Mode)
    assert all(len(words.consequence) <= 48 for words in MODE_WORDS.values())


def test_only_the_limits_of_ticked_roles_count() -> None:
    assert titles(Mode.SPLIT, Role.WEB, Role.DNS)[:2] == ["Web", "DNS"]
    assert "Mail" not in titles(Mode.SPLIT, Role.WEB, Role.DNS)
    assert "web_databases" not in keys(Mode.SPLIT, Role.MAIL)


def test_a_unified_account_has_one_number_of_backups() -> None:
    split, unified = keys(Mode.SPLIT, *Role), keys(Mode.UNIFIED, *Role)
    assert split - unified == {"web_backups", "mail_backups"}
    assert unified - split == {"account_backups"}


def test_vanity_has_its_own_limits_only() -> None:
    assert titles(Mode.VANITY, *Role) == ["Vanity"]
    assert all(key.startswith("vanity_") for key in keys(Mode.VANITY, *Role))


@given(st.sampled_from(list(Mode)), st.sets(st.sampled_from(list(Role))))
def test_no_limit_stands_twice_and_each_counts_somewhere(mode: Mode, roles: set[Role]) -> None:
    shown = limits_that_count(mode, roles)
    assert len(set(shown)) == len(shown)
    everywhere = {spec for one in Mode for spec in limits_that_count(one, Role)}
    assert everywhere == set(LIMITS)


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_a_product_that_can_be_sold(name: str) -> None:
    roles = frozenset(PRESETS[name])
    check_product_roles(roles, {})
    assert preset_of(roles) == name
    assert preset_roles(name) == tuple(map(str, PRESETS[name]))


def test_an_unknown_preset_is_refused_with_the_known_ones() -> None:
    with pytest.raises(Invalid, match="use full, website-only, mail-only"):
        preset_roles("everything")
    assert preset_of({Role.WEB}) is None


@pytest.mark.parametrize(
    ("mode", "roles", "key"),
    [
        (Mode.SPLIT, {Role.WEB, Role.MAIL}, "mail_backups"),
        (Mode.SPLIT, {Role.WEB}, "web_backups"),
        (Mode.UNIFIED, {Role.WEB, Role.MAIL}, "account_backups"),
    ],
)
def test_a_last_backup_needs_a_backup_to_be_allowed(mode: Mode, roles: set[Role], key: str) -> None:
    limits = resolve_limits({"final_backup": "yes", key: "0"}, {})
    with pytest.raises(Invalid, match=f"final_backup: {key} is 0"):
        check_final_backup(mode, roles, limits)
    check_final_backup(mode, roles, resolve_limits({"final_backup": "no", key: "0"}, {}))


@pytest.mark.parametrize("value", ["maybe", "YES", "1", ""])
def test_a_last_backup_is_yes_or_no(value: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_limits({"final_backup": value}, "set")
    assert refused.value.code == "LIM_YESNO"
