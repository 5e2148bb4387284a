"""A group's configuration and files reach its servers through the real queue and real SSH to pretend nodes."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from tests.queue.conftest import make_due, run_all_due
from tests.simfleet import register, sim_fleet

from hostdeck.core.domain.action_args import ConfigArgs
from hostdeck.core.domain.action_names import Action
from hostdeck.core.domain.config_keys import BY_KEY, MANAGED, RAW
from hostdeck.core.domain.config_wishes import Push
from hostdeck.core.domain.vocabulary import Role, RunKind, Target, TaskStatus
from hostdeck.core.errors import Conflict
from hostdeck.core.intents import bulk, work
from hostdeck.core.intents.base import Door
from hostdeck.core.intents.group_config import put_file, set_config, set_variables
from hostdeck.core.queries.bulk import BulkRun, bulk_run
from hostdeck.core.queries.drift import drift_board
from hostdeck.core.sim.fleet import SimFleet
from hostdeck.core.sim.hestia import HestiaNode
from hostdeck.core.store.config_models import GroupConfig
from hostdeck.core.store.fleet_models import Group, Server
from hostdeck.core.store.work_models import Run, Task, TaskLog
from hostdeck.queue.runner import Runner

NODES = ("web01", "web02", "mx01", "all01", "pdns01")
LABEL = 5


@pytest.fixture
def fleet(store: object, door: Door) -> Iterator[SimFleet]:
    with sim_fleet(NODES) as made:
        register(door, made)
        yield made


def config(fleet: SimFleet, name: str) -> dict[str, str]:
    account = fleet[name].account
    assert isinstance(account, HestiaNode)
    return account.book.config


def scripts(fleet: SimFleet, name: str, label: str = "config-set") -> list[tuple[str, ...]]:
    return [ran.argv for ran in fleet[name].journal if len(ran.argv) > LABEL and ran.argv[LABEL] == label]


def done(runner: Runner, number: int) -> BulkRun:
    run_all_due(runner)
    for _ in range(4):
        make_due()
        run_all_due(runner)
    return bulk_run(number)


def states(run: BulkRun) -> dict[str, str]:
    return {f"{step.label}@{step.server}": str(step.status) for step in run.steps}


def test_each_server_gets_what_is_for_it_and_a_second_time_nothing_is_sent(
    fleet: SimFleet, runner: Runner, door: Door
) -> None:
    set_config(door, "eu", Target.ALL, {"THEME": "flat", "APP_NAME": "My Panel"})
    set_config(door, "eu", Target.WEB, {"DB_PMA_ALIAS": "sql"})
    set_config(door, "eu", Target.MAIL, {"WEBMAIL_ALIAS": "post", "FROM_NAME": ""})
    run = done(runner, bulk.apply(door, "eu", Push.ALL))
    assert run.state == "done"
    assert [(one.server, one.why) for one in run.skipped] == [("pdns01", "skipped: no hestia.conf")]
    assert {step.server: sorted(step.changed) for step in run.steps} == {
        "web01": ["APP_NAME", "DB_PMA_ALIAS", "THEME"],
        "web02": ["APP_NAME", "DB_PMA_ALIAS", "THEME"],
        "mx01": ["APP_NAME", "THEME", "WEBMAIL_ALIAS"],
        "all01": ["APP_NAME", "DB_PMA_ALIAS", "THEME", "WEBMAIL_ALIAS"],
    }
    assert config(fleet, "web01")["WEBMAIL_ALIAS"] == "webmail"
    assert (config(fleet, "mx01")["DB_PMA_ALIAS"], config(fleet, "mx01")["WEBMAIL_ALIAS"]) == ("phpmyadmin", "post")
    sent = {name: len(scripts(fleet, name)) for name in NODES}
    assert sent == {"web01": 1, "web02": 1, "mx01": 1, "all01": 1, "pdns01": 0}
    labels = [ran.argv[LABEL] for ran in fleet["web01"].journal if len(ran.argv) > LABEL]
    assert labels == ["config-read", "config-set", "config-read"]
    again = done(runner, bulk.apply(door, "eu", Push.ALL))
    assert again.state == "done"
    assert {step.changed == {} for step in again.steps} == {True}
    assert {name: len(scripts(fleet, name)) for name in NODES} == sent
    assert drift_board("eu").differing == 0
    assert not any(node.overlaps for node in fleet.nodes.values())


def test_the_log_shows_every_command_with_its_exit_code(fleet: SimFleet, runner: Runner, door: Door) -> None:
    set_config(door, "eu", Target.ALL, {"THEME": "flat"})
    done(runner, bulk.apply(door, "eu", Push.WEB))
    task = Task.get(Task.target == "web01", Task.action == Action.SERVER_APPLY_CONFIG)
    lines = [line.text for line in TaskLog.select().where(TaskLog.task == task).order_by(TaskLog.seq)]
    at = lines.index(f"{RAW} THEME flat")
    assert lines[at + 1] == "@exit 0 THEME"
    assert (task.result["before"], task.result["after"]) == ({"THEME": "dark"}, {"THEME": "flat"})


def test_buttons_only_decide_which_servers_get_a_task(fleet: SimFleet, runner: Runner, door: Door) -> None:
    set_config(door, "eu", Target.ALL, {"THEME": "flat"})
    for to, names in ((Push.WEB, ["all01", "web01", "web02"]), (Push.MAIL, ["all01", "mx01"]), (Push.DNS, ["all01"])):
        run = done(runner, bulk.apply(door, "eu", to))
        assert sorted(step.server for step in run.steps) == names
    run = done(runner, bulk.apply(door, "eu", Push.STATUS))
    assert sorted(step.server for step in run.steps) == sorted(NODES)
    assert run.state == "done"


def test_a_failing_key_fails_its_task_and_hides_no_other(fleet: SimFleet, runner: Runner, door: Door) -> None:
    set_config(door, "eu", Target.ALL, {"LANGUAGE": "xx", "THEME": "flat"})
    run = done(runner, bulk.apply(door, "eu", Push.MAIL, abort=9))
    errors = {step.error for step in run.steps}
    assert all(error is not None and "LANGUAGE: Error: language xx doesn't exist" in error for error in errors)
    assert config(fleet, "mx01")["THEME"] == "flat"
    assert run.state == "failed"


# ---------------------------------------------------------------------------------------------- never another category


@pytest.fixture(scope="module")
def wide() -> Iterator[SimFleet]:
    with sim_fleet(NODES) as made:
        yield made


values = st.fixed_dictionaries(
    {},
    optional={spec.key: st.sampled_from(spec.values.choices or (spec.default or "x7",)) for spec in MANAGED},
)


@hypothesis_settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    pairs=values,
    roles=st.lists(st.frozensets(st.sampled_from(Role), min_size=1), min_size=4, max_size=4),
    to=st.sampled_from([Push.ALL, Push.WEB, Push.MAIL, Push.DNS]),
    forged=st.booleans(),
)
def test_no_key_ever_reaches_a_node_of_another_category(
    fleet: SimFleet, runner: Runner, door: Door, pairs: dict[str, str], roles: list[frozenset[Role]], to: Push,
    forged: bool,
) -> None:  # fmt: skip
    """Any capabilities, any keys, any button; and where `forged`, with every key put into every task by somebody."""
    hestia = [name for name in NODES if not name.startswith("pdns")]
    for name, able in zip(hestia, roles, strict=True):
        Server.update(**{role.value: role in able for role in Role}).where(Server.name == name).execute()
    GroupConfig.delete().execute()
    for key, value in pairs.items():
        GroupConfig.create(group=Group.get(), key=key, value=value)
    for node in fleet.nodes.values():
        node.journal.clear()
        if isinstance(node.account, HestiaNode):
            node.account.book.config.update(dict.fromkeys(pairs, "elsewhere"))
    try:
        number = bulk.apply(door, "eu", to, abort=99)
    except Conflict:
        return
    if forged:
        everything = ConfigArgs(group="eu", values={spec.key: spec.default or "x7" for spec in BY_KEY.values()})
        Task.update(args=everything.model_dump()).where(Task.run == number).execute()
    run = done(runner, number)
    assert {step.status for step in run.steps} <= {TaskStatus.SUCCESS, TaskStatus.SKIPPED}
    for name, able in zip(hestia, roles, strict=True):
        for argv in scripts(fleet, name):
            keys = [key for key in BY_KEY if key in argv]
            assert keys
            assert {spec.target for spec in map(BY_KEY.__getitem__, keys)} <= {Target.ALL, *map(str, able)}
            assert not any(BY_KEY[key].refused for key in keys)
    assert scripts(fleet, "pdns01") == []


def test_a_task_for_a_node_without_hestia_conf_is_passed_over(fleet: SimFleet, runner: Runner, door: Door) -> None:
    for action, args in (
        (Action.SERVER_APPLY_CONFIG, ConfigArgs(group="eu", values={}).model_dump()),
        (Action.SERVER_READ_CONFIG, {}),
    ):
        task = Task.create(
            run=Run.create(kind=RunKind.SERVER), server=Server.get(Server.name == "pdns01"), action=action,
            target="pdns01", args=args, status=TaskStatus.QUEUED,
        )  # fmt: skip
        run_all_due(runner)
        row = Task.get_by_id(task.id)
        assert (row.status, row.error) == (TaskStatus.SKIPPED, "skipped: no hestia.conf")


# ----------------------------------------------------------------------------------------------------- canary and abort


def test_the_rest_waits_for_the_canary_and_a_look_at_it(fleet: SimFleet, runner: Runner, door: Door) -> None:
    set_config(door, "eu", Target.ALL, {"THEME": "flat"})
    number = bulk.apply(door, "eu", Push.ALL, canary=1)
    first = bulk_run(number)
    assert [(step.server, str(step.status)) for step in first.steps] == [
        ("all01", "queued"), ("all01", "waiting"), ("mx01", "waiting"), ("web01", "waiting"), ("web02", "waiting"),
    ]  # fmt: skip
    run = done(runner, number)
    assert run.state == "done"
    ended = {task.target: task.started_at for task in Task.select().where(Task.run == number)}
    health = Task.get(Task.run == number, Task.action == Action.SERVER_CHECK_HEALTH)
    assert all(at >= health.finished_at for name, at in ended.items() if name != "all01")


def test_a_canary_that_is_unwell_afterwards_is_put_back_and_nobody_else_is_touched(
    fleet: SimFleet, runner: Runner, door: Door
) -> None:
    before = dict(config(fleet, "all01"))
    set_config(door, "eu", Target.ALL, {"THEME": "flat", "TITLE": "New"})
    Server.update(health_facts={"services_up": 11}).where(Server.name == "all01").execute()
    account = fleet["all01"].account
    assert isinstance(account, HestiaNode)
    account.broken.add("stop-mail")
    run = done(runner, bulk.apply(door, "eu", Push.ALL, canary=1, abort=3))
    assert run.state == "called off"
    assert states(run) == {
        "Applying configuration@all01": "success",
        "Checking health after a change@all01": "failed",
        "Applying configuration@mx01": "cancelled",
        "Applying configuration@web01": "cancelled",
        "Applying configuration@web02": "cancelled",
        "Putting back what was there@all01": "success",
    }
    assert dict(config(fleet, "all01")) == before
    assert [len(scripts(fleet, name)) for name in ("all01", "mx01", "web01")] == [2, 0, 0]


def test_too_many_failures_call_it_off_and_what_was_changed_is_put_back(
    fleet: SimFleet, runner: Runner, door: Door
) -> None:
    before = {name: dict(config(fleet, name)) for name in ("all01", "mx01", "web01", "web02")}
    set_config(door, "eu", Target.ALL, {"THEME": "flat", "LANGUAGE": "de"})
    fleet["web01"].faults.add("config-set=exit:5")
    run = done(runner, bulk.apply(door, "eu", Push.ALL))
    assert run.state == "called off"
    assert states(run) == {
        "Applying configuration@all01": "success",
        "Applying configuration@mx01": "success",
        "Applying configuration@web01": "failed",
        "Applying configuration@web02": "cancelled",
        "Putting back what was there@all01": "success",
        "Putting back what was there@mx01": "success",
        "Putting back what was there@web01": "success",
    }
    assert {name: dict(config(fleet, name)) for name in before} == before
    failed = Task.get(Task.run == run.id, Task.status == TaskStatus.FAILED)
    with pytest.raises(Conflict, match="was called off; ask anew: hostdeck group apply eu --to all"):
        work.retry(door, failed.id)


def test_what_half_took_before_it_failed_is_put_back_as_it_was_before_the_first_attempt(
    fleet: SimFleet, runner: Runner, door: Door
) -> None:
    """The line is lost after the first attempt set one key: the second finds that one right and fails at the other."""
    before = dict(config(fleet, "mx01"))
    set_config(door, "eu", Target.ALL, {"LANGUAGE": "xx"})
    set_config(door, "eu", Target.MAIL, {"FROM_NAME": "Half"})
    Server.update(mail=False).where(Server.name == "all01").execute()
    fleet["mx01"].faults.add("config-set=drop-after*1")
    run = done(runner, bulk.apply(door, "eu", Push.MAIL))
    assert run.state == "called off"
    assert next(len(argv) for argv in scripts(fleet, "mx01")) > [len(argv) for argv in scripts(fleet, "mx01")][1]
    assert states(run) == {"Applying configuration@mx01": "failed", "Putting back what was there@mx01": "success"}
    assert dict(config(fleet, "mx01")) == before


def test_a_server_that_is_down_keeps_nobody_from_being_looked_at_or_read(
    fleet: SimFleet, runner: Runner, door: Door
) -> None:
    fleet["mx01"].faults.add("connect=refuse")
    number = bulk.apply(door, "eu", Push.STATUS)
    run_all_due(runner)
    run = bulk_run(number)
    assert sorted(step.server for step in run.steps if step.status is TaskStatus.SUCCESS) == [
        "all01", "pdns01", "web01", "web02",
    ]  # fmt: skip
    assert (run.state, run.failed) == ("failed", 1)
    set_config(door, "eu", Target.ALL, {"THEME": "flat"})
    bulk.read_config(door, "eu")
    run_all_due(runner)
    assert drift_board("eu").unread == ("mx01",)
    assert not Task.select().where(Task.status == TaskStatus.RETRYING).exists()


def test_a_canary_that_no_longer_answers_is_unwell(fleet: SimFleet, runner: Runner, door: Door) -> None:
    set_config(door, "eu", Target.ALL, {"THEME": "flat"})
    number = bulk.apply(door, "eu", Push.ALL, canary=1)
    apply = Task.get(Task.run == number, Task.target == "all01", Task.action == Action.SERVER_APPLY_CONFIG)
    runner.run(apply.id)

    async def hang_up() -> None:
        await asyncio.gather(*(node.close() for node in runner._pool._nodes.values()))

    runner._pool.run(hang_up)
    fleet["all01"].faults.add("connect=refuse")
    check = Task.get(Task.run == number, Task.action == Action.SERVER_CHECK_HEALTH)
    for _ in range(2):
        make_due()
        runner.run(check.id)
    assert Task.get_by_id(check.id).status is TaskStatus.FAILED


def test_a_second_bulk_action_waits_for_the_first_to_end(fleet: SimFleet, runner: Runner, door: Door) -> None:
    set_config(door, "eu", Target.ALL, {"THEME": "flat"})
    number = bulk.apply(door, "eu", Push.WEB)
    with pytest.raises(Conflict, match="under way"):
        bulk.apply(door, "eu", Push.ALL)
    done(runner, number)
    bulk.apply(door, "eu", Push.ALL)


def test_a_group_that_wants_nothing_is_told_so(fleet: SimFleet, door: Door) -> None:
    with pytest.raises(Conflict, match=r"no server would be told anything .*web01: skipped: no managed key"):
        bulk.apply(door, "eu", Push.ALL)


# ------------------------------------------------------------------------------------------------------ standard files

SUSPENDED = "/usr/local/hestia/data/templates/web/suspend/index.html"
ROBOTS = "/var/www/html/robots.txt"


def test_files_are_filled_compared_and_written_only_where_they_differ(
    fleet: SimFleet, runner: Runner, door: Door
) -> None:
    set_variables(door, "eu", {"brand": "Baltic"})
    put_file(door, "eu", SUSPENDED, "<h1>{brand}</h1><style>p { color: red }</style>\n", Target.WEB)
    put_file(door, "eu", ROBOTS, "x" * 200_000 + "\n", Target.ALL)
    run = done(runner, bulk.apply(door, "eu", Push.FILES))
    assert run.state == "done", states(run)
    assert fleet["web01"].files.read(SUSPENDED) == "<h1>Baltic</h1><style>p { color: red }</style>\n"
    assert fleet["mx01"].files.read(SUSPENDED) is None
    assert fleet["mx01"].files.read(ROBOTS) == "x" * 200_000 + "\n"
    assert len(scripts(fleet, "web01", "file-put")) == 2
    plan = bulk.plan_apply("eu", Push.FILES)
    assert not any(node.changes for node in plan.nodes)
    done(runner, bulk.apply(door, "eu", Push.FILES))
    assert len(scripts(fleet, "web01", "file-put")) == 2
    put_file(door, "eu", ROBOTS, "short\n", Target.ALL)
    done(runner, bulk.apply(door, "eu", Push.FILES))
    assert len(scripts(fleet, "web01", "file-put")) == 3
    assert fleet["web01"].files.read(ROBOTS) == "short\n"


def test_a_file_that_was_changed_after_it_was_asked_for_is_not_sent(
    fleet: SimFleet, runner: Runner, door: Door
) -> None:
    put_file(door, "eu", ROBOTS, "one\n", Target.ALL)
    number = bulk.apply(door, "eu", Push.FILES)
    put_file(door, "eu", ROBOTS, "two\n", Target.ALL)
    run = done(runner, number)
    assert run.state == "called off"
    assert fleet["web01"].files.read(ROBOTS) is None
    assert hashlib.sha256(b"one\n").hexdigest() == next(iter(Task.get(Task.run == number).args["files"].values()))


# ------------------------------------------------------------------------------------------------------- plan and drift


def test_a_plan_says_now_and_wanted_once_the_servers_were_read(fleet: SimFleet, runner: Runner, door: Door) -> None:
    set_config(door, "eu", Target.ALL, {"THEME": "flat", "LOGIN_STYLE": "default"})
    unread = bulk.plan_apply("eu", Push.MAIL).nodes[0]
    assert (unread.read_at, len(unread.changes)) == (None, 2)
    assert drift_board("eu").unread == ("all01", "mx01", "web01", "web02")
    bulk.read_config(door, "eu")
    run_all_due(runner)
    node = bulk.plan_apply("eu", Push.MAIL).nodes[0]
    assert node.read_at is not None
    assert [(one.name, one.now, one.wanted, one.command) for one in node.steps] == [
        ("THEME", "dark", "flat", f"{RAW} THEME flat"), ("LOGIN_STYLE", "default", "default", None),
    ]  # fmt: skip
    board = drift_board("eu")
    assert board.differing == 4
    assert board.skipped == (("pdns01", "skipped: no hestia.conf"),)
    assert all("SERVER_SMTP_PASSWD" not in row.key for row in board.rows)
