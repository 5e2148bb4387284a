"""When a bulk action is called off, and what that means for each of its tasks."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from hostdeck.core.domain.action_names import Action
from hostdeck.core.domain.bulk import BulkTask, Known, call_off, is_called_off, plan_bulk
from hostdeck.core.domain.config_wishes import Push
from hostdeck.core.domain.placement import Node
from hostdeck.core.domain.vocabulary import PENDING, Driver, Role, ServerId, ServerStatus, Target, TaskStatus

S = TaskStatus
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def task(number: int, status: TaskStatus, *, server: int = 0, **more: bool) -> BulkTask:
    return BulkTask(number, server or number, Action.SERVER_APPLY_CONFIG, status, **more)


tasks = st.lists(
    st.builds(
        BulkTask,
        id=st.integers(1, 10_000),
        server=st.integers(1, 4),
        action=st.just(Action.SERVER_APPLY_CONFIG),
        status=st.sampled_from(TaskStatus),
        restore=st.booleans(),
        canary=st.booleans(),
        changed=st.booleans(),
    ),
    unique_by=lambda one: one.id,
    max_size=12,
)


def test_one_failed_server_is_enough_unless_more_are_allowed() -> None:
    run = [task(1, S.SUCCESS), task(2, S.FAILED), task(3, S.QUEUED)]
    assert is_called_off(run, abort=1)
    assert not is_called_off(run, abort=2)


def test_two_failures_on_one_server_are_one_failed_server() -> None:
    run = [task(1, S.FAILED, server=7), task(2, S.FAILED, server=7)]
    assert not is_called_off(run, abort=2)


def test_a_canary_that_did_not_end_well_is_enough_whatever_is_allowed() -> None:
    for status in (S.FAILED, S.CANCELLED):
        assert is_called_off([task(1, status, canary=True), task(2, S.WAITING)], abort=99)
    assert not is_called_off([task(1, S.SUCCESS, canary=True), task(2, S.WAITING)], abort=99)


def test_a_failed_restore_calls_nothing_off() -> None:
    assert not is_called_off([task(1, S.FAILED, restore=True, canary=True)], abort=1)


@given(tasks)
def test_calling_off_leaves_no_task_unanswered_and_is_done_once(run: list[BulkTask]) -> None:
    todo = call_off(run)
    by_id = {one.id: one for one in run}
    for one in run:
        assert (one.id in todo.cancel) == (not one.restore and one.status in PENDING)
        assert (one.id in todo.stop) == (not one.restore and one.status is S.RUNNING)
    restored = {one.server for one in run if one.restore}
    for number in todo.put_back:
        one = by_id[number]
        assert one.changed
        assert one.status is not S.RUNNING
        assert one.server not in restored
    after = [replace(one, status=S.CANCELLED) if one.id in todo.cancel else one for one in run]
    after += [task(20_000 + n, S.QUEUED, server=by_id[n].server, restore=True) for n in todo.put_back]
    again = call_off(after)
    assert again.cancel == ()
    assert again.put_back == ()


def test_a_task_that_was_running_is_put_back_once_it_has_ended() -> None:
    running = task(1, S.RUNNING, changed=True)
    assert (call_off([running]).stop, call_off([running]).put_back) == ((1,), ())
    assert call_off([replace(running, status=S.CANCELLED)]).put_back == (1,)


# ------------------------------------------------------------------------------------------------------------ the plan


def node(number: int, *roles: Role, driver: Driver = Driver.HESTIA) -> Node:
    return Node(ServerId(number), f"n{number}", "h", "192.0.2.1", driver, ServerStatus.ACTIVE, frozenset(roles), 0, 0)


def test_a_plan_tells_only_what_differs_from_what_was_read() -> None:
    known = Known(
        config={"THEME": "flat", "DB_PMA_ALIAS": "sql", "FROM_NAME": ""},
        files={"/var/www/html/x": (Target.ALL, "text")},
        live={1: ({"THEME": "flat", "DB_PMA_ALIAS": "phpmyadmin"}, NOON)},
        digests={},
        other_groups={1: ("us",)},
    )
    fleet = (node(1, Role.WEB), node(2, Role.MAIL), node(3, Role.DNS, driver=Driver.POWERDNS))
    plan = plan_bulk("eu", Push.ALL, fleet, known, canary=1, abort=1)
    assert [(one.server, one.note, [(s.name, s.now, s.command) for s in one.steps]) for one in plan.nodes] == [
        ("n1", "also serves us", [
            ("THEME", "flat", None),
            ("DB_PMA_ALIAS", "phpmyadmin", "v-change-sys-db-alias pma sql"),
        ]),
        ("n2", "", [
            ("THEME", None, "v-change-sys-config-value THEME flat"),
            ("FROM_NAME", None, "v-change-sys-config-value FROM_NAME ''"),
        ]),
    ]  # fmt: skip
    assert plan.canary == ("n1",)
    files = plan_bulk("eu", Push.FILES, fleet, known, canary=0, abort=1)
    assert [one.server for one in files.nodes] == ["n1", "n2"]
    assert [(one.server, one.why) for one in files.skipped] == [("n3", "skipped: no hestia.conf")]
