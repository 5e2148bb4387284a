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
from hostdeck.core.intents.fleet import add_group, attach_dns, refresh_servers
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
from hostdeck.core.store.tasks import Failure, Outcome, Retry, Success
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


def test_what_waits_for_its_next_attempt_when_it_is_called_off_is_put_back_as_well(run: int) -> None:
    """Its first attempt may have set some of the keys; nothing else of the run is left that would bring this up."""
    for server in ("ns01", "ns02", "web01", "web02"):
        end(run, server, Success((Told({"before": {}, "after": {}}),)))
    end(run, "mx01", Retry("line lost", 60, spent=True), Told({"before": {"THEME": "dark"}}))
    end(run, "mx02", Failure("no"))
    assert rows(run)["mx01"] == ["cancelled", "queued"]
    assert Run.get_by_id(run).finished_at is None


def test_a_failed_step_of_an_action_that_a_later_one_has_overtaken_is_not_tried_again(
    any_store: Settings, door: Door
) -> None:
    """It would send yesterday's values over today's, and what is put back would be yesterday's as well."""
    add_fleet()
    set_config(door, "eu", Target.ALL, {"THEME": "flat"})
    first = bulk.apply(door, "eu", Push.ALL, abort=9)
    for server in ("mx01", "mx02", "ns01", "ns02", "web02"):
        end(first, server, Success((Told({"before": {}, "after": {}}),)))
    end(first, "web01", Failure("no"))
    failed = Task.get((Task.run == first) & (Task.status == TaskStatus.FAILED))
    only_mail = bulk.apply(door, "eu", Push.MAIL)
    for server in ("mx01", "mx02"):
        end(only_mail, server, Success())
    status = bulk.apply(door, "eu", Push.STATUS)
    assert Run.get_by_id(status).finished_at is None
    work.retry(door, failed.id)
    end(first, "web01", Failure("no"))
    set_config(door, "eu", Target.ALL, {"THEME": "dark"})
    bulk.apply(door, "eu", Push.WEB)
    with pytest.raises(Conflict, match="a later bulk action has been at web01; ask anew: hostdeck group apply eu"):
        work.retry(door, failed.id)


def test_no_step_is_tried_again_while_another_action_of_the_group_is_under_way(any_store: Settings, door: Door) -> None:
    add_fleet()
    set_config(door, "eu", Target.ALL, {"THEME": "flat"})
    first = bulk.apply(door, "eu", Push.WEB, abort=9)
    end(first, "web02", Success((Told({"before": {}, "after": {}}),)))
    end(first, "web01", Failure("no"))
    failed = Task.get((Task.run == first) & (Task.status == TaskStatus.FAILED))
    work.retry(door, failed.id)
    with pytest.raises(Conflict, match="under way"):
        bulk.apply(door, "eu", Push.MAIL)


def shared_by_two_groups(door: Door) -> None:
    """ns01 serves a second group, which manages keys as well."""
    add_fleet()
    add_group(door, "us")
    attach_dns(door, "us", ["ns01"])
    set_config(door, "eu", Target.ALL, {"THEME": "flat"})
    set_config(door, "us", Target.ALL, {"THEME": "vestia"})


def test_a_server_of_two_groups_is_told_by_one_of_them_at_a_time(any_store: Settings, door: Door) -> None:
    """What is put back for the first would collide with what the second has asked for: the failure that calls the
    first off could then never be settled, and no worker would ever get past it."""
    shared_by_two_groups(door)
    first = bulk.apply(door, "eu", Push.ALL, abort=2)
    end(first, "ns01", Success((Told({"before": {"THEME": "dark"}, "after": {"THEME": "flat"}}),)))
    with pytest.raises(Conflict, match="a bulk action of 'eu' is under way on ns01"):
        bulk.apply(door, "us", Push.ALL)
    end(first, "mx01", Failure("no"))
    end(first, "mx02", Failure("no"))
    assert rows(first)["ns01"] == ["success", "queued"]
    with pytest.raises(Conflict, match="under way on ns01"):
        bulk.apply(door, "us", Push.ALL)
    end(first, "ns01", Success())
    assert rows(bulk.apply(door, "us", Push.ALL)) == {"ns01": ["queued"]}


def test_a_server_that_is_being_looked_at_already_is_not_asked_twice(any_store: Settings, door: Door) -> None:
    add_fleet()
    refresh_servers(door, ["mx01"])
    run = bulk.apply(door, "eu", Push.STATUS)
    assert "mx01" not in rows(run)
    assert ["mx01", "skipped: is being looked at already"] in Run.get_by_id(run).detail["skipped"]
    with pytest.raises(Conflict, match="no server would be told anything"):
        bulk.apply(door, "eu", Push.STATUS)


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
