"""What is about many tasks at once: by cause, retried together, taken back."""

from __future__ import annotations

import json

import pytest
from tests.cli import seed
from tests.cli.conftest import Call

from hostdeck.core.domain.vocabulary import ServiceStatus, TaskStatus
from hostdeck.core.store.db import connection
from hostdeck.core.store.work_models import Task

pytestmark = pytest.mark.timeout(10)
SILENT = "mx01: not reachable at 192.0.2.12:22 (no answer in time)"


def failed() -> list[int]:
    with connection():
        for name in ("one", "two"):
            seed.service(f"{name}.example.com", ServiceStatus.ERROR, [TaskStatus.FAILED])
        Task.update(error=SILENT).execute()
        return [task.id for task in Task.select().order_by(Task.id)]


def test_causes_are_listed_with_their_tasks_and_all_of_one_are_retried(call: Call) -> None:
    numbers = failed()
    (row,) = json.loads(call("task", "causes", "--json").out)
    assert sorted(row["tasks"]) == numbers
    assert "does not answer (ssh: no answer in time)" in row["words"]
    assert "does not answer (ssh: no answer in time)" in call("task", "causes").out
    said = call("task", "retry-all", *map(str, numbers), "--json")
    assert (said.code, json.loads(said.out)["queued"]) == (0, numbers)
    assert json.loads(call("task", "causes", "--json").out) == []


def test_a_retry_is_taken_back_and_a_second_time_there_is_nothing(call: Call) -> None:
    numbers = failed()
    call("task", "retry-all", *map(str, numbers))
    planned = json.loads(call("task", "undo", "--plan", "--json").out)
    assert [task["id"] for task in planned] == numbers
    said = call("task", "undo", "--json")
    assert (said.code, json.loads(said.out)["cancelled"]) == (0, numbers)
    again = call("task", "undo")
    assert (again.code, again.err.count("\n")) == (4, 1)
    assert "nothing waits that could be taken back" in again.err
