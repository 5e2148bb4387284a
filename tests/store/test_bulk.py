"""A bulk action is called off in the very transaction that settles the task too many, on each database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from tests.conftest import add_fleet

from hostdeck.core.domain.config_wishes import Push
from hostdeck.core.domain.findings import Told
from hostdeck.core.domain.vocabulary import Target, TaskStatus
from hostdeck.core.errors import Conflict
from hostdeck.core.intents import bulk, work
from hostdeck.core.intents.base import Door
from hostdeck.core.intents.group_config import adopt, ignore, put_file, set_config, set_variables
from hostdeck.core.queries.bulk import bulk_run
from hostdeck.core.queries.drift import drift_board
from hostdeck.core.queries.groups import group_detail
from hostdeck.core.settings import Settings
from hostdeck.core.store import configs, tasks
from hostdeck.core.store.clock import lease_time
from hostdeck.core.store.fields import utcnow
from hostdeck.core.store.fleet_models import Server
from hostdeck.core.store.processes import register_worker
from hostdeck.core.store.tasks import Failure, Outcome, Success
from hostdeck.core.store.work_models import Run, Task


def end(number: int, server: str, outcome: Outcome, *found: Told) -> None:
    """Claims a server's next task of the run, writes what it found, and settles it."""
    task = Task.get((Task.run == number) & (Task.target == server) & (Task.status == TaskStatus.QUEUED))
    claimed = tasks.claim(task.id, register_worker().id, at=lease_time(), now=utcnow())
    assert claimed is not None
    if found:
        assert tasks.note(claimed.claim, found, now=utcnow())
    assert tasks.settle(claimed.claim, outcome, now=utcnow()) is not None


@pytest.fixture
def run(any_store: Settings, door: Door) -> int:
    add_fleet()
    set_config(door, "eu", Target.ALL, {"THEME": "flat"})
    return bulk.apply(door, "eu", Push.ALL)


def rows(number: int) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for task in Task.select().where(Task.run == number).order_by(Task.id):
        found.setdefault(task.target, []).append(str(task.status))
    return found


def test_settling_one_failure_cancels_the_rest_and_plans_what_is_put_back(run: int, door: Door) -> None:
    end(run, "mx01", Success((Told({"before": {"THEME": "dark"}, "after": {"THEME": "flat"}}),)))
    end(run, "mx02", Success((Told({"before": {}, "after": {}}),)))
    end(run, "ns01", Failure("no"), Told({"before": {"THEME": "old"}}))
    assert rows(run) == {
        "mx01": ["success", "queued"], "mx02": ["success"], "ns01": ["failed", "queued"], "ns02": ["cancelled"],
        "web01": ["cancelled"], "web02": ["cancelled"],
    }  # fmt: skip
    restores = {task.target: task.args for task in Task.select().where(Task.status == TaskStatus.QUEUED)}
    assert restores == {
        "mx01": {"group": "eu", "values": {"THEME": "dark"}, "restore": True},
        "ns01": {"group": "eu", "values": {"THEME": "old"}, "restore": True},
    }
    assert (bulk_run(run).state, Run.get_by_id(run).finished_at) == ("running", None)
    end(run, "mx01", Success())
    end(run, "ns01", Failure("again"))
    assert Run.get_by_id(run).finished_at is not None
    assert bulk_run(run).state == "called off"
    failed = Task.get((Task.run == run) & (Task.target == "ns01") & (Task.status == TaskStatus.FAILED))
    with pytest.raises(Conflict, match="was called off"):
        work.retry(door, failed.id)
    restore = Task.select().where(Task.target == "ns01").order_by(Task.id.desc()).first()
    work.retry(door, restore.id)
    assert rows(run)["ns01"] == ["failed", "queued"]


def test_what_the_first_attempt_found_is_what_goes_back(run: int) -> None:
    task = Task.get((Task.run == run) & (Task.target == "mx01"))
    claimed = tasks.claim(task.id, register_worker().id, at=lease_time(), now=utcnow())
    assert claimed is not None
    tasks.note(claimed.claim, (Told({"before": {"THEME": "dark", "TITLE": "x"}}),), now=utcnow())
    tasks.note(claimed.claim, (Told({"before": {"TITLE": "half", "API": "no"}}),), now=utcnow())
    assert Task.get_by_id(task.id).result == {"before": {"THEME": "dark", "TITLE": "x", "API": "no"}}


def test_a_task_that_runs_while_it_is_called_off_is_asked_to_stop_and_put_back_when_it_has(run: int) -> None:
    task = Task.get((Task.run == run) & (Task.target == "web01"))
    claimed = tasks.claim(task.id, register_worker().id, at=lease_time(), now=utcnow())
    assert claimed is not None
    end(run, "mx01", Failure("no"))
    assert Task.get_by_id(task.id).cancel_asked
    tasks.settle(claimed.claim, Success((Told({"before": {"THEME": "dark"}, "after": {}}),)), now=utcnow())
    assert rows(run)["web01"] == ["success", "queued"]


def test_wishes_variables_files_and_what_is_ignored_are_kept_on_each_database(any_store: Settings, door: Door) -> None:
    add_fleet()
    for theme in ("flat", "dark"):
        set_config(door, "eu", Target.ALL, {"THEME": theme})
    set_variables(door, "eu", {"brand": "Baltic", "gone": "x"})
    set_variables(door, "eu", {"gone": ""})
    for text in ("one", "two"):
        put_file(door, "eu", "/var/www/html/x.txt", f"{text} {{brand}}", Target.ALL)
    web = Server.get(Server.name == "web01")
    for theme in ("old", "flat"):
        configs.live(web.id, {"THEME": theme}, utcnow())
    assert configs.standard_files("eu") == {"/var/www/html/x.txt": "two Baltic"}
    detail = group_detail("eu")
    assert [(row.key, row.value, row.differs) for row in detail.managed] == [("THEME", "dark", 1)]
    assert (detail.variables, detail.words) == ({"brand": "Baltic"}, "4 servers, 0 online, 2 DNS attached")
    assert drift_board("eu").differing == 1
    ignore(door, "eu", "THEME", ["web01"], utcnow() + timedelta(days=1))
    assert drift_board("eu").differing == 0
    assert drift_board("eu", now=datetime(2100, 1, 1, tzinfo=UTC)).differing == 1
    ignore(door, "eu", "THEME", ["web01"], None)
    assert drift_board("eu").differing == 1
    assert adopt(door, "eu", "THEME", "web01") == "flat"
    assert drift_board("eu").differing == 0
