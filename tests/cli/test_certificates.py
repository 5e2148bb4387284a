"""`hostdeck certificate list`: what scripts and people read of certificates."""

from __future__ import annotations

import json

import pytest
from tests.cli.conftest import Call

from hostdeck.core.store.db import connection
from hostdeck.core.store.fields import utcnow
from hostdeck.core.store.work_models import AcmeOrder, Certificate, Task

pytestmark = pytest.mark.timeout(30)
DOMAIN = "customer.com"
FIELDS = (
    "id service domain kind hosts server state issuer not_after days_left failures reason next_try checked_at task "
    "registered week_used week_limit"
)


@pytest.fixture
def orders(call: Call) -> None:
    """Two orders; the first one's website has used up its attempts."""
    for domain in (DOMAIN, "other.net"):
        assert call("service", "create", domain, "--product", "web-s").code == 0
    with connection():
        values = {"state": "frozen", "failures": 12, "reason": "web01: Let's Encrypt said no"}
        Certificate.update(**values).where(Certificate.service == 1, Certificate.kind == "web").execute()
        AcmeOrder.create(account="web01/u", registered=DOMAIN, hosts=DOMAIN, at=utcnow(), issued=True)


def listed(call: Call, *argv: str) -> list[dict[str, object]]:
    said = call("certificate", "list", *argv, "--json")
    assert said.code == 0, said.err
    found: list[dict[str, object]] = json.loads(said.out)
    return found


def test_an_order_brings_a_row_for_each_set_of_names(call: Call, orders: None) -> None:
    rows = listed(call, "--service", "other.net")
    assert [set(row) for row in rows] == [set(FIELDS.split())] * 2
    assert [(row["kind"], row["hosts"], row["server"]) for row in rows] == [
        ("web", ["other.net", "www.other.net"], "web01"),
        ("mail", ["mail.other.net", "webmail.other.net"], "mx01"),
    ]
    assert [(row["state"], row["days_left"], row["week_used"]) for row in rows] == [("waiting", None, 0)] * 2
    with connection():
        tasks = Task.select(Task.id).where(Task.service == 2, Task.action == "ssl.seed").order_by(Task.id)
        assert [row["task"] for row in rows] == [task.id for task in tasks]


def test_the_worst_stands_first_with_its_reason_and_what_is_left_of_the_week(call: Call, orders: None) -> None:
    first = listed(call)[0]
    assert (first["state"], first["domain"], first["failures"]) == ("frozen", DOMAIN, 12)
    assert (first["registered"], first["week_used"], first["week_limit"]) == (DOMAIN, 1, 50)
    said = call("certificate", "list").out
    assert "Let's Encrypt said no" in said
    assert "1/50" in said


def test_a_state_narrows_the_list_and_an_unknown_one_is_refused(call: Call, orders: None) -> None:
    assert [row["service"] for row in listed(call, "--state", "frozen")] == [1]
    assert "no certificate matches" in call("certificate", "list", "--state", "active").out
    said = call("certificate", "list", "--state", "good")
    assert (said.code, "frozen" in said.err) == (2, True)


def test_without_an_order_it_says_where_they_come_from(call: Call) -> None:
    assert "hostdeck service create --help" in call("certificate", "list").out
    assert call("certificate", "list", "--service", "nobody.com").code == 3
