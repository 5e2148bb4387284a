"""What people say of mailboxes, databases, FTP accounts, cron jobs and settings."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostdeck.core.domain.item_checks import Place, check_item
from hostdeck.core.domain.item_specs import CronSpec, DatabaseSpec, MailboxSpec, WebsiteSpec
from hostdeck.core.domain.items import ItemKind
from hostdeck.core.domain.passwords import CAPITALS, DIGITS, LETTERS, SYMBOLS, make_password
from hostdeck.core.errors import Invalid

PLACE = Place("customer.com", "customer-com-web")


def spec(kind: ItemKind, name: str = "", **fields: str) -> Any:
    return check_item(kind, name, fields, PLACE).spec


def code(kind: ItemKind, name: str = "", **fields: str) -> str:
    with pytest.raises(Invalid) as refused:
        check_item(kind, name, fields, PLACE)
    return refused.value.code


def test_a_mailbox_may_be_named_with_its_domain() -> None:
    assert check_item(ItemKind.MAILBOX, "Info@customer.com", {}, PLACE).name == "info"


def test_quota_zero_is_unlimited_as_the_node_has_it() -> None:
    assert spec(ItemKind.MAILBOX, "info", quota="0").quota == "unlimited"


def test_several_addresses_stand_with_commas_or_spaces() -> None:
    box = spec(ItemKind.MAILBOX, "info", forwards="a@b.example, C@d.example  a@b.example")
    assert box.forwards == ("a@b.example", "c@d.example")


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"forwards": "info@customer.com"}, "MBX_LOOP"),
        ({"aliases": "info"}, "MBX_ALIAS"),
        ({"keep": "no"}, "MBX_KEEP"),
        ({"keep": "perhaps"}, "ITEM_YESNO"),
        ({"autoreply": "it's"}, "MBX_REPLY"),
        ({"autoreply": "a\nb"}, "ITEM_CONTROL"),
        ({"quota": "1e9"}, "QTA_RANGE"),
        ({"shoe": "x"}, "ITEM_FIELD"),
    ],
)
def test_a_mailbox_that_could_not_be_meant_is_refused(fields: dict[str, str], expected: str) -> None:
    assert code(ItemKind.MAILBOX, "info", **fields) == expected


def test_a_change_of_one_field_keeps_the_others() -> None:
    old = MailboxSpec(quota="100", forwards=("a@b.example",), suspended=True)
    new = check_item(ItemKind.MAILBOX, "info", {"quota": "200"}, PLACE, old).spec
    assert new == MailboxSpec(quota="200", forwards=("a@b.example",), suspended=True)


def test_the_accounts_name_is_not_put_before_a_database_twice() -> None:
    checked = check_item(ItemKind.DATABASE, "customer-com-web_shop", {}, PLACE)
    assert (checked.name, checked.spec) == ("shop", DatabaseSpec(user="shop"))


def test_a_database_users_whole_name_ends_at_32_characters() -> None:
    assert check_item(ItemKind.DATABASE, "a" * 40, {"user": "a" * 15}, PLACE).name == "a" * 40
    assert code(ItemKind.DATABASE, "shop", user="a" * 16) == "DB_LONG"
    assert code(ItemKind.DATABASE, "a" * 47) == "DB_LONG"


def test_what_a_node_cant_change_in_place_is_refused() -> None:
    with pytest.raises(Invalid, match="remove it and add another"):
        check_item(ItemKind.DATABASE, "shop", {"charset": "latin1"}, PLACE, DatabaseSpec(user="shop"))


@pytest.mark.parametrize("path", ["..", "/a/../b", "~", "/a b", "-x", "/a/$(id)", "/.ssh"])
def test_a_folder_that_leads_out_of_the_site_is_refused(path: str) -> None:
    assert code(ItemKind.FTP, "anna", path=path) == "FTP_PATH"


@pytest.mark.parametrize(("typed", "kept"), [("", ""), ("/", ""), ("public_html/", "/public_html")])
def test_a_folder_begins_with_one_slash(typed: str, kept: str) -> None:
    assert spec(ItemKind.FTP, "anna", path=typed).path == kept


@pytest.mark.parametrize("when", ["*/5 * * * *", "0 3 * * 1-5", "1,2,30-40/5 0-23/2 1 1 0", "59 23 31 12 7"])
def test_schedules_of_crontab_are_taken(when: str) -> None:
    assert spec(ItemKind.CRON, schedule=f" {when} ", command="true") == CronSpec(schedule=when, command="true")


@pytest.mark.parametrize(
    ("word", "when"), [("@daily", "0 0 * * *"), (" @Weekly", "0 0 * * 0"), ("@hourly", "0 * * * *")]
)
def test_words_of_crontab_become_the_fields_they_stand_for(word: str, when: str) -> None:
    assert spec(ItemKind.CRON, schedule=word, command="true") == CronSpec(schedule=when, command="true")


@pytest.mark.parametrize(
    "when", ["* * * *", "60 * * * *", "* 24 * * *", "5-1 * * * *", "*/0 * * * *", "@reboot", "a * * * *", "* * * * 8"]
)
def test_schedules_that_cron_would_misread_are_refused(when: str) -> None:
    assert code(ItemKind.CRON, schedule=when, command="true") == "CRN_SCHEDULE"


@pytest.mark.parametrize("command", ["echo \\t", "echo `id`", "date +%F", "echo 'x'", "echo é"])
def test_commands_that_the_panel_changes_are_refused(command: str) -> None:
    assert code(ItemKind.CRON, schedule="* * * * *", command=command) == "CRN_CHAR"


def test_a_cron_job_without_command_is_refused() -> None:
    assert code(ItemKind.CRON, schedule="* * * * *") == "CRN_EMPTY"


def test_settings_that_are_not_said_stay_as_they_are() -> None:
    assert spec(ItemKind.WEBSITE, php="8.3") == WebsiteSpec(php="8.3")


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"php": "8"}, "WEB_PHP"),
        ({"redirect": "javascript:x"}, "WEB_REDIRECT"),
        ({"redirect": "https://a.example/$x;"}, "WEB_REDIRECT"),
        ({"redirect_code": "200"}, "WEB_REDIRECT"),
        ({"aliases": "customer.com"}, "WEB_ALIAS"),
        ({"aliases": "a b;c"}, "DOM_SINGLE"),
        ({"proxy": "../x"}, "WEB_PROXY"),
    ],
)
def test_settings_no_web_server_should_get_are_refused(fields: dict[str, str], expected: str) -> None:
    assert code(ItemKind.WEBSITE, **fields) == expected


@given(st.integers(), st.integers(12, 64), st.booleans())
def test_a_made_password_has_one_of_each_kind_and_nothing_a_panel_misreads(
    seed: int, length: int, symbols: bool
) -> None:
    text = make_password(length, symbols, random.Random(seed).choice)
    assert len(text) == length
    assert all(set(text) & set(kind) for kind in (LETTERS, CAPITALS, DIGITS, *([SYMBOLS] if symbols else [])))
    assert set(text) <= set(LETTERS + CAPITALS + DIGITS + (SYMBOLS if symbols else ""))
    assert text[0] not in SYMBOLS


@pytest.mark.parametrize(
    ("kind", "aliases", "said"),
    [
        (ItemKind.MAILBOX, "sales; office", "aliases: 'sales;': character ';' not allowed [MBX_CHAR]"),
        (ItemKind.WEBSITE, 'bad"x', """aliases: 'bad"x': character '"' not allowed [DOM_CHAR]"""),
    ],
)
def test_what_is_wrong_with_one_of_several_names_is_said_of_that_name(kind: ItemKind, aliases: str, said: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_item(kind, "info", {"aliases": aliases}, PLACE)
    assert str(refused.value) == said
