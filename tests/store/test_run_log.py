"""Logs by pieces, and the merged log of a run: on either database nothing is lost, whatever the clocks say."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from tests.cli import seed
from tests.cli.seed import NOON

from hostdeck.core.domain.vocabulary import ServiceStatus, Stream, TaskStatus
from hostdeck.core.errors import NotFound
from hostdeck.core.queries import log_lines, run_log
from hostdeck.core.queries.log_lines import Kind, Search
from hostdeck.core.store.db import connection
from hostdeck.core.store.work_models import Task, TaskLog
from hostdeck.tui.widgets.log_outline import RunOutline, TaskOutline

S = TaskStatus


@pytest.fixture(autouse=True)
def store(tmp_path: Path) -> Iterator[None]:
    seed.make(tmp_path / "home")
    with connection():
        seed.fleet()
        seed.service("one.example.com", ServiceStatus.DEPLOYING, [S.SUCCESS, S.RUNNING, S.RUNNING])
        yield


def put(task: int, *numbers: int, text: str = "", seconds: float = 0.0, **fields: object) -> None:
    for seq in numbers:
        values = {"task": task, "seq": seq, "attempt": 1, "stream": Stream.STDOUT, "text": text or f"{task}.{seq}"}
        at = NOON + timedelta(seconds=seconds or seq)
        TaskLog.create(**(values | {"at": at} | fields))


def shown(outline: TaskOutline | RunOutline) -> list[object]:
    return [outline.item(row) for row in range(len(outline))]


# -- one task


def test_the_extent_of_a_log_owns_up_to_its_gaps_and_knows_its_tries() -> None:
    put(1, 1, 2)
    put(1, 6, 7, attempt=2)
    put(1, 9, attempt=4)
    found = log_lines.extent(1)
    assert found.spans == ((1, 2), (6, 7), (9, 9))
    assert found.tries == ((1, 1), (2, 6), (4, 9))
    assert found.final
    assert shown(TaskOutline.of(1, found)) == [
        (1, 1), (1, 2), "-- try 2 --", "-- 3 lines missing --", (1, 6), (1, 7), "-- try 4 --", "-- 1 line missing --",
        (1, 9),
    ]  # fmt: skip
    assert shown(TaskOutline.of(1, found, attempt=2)) == [(1, 6), (1, 7)]


def test_a_log_that_is_found_and_one_that_is_followed_have_the_same_rows() -> None:
    rng = random.Random(7)
    numbers = sorted(rng.sample(range(1, 200), 120))
    for seq in numbers:
        put(1, seq, attempt=1 + seq // 70)
    followed = TaskOutline(1)
    last = 0
    while lines := log_lines.after(1, last, 17).lines:
        followed.add(lines)
        last = followed.last[1]
    assert shown(followed) == shown(TaskOutline.of(1, log_lines.extent(1)))
    assert followed.lines == 120
    for seq in range(1, 200):
        row = followed.row_of((1, seq))
        assert (row is not None) == (seq in numbers)
        assert row is None or followed.item(row) == (1, seq)


def test_an_empty_log_is_no_error_and_an_unknown_task_is() -> None:
    assert log_lines.extent(2) == log_lines.Extent((), (), False)
    assert log_lines.after(2, 0).lines == ()
    with pytest.raises(NotFound):
        log_lines.extent(99)


def test_lines_are_read_by_number_near_and_far() -> None:
    put(1, *range(1, 30))
    assert [line.seq for line in log_lines.lines(1, [3, 4, 6])] == [3, 4, 5, 6]
    assert [line.seq for line in log_lines.lines(1, [3, 20, 29, 40])] == [3, 20, 29]
    assert log_lines.lines(1, [3])[0].at == NOON + timedelta(seconds=3)


def test_a_search_takes_its_words_as_they_are() -> None:
    for seq, text in enumerate(("100% done", "100 done", r"a_b\c", "axb", "Error: EXISTS", "exit 0 after 1 s"), 1):
        put(1, seq, text=text, stream=Stream.NOTE if text.startswith("exit") else Stream.STDOUT)
    put(1, 7, text="v-add-user x", stream=Stream.COMMAND)
    put(1, 8, text="exit 4 after 1 s", stream=Stream.NOTE)
    put(1, 9, text="oh no", stream=Stream.STDERR)

    def found(*words: str, without: tuple[str, ...] = ()) -> list[int]:
        return log_lines.matching(1, Search(Kind.TEXT, words, without), 0, 9)

    assert found("100%") == [1]
    assert found("a_b\\") == [3]
    assert found("error", "exists") == [5]
    assert found("done", without=("%",)) == [2]
    assert log_lines.matching(1, Search(Kind.ERRORS), 0, 9) == [8, 9]
    assert log_lines.matching(1, Search(Kind.STEPS), 0, 9) == [6, 7, 8]
    assert log_lines.matching(1, Search(Kind.TEXT, ("done",)), 1, 9) == [2]


def test_the_last_minute_begins_where_no_line_is_older() -> None:
    put(1, *range(1, 200))
    assert log_lines.since(1, 60, 1, 199) == 139
    assert log_lines.since(1, 3600, 1, 199) == 1


# -- a run


def test_lines_of_a_run_stand_by_time_then_task_then_number() -> None:
    put(2, 1, 2, 3)
    put(1, 1, 2)
    put(3, 1, seconds=2)
    outline = RunOutline(run_log.places(run_log.run_of(1)))
    assert shown(outline) == [(1, 1), (2, 1), (1, 2), (2, 2), (3, 1), (2, 3)]


def test_a_line_that_arrives_late_is_put_in_at_its_time() -> None:
    """The worker of the second node is slow to write, and its clock is behind: nothing newer hides its lines."""
    run = run_log.run_of(1)
    put(1, 1, 2, 3)
    outline = RunOutline(run_log.places(run))
    put(2, 1, 2)
    late = run_log.after(run, outline.last)
    assert outline.add(late.lines) == [1, 3]
    assert shown(outline) == [(1, 1), (2, 1), (1, 2), (2, 2), (1, 3)]
    assert run_log.after(run, outline.last).lines == ()


def test_within_a_task_lines_keep_their_order_when_the_clock_goes_back() -> None:
    put(1, 1, seconds=10)
    put(1, 2, seconds=4)
    put(2, 1, seconds=6)
    assert shown(RunOutline(run_log.places(run_log.run_of(1)))) == [(2, 1), (1, 1), (1, 2)]


def test_a_merged_log_that_is_followed_has_every_line_and_gap_of_one_that_is_found() -> None:
    """Two hundred lines of three tasks, written in random order of tasks, with random gaps and clocks."""
    rng = random.Random(11)
    run = run_log.run_of(1)
    followed = RunOutline()
    numbers = {1: 0, 2: 0, 3: 0}
    for _ in range(200):
        task = rng.choice((1, 2, 3))
        numbers[task] += rng.choice((1, 1, 1, 1, 3))
        put(task, numbers[task], seconds=rng.uniform(1, 60))
        if rng.random() < 0.3:
            followed.add(run_log.after(run, followed.last).lines)
    followed.add(run_log.after(run, followed.last).lines)
    found = RunOutline(run_log.places(run))
    assert followed.lines == found.lines == 200
    for task, last in numbers.items():
        assert [item[1] for item in shown(followed) if isinstance(item, tuple) and item[0] == task] == [
            seq for (seq,) in TaskLog.select(TaskLog.seq).where(TaskLog.task == task).order_by(TaskLog.seq).tuples()
        ]
        assert followed.last[task] == last
    assert sorted(map(str, shown(followed))) == sorted(map(str, shown(found)))
    for row in range(len(followed)):
        item = followed.item(row)
        assert isinstance(item, str) or followed.row_of(item) == row


def test_a_run_ends_when_its_last_task_has() -> None:
    run = run_log.run_of(1)
    put(1, 1)
    assert not run_log.after(run, {}).final
    Task.update(status=S.SUCCESS).execute()
    assert run_log.after(run, {}).final
    assert not run_log.after(run, {}, limit=1).final


def test_tags_are_as_wide_as_the_widest() -> None:
    tags = run_log.tags(run_log.facts(run_log.run_of(1)).tasks)
    assert len({len(tag) for tag in tags.values()}) == 1
    assert "#1" in tags[1]
