"""Tasks and their logs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from tests.cli import seed
from tests.cli.seed import NOON

from hostdeck.core.domain.vocabulary import ServiceStatus, TaskStatus
from hostdeck.core.errors import NotFound
from hostdeck.core.queries.audit_list import audit
from hostdeck.core.queries.tasks import log_after, settings, task, tasks, timeline
from hostdeck.core.store.db import connection
from hostdeck.core.store.fleet_models import Setting

S = TaskStatus


@pytest.fixture(autouse=True)
def store(tmp_path: Path) -> Iterator[None]:
    seed.make(tmp_path / "home")
    with connection():
        seed.fleet()
        seed.service("one.example.com", ServiceStatus.ERROR, [S.SUCCESS, S.RUNNING, S.WAITING, S.FAILED])
        seed.service("two.example.com", ServiceStatus.DEPLOYING, [S.RETRYING])
        yield


def test_tasks_come_newest_first_and_a_timeline_oldest_first() -> None:
    assert [row.id for row in tasks()] == [5, 4, 3, 2, 1]
    assert [row.id for row in timeline(1)] == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"service": 2}, [5]),
        ({"server": "mx01"}, [4]),
        ({"server": "nowhere"}, []),
        ({"status": "running"}, [2]),
        ({"search": "100%_\\"}, [4]),
        ({"search": "%"}, [4]),
        ({"search": "1__%"}, []),
        ({"search": "two.EXAMPLE"}, [5]),
        ({"search": "Setting up web acc"}, [2]),
        ({"search": "createuser"}, [2]),
        ({"limit": 2}, [5, 4]),
        ({"service": 1, "status": S.FAILED}, [4]),
    ],
)
def test_a_filter_finds_exactly_what_it_says(filters: dict[str, object], found: list[int]) -> None:
    assert [row.id for row in tasks(**filters)] == found  # type: ignore[arg-type]


def test_a_running_task_has_lasted_until_now_and_never_less_than_nothing() -> None:
    assert task(2, now=NOON).duration_s == 90.0
    assert task(2, now=NOON - timedelta(hours=1)).duration_s == 0.0
    assert task(1, now=NOON).duration_s == 60.0
    assert task(3, now=NOON).duration_s is None


def test_a_task_names_what_it_waits_for() -> None:
    seed.lines(3, 2)
    row = task(3)
    assert (row.waits_for, row.log_lines, row.label, row.domain) == (
        (2,),
        2,
        "Configuring web hosting",
        "one.example.com",
    )
    assert task(2).waits_for == ()


def test_only_a_retry_says_when_it_is_due() -> None:
    assert task(5).not_before == NOON + timedelta(seconds=41)
    assert task(1).not_before is None


def test_a_log_is_read_page_by_page_until_it_is_final() -> None:
    seed.lines(1, 5)
    first = log_after(1, 0, limit=3)
    second = log_after(1, 3, limit=3)
    assert ([line.seq for line in first.lines], first.final) == ([1, 2, 3], False)
    assert ([line.seq for line in second.lines], second.final) == ([4, 5], True)


def test_a_full_page_of_an_ended_task_is_not_yet_the_last() -> None:
    seed.lines(1, 3)
    assert not log_after(1, 0, limit=3).final
    assert log_after(1, 3, limit=3).final


def test_a_running_tasks_log_is_never_final() -> None:
    seed.lines(2, 1)
    assert not log_after(2, 1).final


@pytest.mark.parametrize("query", [lambda: task(99), lambda: log_after(99, 0)])
def test_an_unknown_task_is_not_found(query: object) -> None:
    with pytest.raises(NotFound):
        query()  # type: ignore[operator]


def test_settings_show_what_is_set_over_the_default() -> None:
    Setting.create(key="retry.base", value="2")
    shown = {row.key: (row.value, row.default) for row in settings()}
    assert shown["retry.base"] == ("2", "15")
    assert shown["retry.cap"] == ("900", "900")


def test_the_audit_comes_newest_first() -> None:
    seed.audit()
    seed.audit()
    assert [row.id for row in audit()] == [2, 1]
    assert audit(limit=1)[0].actor == "ops"
