"""Names on a domain of one's own, from a shell: how they are put up for sale, and what a shop page asks."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.cli.conftest import Call

from hostdeck.core.store.db import connection
from hostdeck.core.store.work_models import Service

pytestmark = pytest.mark.timeout(10)
PARENT = "names.example.net"
SELL = ("group", "vanity", "eu", PARENT, "--mail-server", "mx01", "--mail-user", "prov")


@pytest.fixture
def sold(call: Call) -> None:
    assert call(*SELL, "--reserve", "news,shop").code == 0
    made = call("product", "add", "name", "--group", "eu", "--mode", "vanity", "--roles", "web,mail,dns")
    assert made.code == 0, made.err


def ask(call: Call, name: str, *flags: str) -> tuple[int, str, str]:
    said = call("service", "create", "--product", "name", "--field", f"vanity_name={name}", *flags)
    return said.code, said.out, said.err


@pytest.mark.usefixtures("sold")
def test_a_shop_page_learns_that_a_name_is_free_and_nothing_is_written(call: Call) -> None:
    code, out, _ = ask(call, "anna", "--plan", "--json")
    assert (code, json.loads(out)["domain"]) == (0, f"anna.{PARENT}")
    with connection():
        assert not Service.select().exists()


@pytest.mark.usefixtures("sold")
@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("anna", "VAN_TAKEN"),
        ("ANNA", "VAN_TAKEN"),
        ("news", "VAN_RESERVED"),
        ("www", "VAN_RESERVED"),
        ("a.b", "VAN_DOT"),
    ],
)
def test_a_shop_page_learns_why_a_name_can_not_be_had(call: Call, name: str, why: str) -> None:
    assert ask(call, "anna", "--email", "anna@example.org")[0] == 0
    code, out, err = ask(call, name, "--plan")
    assert (code, out) == (2, "")
    assert err.rstrip().endswith(f"[{why}]")


@pytest.mark.usefixtures("sold")
def test_names_are_no_longer_sold_after_a_stop(call: Call) -> None:
    assert ask(call, "anna", "--email", "anna@example.org")[0] == 0
    assert call("group", "vanity", "eu", PARENT, "--stop").code == 0
    assert "1 sold, no more for sale" in call("group", "show", "eu").out
    assert "VAN_PARENT" in ask(call, "ben", "--plan")[2]


def test_where_the_mailboxes_are_has_to_be_said(call: Call, home: Path) -> None:
    said = call("group", "vanity", "eu", PARENT)
    assert said.code == 2
    assert "--mail-server S and --mail-user U" in said.err
