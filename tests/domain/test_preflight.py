"""What a preflight makes of what it hears."""

from __future__ import annotations

import pytest

from hostdeck.core.domain.preflight import (
    Check,
    Part,
    Place,
    State,
    complete,
    first_failed,
    full_sudo,
    installed,
    judge_capabilities,
    key_modes,
    mend_login,
    mend_root,
)
from hostdeck.core.domain.vocabulary import Driver, Role

PLACE = Place("web01", "ops.deploy", "192.0.2.9", 22, Driver.HESTIA)


@pytest.mark.parametrize(
    ("rule", "full"),
    [
        ("    (ALL : ALL) NOPASSWD: ALL", True),
        ("    (ALL) NOPASSWD: ALL", True),
        ("    (root) NOPASSWD: ALL", True),
        ("    (ALL) NOPASSWD: SETENV: ALL", True),
        ("    (ALL : ALL) ALL", False),
        ("    (ALL : ALL) ALL\n    (root) NOPASSWD: ALL", True),
        ("    (root) NOPASSWD: /usr/local/hestia/bin/*", False),
        ("    (www-data) NOPASSWD: ALL", False),
        ("    (root) NOPASSWD: ALL, !/bin/su", False),
        ("", False),
    ],
)
def test_only_a_rule_for_everything_as_root_without_a_password_is_full(rule: str, full: bool) -> None:
    assert full_sudo(f"User deploy may run the following commands on web01:\n{rule}\n") is full


def test_what_was_never_come_to_is_listed_as_not_reached() -> None:
    checks = complete((Check(Part.TCP, State.OK), Check(Part.HOST_KEY, State.FAILED, "changed")))
    assert [check.part for check in checks] == list(Part)
    assert {check.state for check in checks[2:]} == {State.NOT_REACHED}
    assert first_failed(checks) == checks[1]


def test_more_on_the_node_than_is_ticked_is_nobodys_mistake() -> None:
    assert judge_capabilities(frozenset({Role.DNS}), frozenset(Role), PLACE).state is State.OK


def test_a_subsystem_that_is_empty_or_missing_is_not_installed() -> None:
    assert installed({"WEB_SYSTEM": "nginx", "MAIL_SYSTEM": "", "DNS_SYSTEM": "bind9"}) == {Role.WEB, Role.DNS}


def test_a_sudoers_file_with_a_dot_in_its_name_would_be_passed_over() -> None:
    assert "> /etc/sudoers.d/hostdeck-ops-deploy" in "\n".join(mend_root(PLACE))
    assert "ops.deploy ALL=(ALL:ALL) NOPASSWD: ALL" in "\n".join(mend_root(PLACE))


def test_a_password_is_mended_as_a_password() -> None:
    assert "--password-stdin" in "\n".join(mend_login(PLACE))
    assert "authorized_keys" not in "\n".join(mend_login(PLACE))


@pytest.mark.parametrize(
    ("said", "words", "mends"),
    [
        ("700 .ssh\n600 .ssh/authorized_keys\n", "~/.ssh is 700, ~/.ssh/authorized_keys is 600", 0),
        ("755 .ssh\n664 .ssh/authorized_keys\n", "~/.ssh is 755, ~/.ssh/authorized_keys is 664", 2),
        ("NOISE\n600 .ssh/authorized_keys\n", "~/.ssh/authorized_keys is 600", 0),
        ("", "", 0),
        ("-bash: stat: not found\n", "", 0),
    ],
)
def test_modes_of_key_files_are_told_and_open_ones_are_closed(said: str, words: str, mends: int) -> None:
    told, mend = key_modes(said)
    assert (told, len(mend)) == (words, mends)
    if mends == 2:
        assert mend[0].endswith("chmod 700 ~/.ssh")
        assert mend[1].endswith("chmod 600 ~/.ssh/authorized_keys")
