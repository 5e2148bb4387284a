"""Accounts, mailboxes, people, passwords, quotas: every row of the table of bad inputs that is about them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from hostdeck.core.domain import inputs
from hostdeck.core.domain.naming import user_name
from hostdeck.core.errors import Invalid


def server_name(raw: str | bytes) -> str:
    return inputs.check_name(raw, "server", what="server")


USER, BOX, MAIL = inputs.check_username, inputs.check_mailbox, inputs.check_email
PERSON, QUOTA, PASSWORD = inputs.check_person_name, inputs.parse_quota, inputs.check_password
DOTS = "must not start or end with '.' or contain '..' [MBX_DOT]"
RANGE = "use a whole number from 0 to 10485760 MB [QTA_RANGE]"

REFUSED: list[tuple[str, Callable[[Any], object], str | bytes, str]] = [
    ("I46", USER, "root", "username: 'root' is reserved [USR_RESERVED]"),
    *(
        ("I47", USER, name, f"username: '{name}' is reserved [USR_RESERVED]")
        for name in ("admin", "www-data", "hestiaweb", "nobody", "mysql", "systemd-network")
    ),
    ("I48", USER, "a|b", "username: character '|' not allowed [USR_CHAR]"),
    ("I49", USER, "1abc", "username: must start with a letter [USR_START]"),
    ("I50", USER, "a" * 31, "username: longer than 30 characters (31) [USR_LONG]"),
    ("I51", USER, "AbC", "username: use lower case only [USR_CASE]"),
    ("I52", USER, "a.b", "username: character '.' not allowed [USR_CHAR]"),
    ("line-feed", USER, "abc\n", "username: character U+000A not allowed [USR_CHAR]"),
    ("empty", USER, "", "username: is required [USR_EMPTY]"),
    ("short", USER, "a", "username: use at least 2 characters [USR_SHORT]"),
    ("end", USER, "a-", "username: must end with a letter or digit [USR_END]"),
    ("bytes", USER, b"\xff", "username: not valid UTF-8 [USR_CHAR]"),
    *(("I62", BOX, typed, f"mailbox: {DOTS}") for typed in ("..", ".ssh", "a..b", "a.")),
    ("I63", BOX, "-rf", "mailbox: must start with a letter or digit [MBX_START]"),
    ("I64", BOX, "a b", "mailbox: character ' ' not allowed [MBX_CHAR]"),
    ("I64", BOX, "a*", "mailbox: character '*' not allowed [MBX_CHAR]"),
    ("I64", BOX, "a/b", "mailbox: character '/' not allowed [MBX_CHAR]"),
    ("I65", BOX, "a" * 65, "mailbox: longer than 64 characters (65) [MBX_LONG]"),
    ("I66", PASSWORD, "x\nroot:pw", "password: control character U+000A [PWD_CONTROL]"),
    ("I67", PASSWORD, "/tmp/x", "password: must not start with '/tmp/' [PWD_PATH]"),
    ("I68", PASSWORD, "a" * 11, "password: use 12 to 128 characters [PWD_LENGTH]"),
    ("I68", PASSWORD, "a" * 129, "password: use 12 to 128 characters [PWD_LENGTH]"),
    *(
        ("I69", MAIL, typed, "contact: not a valid address [EML_INVALID]")
        for typed in (
            "a@-b..co",
            "%n@b.co",
            "",
            "a@b",
            "a@b.c1",
            "a&b@c.co",
            "a/b@c.co",
            "-a@b.co",
            "a@b.co\n",
            "a..b@c.co",
            "\u00e4@b.co",
            "a" * 65 + "@b.co",
            "a@" + "b." * 130 + "co",
        )
    ),
    *(
        ("I70", PERSON, typed, "name: character not allowed [NAM_CHAR]")
        for typed in ("$(id)", "\x1b[31m", "a\u202eb", "a\u200bb", "<b>", '"x"', "a\nb", "a\ufe0f", "a\u3164")
    ),
    ("empty", PERSON, " ", "name: is required [NAM_EMPTY]"),
    ("long", PERSON, "a" * 65, "name: longer than 64 characters (65) [NAM_LENGTH]"),
    *(
        ("I71", QUOTA, typed, f"quota: {RANGE}")
        for typed in ("-1", "1e9", "1000000000", "NaN", "\u0661\u0662", str(2**63), "9" * 5000, "", " 1", "1_0", "+1")
    ),
    ("name", server_name, "a b", "server: character ' ' not allowed in a server name [NAM_CHAR]"),
    ("name", server_name, "-rf", "server: a server name starts with a letter or digit [NAM_CHAR]"),
    ("name", server_name, "a" * 65, "server: longer than 64 characters (65) [NAM_LENGTH]"),
    ("name", server_name, "", "server: is required [NAM_EMPTY]"),
]


@pytest.mark.parametrize(
    ("row", "check", "typed", "expected"), REFUSED, ids=[f"{row[0]}-{i}" for i, row in enumerate(REFUSED)]
)
def test_refused(row: str, check: Callable[[Any], object], typed: str | bytes, expected: str) -> None:
    with pytest.raises(Invalid) as caught:
        check(typed)
    assert str(caught.value) == expected


@pytest.mark.parametrize(
    ("check", "typed", "value"),
    [
        (USER, "customer-com-web", "customer-com-web"),
        (USER, "a" * 30, "a" * 30),
        (BOX, "Anna.B-c_1", "anna.b-c_1"),
        (BOX, "a" * 64, "a" * 64),
        (MAIL, "Anna+x@Mail.Example.COM", "anna+x@mail.example.com"),
        (PERSON, "O'Neil", "O'Neil"),
        (PERSON, "Zo\u00eb van 't Hoff-M\u00fcller, Jr. 2", "Zo\u00eb van 't Hoff-M\u00fcller, Jr. 2"),
        (PERSON, "\u5c71\u7530\u592a\u90ce", "\u5c71\u7530\u592a\u90ce"),
        (QUOTA, "0", 0),
        (QUOTA, "10485760", 10_485_760),
        (QUOTA, "unlimited", "unlimited"),
        (PASSWORD, "correct 'horse' $battery %s \u00e4", None),
        (server_name, "Web01.EU_1-a", "web01.eu_1-a"),
    ],
)
def test_accepted(check: Callable[[Any], object], typed: str, value: object) -> None:
    assert check(typed) == value


def test_I53_two_domains_never_share_an_account() -> None:
    assert user_name("my-shop.com", None) != user_name("my.shop.com", None)


def test_I54_foreign_account() -> None:
    refused = inputs.refuse_foreign("x", "web01")
    assert str(refused) == "conflict: account 'x' on web01 is not managed by hostdeck"
    assert refused.code == "OWN_FOREIGN"


def test_I68_a_password_is_never_echoed() -> None:
    for typed in ("hunter2", "hunter2\n", "/tmp/hunter2", b"hunter2\xff", "hunter2" * 50):
        with pytest.raises(Invalid) as caught:
            PASSWORD(typed)
        assert "hunter2" not in f"{caught.value} {caught.value!r} {caught.value.args}"
        assert caught.value.__cause__ is None
        assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_I70_hestia_gets_another_apostrophe() -> None:
    assert inputs.person_name_for_hestia("O'Neil") == "O\u2019Neil"


def test_I71_unlimited_is_not_for_every_limit() -> None:
    with pytest.raises(Invalid) as caught:
        inputs.parse_quota("unlimited", "web_backups", unlimited_ok=False)
    assert str(caught.value) == f"web_backups: {RANGE}"
