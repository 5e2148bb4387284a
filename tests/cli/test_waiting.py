"""--wait, watch and check: what they say, and how they end."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.cli import seed
from tests.cli.conftest import Call

from hostdeck.core.domain.vocabulary import HealthState, ServiceStatus, TaskStatus
from hostdeck.core.store.db import connection
from hostdeck.core.store.fleet_models import Server
from hostdeck.core.store.work_models import Service, Task

pytestmark = pytest.mark.timeout(30)
S = TaskStatus


@contextmanager
def meanwhile(act: Callable[[], object], after: float = 0.6) -> Iterator[None]:
    """Another connection changes something while a command waits."""

    def acted() -> None:
        with connection():
            act()

    timer = threading.Timer(after, acted)
    timer.start()
    yield
    timer.join()


def becomes(status: ServiceStatus, task: TaskStatus, error: str | None = None) -> Callable[[], object]:
    def act() -> None:
        Task.update(status=task, finished_at=datetime.now(UTC)).where(~Task.follow_up).execute()
        Service.update(status=status, error=error).execute()

    return act


@pytest.fixture
def alive(home: Path) -> None:
    with connection():
        seed.worker(datetime.now(UTC))


CREATE = ("service", "create", "new.example.com", "--product", "web-s", "--wait", "--json")


@pytest.mark.parametrize(
    ("status", "task", "code"), [(ServiceStatus.ACTIVE, S.SUCCESS, 0), (ServiceStatus.ERROR, S.FAILED, 1)]
)
def test_create_waits_until_the_service_has_ended(
    call: Call, alive: None, status: ServiceStatus, task: TaskStatus, code: int
) -> None:
    with meanwhile(becomes(status, task, "disk full" if code else None)):
        said = call(*CREATE)
    assert said.code == code
    assert json.loads(said.out)["status"] == status
    assert ("disk full" in said.err) == bool(code)
    assert said.err.count("\n") == code


def test_a_wait_that_is_too_long_ends_with_5_and_still_shows_the_service(call: Call, alive: None) -> None:
    said = call(*CREATE, "--timeout", "0.3")
    assert said.code == 5
    assert json.loads(said.out)["status"] == "pending"
    assert said.err == (
        "hostdeck: service: #1 new.example.com is still pending after 0.3 s; the work goes on by itself\n"
    )


def test_that_nobody_works_is_said_at_once(call: Call, home: Path) -> None:
    said = call(*CREATE, "--timeout", "0.3")
    assert said.err.splitlines()[0].endswith("start it: hostdeck worker")


def test_watch_prints_each_state_when_piped(call: Call, alive: None) -> None:
    with connection():
        seed.service("one.example.com", ServiceStatus.DEPLOYING, [S.RUNNING, S.WAITING])
    with meanwhile(becomes(ServiceStatus.ACTIVE, S.SUCCESS)):
        said = call("service", "watch", "one.example.com")
    states = [line.split("  ")[2:5] for line in said.out.splitlines() if line[2:3] == ":"]
    assert states == [
        ["Configuring web plan", "web01", "running"],
        ["Configuring web plan", "web01", "success"],
        ["Setting up web account", "web01", "success"],
    ]
    assert said.code == 0


def test_a_follow_up_is_not_waited_for(call: Call, alive: None) -> None:
    with connection():
        seed.service("one.example.com", ServiceStatus.ACTIVE, [S.SUCCESS] * 5 + [S.RETRYING])
    assert call("service", "watch", "1").code == 0


@pytest.mark.parametrize(
    ("status", "health", "code"),
    [(S.SUCCESS, HealthState.OK, 0), (S.SUCCESS, HealthState.ERROR, 1), (S.FAILED, HealthState.UNKNOWN, 1)],
)
def test_check_answers_with_the_servers_health(
    call: Call, alive: None, status: TaskStatus, health: HealthState, code: int
) -> None:
    def checked() -> None:
        Server.update(health=health).where(Server.name == "web01").execute()
        Task.update(status=status, error="no answer" if status is S.FAILED else None).execute()

    with meanwhile(checked):
        said = call("server", "check", "web01", "--json")
    assert (said.code, json.loads(said.out)["health"]["state"]) == (code, health)
    assert said.err.count("\n") == code


def test_refresh_answers_at_once_with_its_tasks(call: Call, home: Path) -> None:
    said = call("server", "refresh", "--json")
    assert [task["action"] for task in json.loads(said.out)] == ["server.collectStatus"] * 4
    assert said.code == 0


def test_refresh_waits_when_asked_to(call: Call, alive: None) -> None:
    with meanwhile(lambda: Task.update(status=S.SUCCESS).execute()):
        said = call("server", "refresh", "web01", "--wait", "--json")
    assert [task["status"] for task in json.loads(said.out)] == ["success"]


def test_a_log_is_followed_until_the_task_has_ended(call: Call, alive: None) -> None:
    with connection():
        seed.service("one.example.com", ServiceStatus.DEPLOYING, [S.RUNNING])
        seed.lines(1, 2)
    with meanwhile(lambda: Task.update(status=S.SUCCESS).execute()):
        said = call("task", "log", "1", "--follow")
    assert [line.split()[-1] for line in said.out.splitlines()] == ["1", "2"]


def test_retry_and_cancel_answer_with_the_task(call: Call, home: Path) -> None:
    with connection():
        seed.service("one.example.com", ServiceStatus.ERROR, [S.FAILED, S.WAITING])
    assert json.loads(call("task", "retry", "1", "--json").out)["status"] == "queued"
    assert json.loads(call("task", "cancel", "2", "--json").out)["status"] == "cancelled"
    assert json.loads(call("task", "retry", "2", "--json").out)["status"] == "waiting"
