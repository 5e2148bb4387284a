"""Pieces of logs are the same pieces on SQLite and on PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hostdeck.core.domain.vocabulary import RunKind, Stream, TaskStatus
from hostdeck.core.queries import log_lines, run_log
from hostdeck.core.queries.log_lines import Kind, Search
from hostdeck.core.settings import Settings
from hostdeck.core.store.work_models import Run, Task, TaskLog

AT = datetime(2026, 3, 14, 21, 12, 45, 350000, tzinfo=UTC)


def test_pieces_of_logs_are_the_same_on_every_database(any_store: Settings) -> None:
    run = Run.create(kind=RunKind.DEPLOY)
    tasks = [
        Task.create(run=run, action="ssl.seed", target=f"t{number}", status=TaskStatus.RUNNING).id for number in (1, 2)
    ]
    for task in tasks:
        for seq in (*range(1, 6), *range(9, 12)):
            stream = Stream.NOTE if seq == 11 else Stream.STDERR if seq == 4 else Stream.STDOUT
            TaskLog.create(
                task=task, seq=seq, attempt=1 + seq // 9, at=AT + timedelta(seconds=seq), stream=stream,
                text="exit 3 after 1 s" if seq == 11 else f"Line {seq} 100%",
            )  # fmt: skip
    first = tasks[0]
    extent = log_lines.extent(first)
    assert (extent.spans, extent.tries, extent.final) == (((1, 5), (9, 11)), ((1, 1), (2, 9)), False)
    read = log_lines.lines(first, [1, 10])
    assert [(line.seq, line.stream, line.at) for line in read] == [
        (1, Stream.STDOUT, AT + timedelta(seconds=1)), (10, Stream.STDOUT, AT + timedelta(seconds=10)),
    ]  # fmt: skip
    assert [line.seq for line in log_lines.after(first, 9).lines] == [10, 11]
    assert log_lines.matching(first, Search(Kind.TEXT, ("line", "0%"), ("line 9",)), 3, 11) == [4, 5, 10]
    assert log_lines.matching(first, Search(Kind.ERRORS), 0, 11) == [4, 11]
    assert log_lines.matching(first, Search(Kind.STEPS), 0, 11) == [11]
    assert log_lines.since(first, 2, 1, 11) == 9
    places = run_log.places(run.id)
    assert [(place.task, place.seq) for place in places[:4]] == [
        (tasks[0], 1),
        (tasks[1], 1),
        (tasks[0], 2),
        (tasks[1], 2),
    ]
    assert places[0].at == (AT + timedelta(seconds=1)).timestamp()
    assert [line.seq for line in run_log.after(run.id, {tasks[0]: 11, tasks[1]: 10}).lines] == [11]
    facts = run_log.facts(run_log.run_of(first))
    assert (facts.kind, facts.domain, [task.server for task in facts.tasks]) == ("deploy", None, [None, None])
