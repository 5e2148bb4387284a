"""`hostdeck product`: presets, and where each limit comes from."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.cli.conftest import Call

pytestmark = pytest.mark.timeout(30)


def read(call: Call, *argv: str) -> Any:
    said = call(*argv, "--json")
    assert said.code == 0, said.err
    return json.loads(said.out)


def test_each_limit_says_where_it_comes_from(call: Call) -> None:
    shown = read(call, "product", "show", "web-s")
    assert (shown["limits"]["web_databases"], shown["origin"]["web_databases"]) == ("1", "product")
    assert shown["origin"]["web_cron_jobs"] == "default"
    assert set(shown["limits"]) == set(shown["origin"])
    text = {line.split()[0]: line for line in call("product", "show", "web-s").out.splitlines()}
    assert text["web_databases"].endswith("from the product")
    assert text["web_disk_quota"].split()[1:] == ["1024", "MB", "from", "the", "default"]
    assert "a user for each role" in text["mode"]
    assert not any(key.startswith("vanity") for key in text)


@pytest.mark.parametrize(
    ("preset", "roles"),
    [("mail-only", ["mail", "dns"]), ("website-only", ["web", "dns"]), ("full", ["web", "mail", "dns"])],
)
def test_a_preset_ticks_the_roles(call: Call, preset: str, roles: list[str]) -> None:
    made = read(call, "product", "add", "p", "--group", "eu", "--mode", "split", "--preset", preset)
    assert made["roles"] == roles
    assert read(call, "product", "edit", "p", "--preset", "full")["roles"] == ["web", "mail", "dns"]


@pytest.mark.parametrize(
    ("flags", "line"),
    [
        ((), "roles: give --roles web,mail,dns or --preset"),
        (("--roles", "web", "--preset", "full"), "roles: give one of --roles and --preset"),
        (("--preset", "odd"), "preset: use full, website-only, mail-only"),
    ],
)
def test_roles_come_from_one_place(call: Call, flags: tuple[str, ...], line: str) -> None:
    said = call("product", "add", "p", "--group", "eu", "--mode", "split", *flags)
    assert (said.code, said.err.startswith(f"hostdeck: {line}")) == (2, True)


def test_i73_a_unified_product_needs_a_server_with_both(call: Call) -> None:
    said = call("product", "add", "one", "--group", "eu", "--mode", "unified", "--roles", "web,mail")
    assert (said.code, said.err) == (2, "hostdeck: group: no active server has both Web and Mail [GRP_UNIFIED]\n")
