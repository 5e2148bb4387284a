"""The time left, from our own history."""

from __future__ import annotations

from hostdeck.core.domain.estimate import Ahead, seconds_left, typical
from hostdeck.core.domain.vocabulary import TaskId, TaskStatus

S = TaskStatus
USUAL = {"user": 10.0, "domain": 4.0, "zone": 6.0}


def task(number: int, action: str, status: TaskStatus = S.WAITING, *needs: int, spent: float = 0) -> Ahead:
    return Ahead(TaskId(number), action, status, spent, tuple(map(TaskId, needs)))


def test_steps_that_wait_for_each_other_add_up_and_lanes_run_side_by_side() -> None:
    tasks = (task(1, "user", S.QUEUED), task(2, "domain", S.WAITING, 1), task(3, "zone", S.QUEUED))
    assert seconds_left(tasks, USUAL) == 14


def test_what_is_done_and_what_has_passed_do_not_count() -> None:
    tasks = (task(1, "user", S.RUNNING, spent=7), task(2, "domain", S.WAITING, 1), task(3, "zone", S.SUCCESS))
    assert seconds_left(tasks, USUAL) == 7


def test_a_step_that_takes_longer_than_usual_is_about_to_end() -> None:
    assert seconds_left((task(1, "user", S.RUNNING, spent=99),), USUAL) == 0


def test_nothing_is_promised_without_a_history_or_after_a_failure() -> None:
    assert seconds_left((task(1, "mystery", S.QUEUED),), USUAL) is None
    assert seconds_left((task(1, "user", S.FAILED), task(2, "domain", S.WAITING, 1)), USUAL) is None


def test_the_usual_time_is_the_median() -> None:
    assert typical([("user", 1.0), ("user", 2.0), ("user", 90.0)]) == {"user": 2.0}
