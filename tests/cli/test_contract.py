"""What scripts rely on: the fields of the JSON objects, times, one document."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from tests.cli import seed
from tests.cli.conftest import Call

from hostdeck.core.domain.vocabulary import ServiceStatus, TaskStatus
from hostdeck.core.store.db import connection

pytestmark = pytest.mark.timeout(30)
S = TaskStatus
UTC_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")

SERVER = (
    "id name hostname ip ssh_port ssh_username driver capabilities group status max_accounts accounts host_key health"
)
HEALTH = (
    "state collected_at cpu_percent ram_percent disk_percent load_percent panel_version os users domains services_up "
    "services_total error"
)
SERVICE = "id domain product mode status roles accounts progress error created_at"
PROGRESS = "total done running pending failed percent now"
TASK = (
    "id action label target service server status attempts max_attempts created_at started_at finished_at duration_s "
    "not_before error"
)
TICKET = "id incident status title service domain server failures opened_at closed_at closed_by"
MORE = "serves_groups node_dir follow_ups domain follow_up cancel_asked warnings breaker parked"
ADDED = set(MORE.split())
"""Fields beyond the contract's, which may grow."""


@pytest.fixture
def orders(home: Path) -> None:
    with connection():
        seed.service("one.example.com", ServiceStatus.ACTIVE, [S.SUCCESS] * 5 + [S.RETRYING])
        seed.lines(1, 3)
        seed.audit()


def keys(answer: dict[str, Any]) -> set[str]:
    return set(answer) - ADDED


def wanted(words: str) -> set[str]:
    return set(words.split()) - ADDED


def read(call: Call, *argv: str) -> Any:
    said = call(*argv, "--json")
    assert said.code == 0, said.err
    return json.loads(said.out)


def test_a_server_has_the_fields_of_the_contract(call: Call, orders: None) -> None:
    shown = read(call, "server", "show", "web01")
    assert (keys(shown), set(shown["health"]) >= set(HEALTH.split())) == (wanted(SERVER), True)
    assert shown in read(call, "server", "list")


@pytest.mark.parametrize("argv", [("service", "list"), ("service", "watch", "1")])
def test_a_service_has_the_fields_of_the_contract(call: Call, orders: None, argv: tuple[str, ...]) -> None:
    answer = read(call, *argv)
    shown = answer[0] if isinstance(answer, list) else answer
    assert "domain" in shown
    assert (keys(shown), keys(shown["progress"])) == (wanted(SERVICE), wanted(PROGRESS))
    assert [set(account) for account in shown["accounts"]] == [{"role", "server", "username", "shared"}] * 4


def test_show_adds_to_the_services_fields(call: Call, orders: None) -> None:
    shown = read(call, "service", "show", "one.example.com")
    assert wanted(SERVICE) < set(shown)
    assert {"limits", "records", "nameservers", "tasks"} < set(shown)


@pytest.mark.parametrize("argv", [("task", "list"), ("service", "plan", "1"), ("service", "timeline", "1")])
def test_a_task_has_the_fields_of_the_contract(call: Call, orders: None, argv: tuple[str, ...]) -> None:
    assert {frozenset(keys(row)) for row in read(call, *argv)} == {frozenset(wanted(TASK))}


def test_a_ticket_has_the_fields_of_the_contract(call: Call, orders: None) -> None:
    (row,) = read(call, "ticket", "list", "--status", "open")
    assert set(row) == set(TICKET.split())
    shown = read(call, "ticket", "show", "1")
    assert set(shown) == {*TICKET.split(), "entries", "tasks"}
    assert [set(entry) for entry in shown["entries"]] == [{"at", "task", "text"}] * 2
    assert UTC_TIME.fullmatch(shown["opened_at"])
    assert [task["id"] for task in shown["tasks"]] == [1]


def test_a_closed_ticket_says_who_closed_it_and_can_not_be_closed_again(call: Call, orders: None) -> None:
    closed = read(call, "ticket", "close", "1")
    assert (closed["status"], closed["closed_by"]) == ("closed", read(call, "audit", "list")[0]["actor"])
    assert read(call, "ticket", "list", "--status", "open") == []
    said = call("ticket", "close", "1")
    assert (said.code, said.out) == (4, "")
    assert said.err.startswith("hostdeck: ticket: #1 is closed already, by ")


def test_a_timeline_is_oldest_first_and_a_list_newest_first(call: Call, orders: None) -> None:
    assert [row["id"] for row in read(call, "service", "timeline", "1")] == [1, 2, 3, 4, 5, 6]
    assert [row["id"] for row in read(call, "task", "list", "--limit", "2")] == [6, 5]


def test_a_log_line_has_the_fields_of_the_contract(call: Call, orders: None) -> None:
    lines = read(call, "task", "log", "1", "--follow")
    assert [line["seq"] for line in lines] == [1, 2, 3]
    assert set(lines[0]) == {"seq", "attempt", "at", "stream", "text"}


@pytest.mark.parametrize("name", ["task", "service", "audit"])
def test_times_are_utc(call: Call, orders: None, name: str) -> None:
    shown = read(call, name, "list")[0]
    assert UTC_TIME.fullmatch(shown["at" if name == "audit" else "created_at"])


def test_create_answers_at_once_with_the_pending_service(call: Call, home: Path) -> None:
    shown = read(call, "service", "create", "Customer.com", "--product", "web-s", "--email", "a@customer.com")
    assert keys(shown) == wanted(SERVICE)
    assert (shown["domain"], shown["status"], shown["progress"]["done"]) == ("customer.com", "pending", 0)
    assert shown["created_at"].endswith("Z")


def test_a_plan_writes_nothing(call: Call, home: Path) -> None:
    plan = read(call, "service", "create", "customer.com", "--product", "web-s", "--plan")
    assert {"accounts", "why", "limits", "records", "tasks"} < set(plan)
    assert read(call, "service", "list") == []


def test_options_fields_and_meta_reach_the_order(call: Call, home: Path) -> None:
    flags = ("--option", "web_databases=7", "--meta", "invoice=9=x", "--field", "note=hi")
    read(call, "service", "create", "customer.com", "--product", "web-s", *flags)
    shown = read(call, "service", "show", "customer.com")
    assert (shown["limits"]["web_databases"], shown["origin"]["web_databases"]) == ("7", "option")
    assert shown["meta"] == {"invoice": "9=x"}


@pytest.mark.parametrize("area", ["server", "service", "group", "product", "task", "ticket"])
def test_an_empty_list_is_an_answer(area: str, tmp_path: Path, call: Call) -> None:
    empty = ("--home", str(tmp_path / "empty"))
    assert call(*empty, "init").code == 0
    assert read(call, *empty, area, "list") == []
    said = call(*empty, area, "list")
    assert said.code == 0
    assert "hostdeck" in said.out
