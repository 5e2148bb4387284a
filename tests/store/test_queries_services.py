"""Services as people see them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.cli import seed
from tests.cli.seed import NOON

from hostdeck.core.domain.vocabulary import ServiceStatus, TaskStatus
from hostdeck.core.errors import NotFound
from hostdeck.core.queries.services import service, services
from hostdeck.core.store.base import database
from hostdeck.core.store.db import connection

S = TaskStatus
DONE = [S.SUCCESS] * 5


@pytest.fixture(autouse=True)
def store(tmp_path: Path) -> Iterator[None]:
    seed.make(tmp_path / "home")
    with connection():
        seed.fleet()
        yield


@pytest.mark.parametrize(
    ("tasks", "percent", "now"),
    [
        ([S.SUCCESS, S.RUNNING, S.WAITING, S.QUEUED], 25, "Setting up web account"),
        ([S.SUCCESS, S.RETRYING, S.QUEUED], 33, "Setting up web account (retry in 41 s)"),
        ([S.FAILED, S.RUNNING], 0, "Setting up web account"),
        ([S.SUCCESS, S.FAILED, S.WAITING], 33, "Setting up web account failed"),
        ([S.SUCCESS, S.CANCELLED], 50, "Setting up web account cancelled"),
        ([S.QUEUED, S.WAITING], 0, "Configuring web plan"),
        ([*DONE, S.RUNNING], 100, "Finished"),
        ([], 0, "Nothing planned"),
    ],
)
def test_progress_says_what_is_happening(tasks: list[TaskStatus], percent: int, now: str) -> None:
    seed.service("one.example.com", ServiceStatus.DEPLOYING, tasks)
    (row,) = services(now=NOON)
    assert (row.progress.percent, row.progress.now) == (percent, now)


def test_a_follow_up_is_counted_apart() -> None:
    seed.service("one.example.com", ServiceStatus.ACTIVE, [*DONE, S.RETRYING])
    (row,) = services(now=NOON)
    assert (row.progress.total, row.progress.done, row.progress.follow_ups) == (5, 5, 1)


def test_accounts_name_every_role_and_a_powerdns_node_has_no_user() -> None:
    row = seed.service("one.example.com", ServiceStatus.ACTIVE, DONE)
    shown = [(a.role, a.server, a.username) for a in services()[0].accounts]
    assert shown == [
        ("web", "web01", f"u{row.id}-web"),
        ("mail", "mx01", f"u{row.id}-mail"),
        ("dns", "ns1", f"u{row.id}-dns"),
        ("dns", "pdns1", None),
    ]


@pytest.mark.parametrize("search", ["two", "TWO.example", "u2-mail"])
def test_services_are_found_by_what_stands_in_them(search: str) -> None:
    for name in ("one", "two"):
        seed.service(f"{name}.example.com", ServiceStatus.ACTIVE, DONE)
    assert [row.domain for row in services(search=search)] == ["two.example.com"]


@pytest.mark.parametrize("search", ["100%_\\", "%", "_", "\\"])
def test_search_text_is_taken_literally(search: str) -> None:
    seed.service("one.example.com", ServiceStatus.ACTIVE, DONE)
    assert services(search=search) == ()


def test_services_come_newest_first_and_by_status() -> None:
    seed.service("one.example.com", ServiceStatus.ACTIVE, DONE)
    seed.service("two.example.com", ServiceStatus.ERROR, [S.FAILED])
    assert [row.id for row in services()] == [2, 1]
    assert [row.id for row in services(status="active")] == [1]
    assert [row.id for row in services(limit=1)] == [2]


def test_the_live_service_wins_over_terminated_ones() -> None:
    seed.service("one.example.com", ServiceStatus.ACTIVE, DONE)
    seed.service("two.example.com", ServiceStatus.TERMINATED, DONE)
    seed.service("two.example.com", ServiceStatus.ACTIVE, DONE)
    seed.service("one.example.com", ServiceStatus.TERMINATED, DONE)
    assert (service("one.example.com").id, service("TWO.example.com").id) == (1, 3)
    assert service("#2").id == service("2").id == service(2).id == 2


@pytest.mark.parametrize("key", [9, "#9", "no.example.com", "\x1b[31m", "9" * 30, "", "²"])
def test_an_unknown_service_is_not_found(key: int | str) -> None:
    with pytest.raises(NotFound) as caught:
        service(key)
    assert "\x1b" not in str(caught.value)


def test_the_detail_shows_limits_zone_and_tasks() -> None:
    seed.service("one.example.com", ServiceStatus.DEPLOYING, [S.SUCCESS, S.RUNNING, S.WAITING])
    found = service("one.example.com", now=NOON)
    assert (found.group, found.email, found.origin["web_databases"]) == ("eu", "anna@example.com", "product")
    assert [(n.server, n.state) for n in found.nameservers] == [("ns1", "active"), ("pdns1", "pending")]
    assert [(t.status, t.duration_s) for t in found.tasks] == [("success", 60.0), ("running", 90.0), ("waiting", None)]
    assert [r.type for r in found.records] == ["A"]


def test_a_nameserver_whose_task_failed_is_shown_as_failed() -> None:
    seed.service("one.example.com", ServiceStatus.ERROR, [*DONE[:4], S.FAILED])
    assert [n.state for n in service(1).nameservers] == ["active", "failed"]


def test_a_list_takes_the_same_queries_however_long_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    real = database.obj.execute_sql

    def counted(sql: str, *args: object, **more: object) -> object:
        asked.append(sql)
        return real(sql, *args, **more)

    for n in range(3):
        seed.service(f"s{n}.example.com", ServiceStatus.ACTIVE, DONE)
    monkeypatch.setattr(database.obj, "execute_sql", counted)
    assert len(services()) == 3
    assert len(asked) == 6
