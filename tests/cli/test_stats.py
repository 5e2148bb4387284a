"""`hostdeck stats`: for scripts, for spreadsheets, for people."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from tests.cli import seed
from tests.cli.conftest import Call

from hostdeck.core.domain.vocabulary import ServiceStatus, TaskStatus
from hostdeck.core.store.db import connection
from hostdeck.core.store.fields import utcnow
from hostdeck.core.store.figure_models import Usage
from hostdeck.core.store.fleet_models import Server
from hostdeck.core.store.work_models import Service, Task

pytestmark = pytest.mark.timeout(20)


@pytest.fixture
def used(home: Path) -> None:
    with connection():
        for name, count in (("low.example.com", 1), ("over.example.com", 9)):
            row = seed.service(name, ServiceStatus.ACTIVE, [TaskStatus.SUCCESS] * 5)
            Usage.create(service=row, key="web_databases", used=count, at=utcnow())
            Usage.create(service=row, key="web_bandwidth", used=7, at=utcnow())
        Service.update(limits={"web_databases": "5", "web_bandwidth": "unlimited"}).execute()


def test_json_is_an_array_with_the_fullest_first(call: Call, used: None) -> None:
    rows = json.loads(call("stats", "--json").out)
    assert [row["domain"] for row in rows] == ["over.example.com", "low.example.com"]
    assert set(rows[0]) == {"id", "domain", "product", "mode", "status", "use", "weight", "updated_at"}
    assert rows[0]["use"]["databases"] == {
        "key": "web_databases", "used": 9, "limit": 5, "percent": 180.0, "over": 4, "band": "over",
    }  # fmt: skip
    assert rows[0]["use"]["bandwidth"]["percent"] is None


def test_people_see_twelve_columns_and_the_tiers(call: Call, used: None) -> None:
    said = call("stats")
    head = said.out.splitlines()[0]
    for title in ("DOMAIN", "STATUS", "WEB DISK", "WEB BANDWIDTH", "WEB DNS REC", "WEB DBS", "WEB FTP", "WEB CRON",
                  "WEB BACKUPS", "MAIL DISK", "MAIL ACCOUNTS", "MAIL BACKUPS", "UPDATED"):  # fmt: skip
        assert title in head
    assert "9/5 180 %, over by 4" in said.out
    assert "7/∞" in said.out
    assert "web" in said.out.split("TIER")[1]


def test_one_service_alone_and_a_table_for_spreadsheets(call: Call, used: None) -> None:
    rows = list(csv.DictReader(call("stats", "--service", "low.example.com", "--csv").out.splitlines()))
    assert [(row["domain"], row["databases_used"], row["databases_percent"]) for row in rows] == [
        ("low.example.com", "1", "20")
    ]
    assert call("stats", "--service", "nowhere.com").code == 3


def test_refresh_asks_every_node_that_has_users_and_waits(call: Call, used: None) -> None:
    said = call("stats", "--refresh", "--timeout", "0")
    assert said.code == 5
    with connection():
        asked = Task.select(Server.name).join(Server).where(Task.action == "server.syncUsage")
        assert {name for (name,) in asked.tuples()} == {"web01", "mx01", "ns1"}


def test_a_node_that_could_not_be_read_is_said_with_exit_1(
    call: Call, used: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ended(door: object) -> tuple[int, ...]:
        from hostdeck.core.intents.fleet import _queue_for

        ids = _queue_for(door, "server.usage", "server.syncUsage", ("web01",))  # type: ignore[arg-type]
        Task.update(status="failed", error="no answer", finished_at=utcnow()).where(Task.id.in_(ids)).execute()
        return ids

    monkeypatch.setattr("hostdeck.core.intents.fleet.refresh_usage", ended)
    said = call("stats", "--refresh")
    assert (said.code, "web01 was not read: no answer" in said.err) == (1, True)
    assert "over.example.com" in said.out


def test_an_empty_home_says_what_brings_something(call: Call) -> None:
    assert "no services yet" in call("stats").out
    assert json.loads(call("stats", "--json").out) == []
