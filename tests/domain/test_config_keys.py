"""The catalogue of managed keys, and the two guards: who gets a task, and what a node may be told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostdeck.core.domain.config_keys import (
    ALIASES,
    BY_KEY,
    CATALOGUE,
    MANAGED,
    RAW,
    SECRET_KEYS,
    check_pair,
    known_key,
)
from hostdeck.core.domain.config_wishes import (
    NO_CONFIG,
    Push,
    drift,
    is_for,
    keys_for,
    permitted,
    recipients,
    wanted_for,
)
from hostdeck.core.domain.placement import Node
from hostdeck.core.domain.vocabulary import Driver, Role, ServerId, ServerStatus, Target
from hostdeck.core.errors import Invalid

nodes = st.builds(
    Node,
    id=st.integers(1, 99).map(ServerId),
    name=st.text("abc0123", min_size=1, max_size=6),
    hostname=st.just("h.example.net"),
    ip=st.just("192.0.2.1"),
    driver=st.sampled_from(Driver),
    status=st.sampled_from(ServerStatus),
    capabilities=st.frozensets(st.sampled_from(Role), min_size=1),
    accounts=st.just(0),
    max_accounts=st.just(0),
)
configs = st.dictionaries(st.sampled_from([*BY_KEY, "NO_SUCH_KEY"]), st.text("abc ", max_size=4))


def node(*roles: Role, driver: Driver = Driver.HESTIA, status: ServerStatus = ServerStatus.ACTIVE) -> Node:
    return Node(ServerId(1), "n1", "h", "192.0.2.1", driver, status, frozenset(roles), 0, 0)


def test_every_key_is_there_once_and_has_its_words() -> None:
    assert len(BY_KEY) == len(CATALOGUE)
    for spec in MANAGED:
        assert spec.label
        assert spec.values.words
        assert not spec.default or spec.values.accepts(spec.default), spec.key


@pytest.mark.parametrize("spec", MANAGED, ids=lambda spec: spec.key)
def test_a_keys_choices_are_accepted_and_anything_else_is_told_what_is(spec: object) -> None:
    from hostdeck.core.domain.config_keys import ConfigKey

    assert isinstance(spec, ConfigKey)
    for choice in spec.values.choices:
        assert check_pair(spec.key, choice, spec.target) is spec
    with pytest.raises(Invalid, match=r"\[CFG_VALUE\]"):
        check_pair(spec.key, "it's", spec.target)


@pytest.mark.parametrize("bad", ["a'b", 'a"b', "a|b", "a\nb", "a\0b", "a\x1b[0m"])
def test_what_hestia_refuses_in_a_value_is_refused_before_it_is_kept(bad: str) -> None:
    with pytest.raises(Invalid, match=r"\[CFG_VALUE\]"):
        check_pair("APP_NAME", bad, Target.ALL)


@pytest.mark.parametrize(
    "key", ["WEB_PORT", "WEB_SSL_PORT", "PROXY_PORT", "PROXY_SSL_PORT", "WEB_BACKEND", "WEB_SYSTEM", "DISK_QUOTA",
            "RESOURCES_LIMIT", "MAIL_SYSTEM", "DNS_SYSTEM", "DNS_CLUSTER", "BACKEND_PORT", "VERSION", "ROOT_USER"],
)  # fmt: skip
def test_what_would_break_the_panel_is_refused_with_the_reason(key: str) -> None:
    spec = BY_KEY[key]
    with pytest.raises(Invalid, match=r"\[CFG_REFUSED\]") as caught:
        check_pair(key, spec.default, spec.target)
    assert spec.refused in caught.value.text


@pytest.mark.parametrize("key", sorted(SECRET_KEYS))
def test_a_secret_key_can_never_be_managed(key: str) -> None:
    assert BY_KEY[key].refused
    assert key not in {spec.key for spec in MANAGED}


def test_a_wrong_category_names_the_right_one() -> None:
    with pytest.raises(Invalid, match=r"WEBMAIL_ALIAS is a key of category mail, not web \[CFG_TARGET\]"):
        check_pair("WEBMAIL_ALIAS", "webmail", Target.WEB)


def test_names_that_hestia_does_not_know_lead_to_the_real_key() -> None:
    assert {old: known_key(old).key for old in ALIASES} == ALIASES
    assert known_key(" from_exim ").key == "FROM_EMAIL"
    with pytest.raises(Invalid, match=r"\[CFG_KEY\]"):
        known_key("NO_SUCH_KEY")


def test_a_key_goes_by_its_own_command_where_the_raw_one_changes_nothing() -> None:
    assert BY_KEY["WEBMAIL_ALIAS"].command("post") == ("v-change-sys-webmail", "post")
    assert BY_KEY["DB_PGA_ALIAS"].command("sql") == ("v-change-sys-db-alias", "pga", "sql")
    assert BY_KEY["LANGUAGE"].command("de") == ("v-change-sys-language", "de")
    assert BY_KEY["API"].command("yes") == ("v-change-sys-api", "enable", "legacy")
    assert BY_KEY["API_SYSTEM"].command("0") == ("v-change-sys-api", "disable", "api")
    assert BY_KEY["THEME"].command("dark") == (RAW, "THEME", "dark")


# ------------------------------------------------------------------------------------- which servers get a task


@given(st.lists(nodes, max_size=8), st.sampled_from(Push))
def test_a_task_is_only_for_active_nodes_that_have_what_it_is_for(fleet: list[Node], to: Push) -> None:
    found = recipients(to, fleet)
    assert sorted([*found.chosen, *(one for one, _ in found.passed_over)], key=repr) == sorted(fleet, key=repr)
    for one in found.chosen:
        assert one.status is ServerStatus.ACTIVE
        assert to is Push.STATUS or one.driver is Driver.HESTIA
        assert to not in (Push.WEB, Push.MAIL, Push.DNS) or Role(to.value) in one.capabilities


def test_who_is_passed_over_is_told_why() -> None:
    fleet = (node(Role.DNS, driver=Driver.POWERDNS), node(Role.MAIL), node(Role.DNS, status=ServerStatus.DRAINING))
    assert [why for _, why in recipients(Push.DNS, fleet).passed_over] == [
        NO_CONFIG, "skipped: not dns", "skipped: draining",
    ]  # fmt: skip
    assert [one.driver for one in recipients(Push.STATUS, fleet).chosen] == [Driver.POWERDNS, Driver.HESTIA]


# ------------------------------------------------------------------------------------- what a node may be told


@given(nodes, configs)
def test_no_key_of_another_category_is_ever_wanted_of_a_node(one: Node, config: dict[str, str]) -> None:
    wanted = wanted_for(one, config)
    for key, value in wanted.items():
        spec = BY_KEY[key]
        assert config[key] == value
        assert not spec.refused
        assert spec.target is Target.ALL or Role(spec.target.value) in one.capabilities
    if one.driver is Driver.POWERDNS:
        assert wanted == {}
    else:
        fitting = {s.key for s in MANAGED if s.target is Target.ALL or s.target.value in one.capabilities}
        assert set(wanted) == fitting & set(config)


def test_a_node_with_both_roles_gets_both_sets_and_one_without_any_gets_none() -> None:
    both = keys_for(frozenset({Role.WEB, Role.MAIL}), Driver.HESTIA)
    assert both == keys_for(frozenset({Role.WEB}), Driver.HESTIA) | keys_for(frozenset({Role.MAIL}), Driver.HESTIA)
    assert keys_for(frozenset(), Driver.HESTIA) == frozenset()
    assert not is_for(Target.ALL, frozenset({Role.DNS}), Driver.POWERDNS)
    assert permitted(frozenset({Role.DNS}), Driver.HESTIA, {"THEME": "flat", "FROM_NAME": "x"}) == {"THEME": "flat"}


def test_drift_tells_what_differs_and_an_absent_key_is_an_empty_one() -> None:
    found = drift({"THEME": "flat", "FROM_NAME": "", "TITLE": "x"}, {"THEME": "dark", "TITLE": "x", "API": "no"})
    assert [(one.key, one.wanted, one.live) for one in found] == [("THEME", "flat", "dark")]
    assert drift({"FROM_EMAIL": "a@b.cc"}, {})[0].live is None
