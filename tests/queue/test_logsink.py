"""A task's log under more lines than the database can take."""

from __future__ import annotations

from tests.conftest import add_server

from hostdeck.core.domain.vocabulary import Role, Stream
from hostdeck.core.intents.base import Door
from hostdeck.core.intents.fleet import check_server
from hostdeck.core.settings import Settings
from hostdeck.core.store import tasks
from hostdeck.core.store.clock import lease_time
from hostdeck.core.store.fields import utcnow
from hostdeck.core.store.processes import register_worker
from hostdeck.core.store.work_models import TaskLog
from hostdeck.queue.logsink import WEIGHT, LogSink

CAP = 100 * (WEIGHT + 1)


def make_sink(door: Door) -> LogSink:
    add_server("web01", Role.WEB)
    claimed = tasks.claim(check_server(door, "web01"), register_worker().id, at=lease_time(), now=utcnow())
    assert claimed is not None
    return LogSink(claimed.claim, 1, CAP)


def logged() -> list[str]:
    return [row.text for row in TaskLog.select().order_by(TaskLog.seq)]


def test_f21_lines_that_come_faster_than_they_are_written_are_bounded_and_counted(store: Settings, door: Door) -> None:
    sink = make_sink(door)
    sink.add(Stream.COMMAND, "$ yes")
    for _ in range(100_000):
        sink.add(Stream.STDOUT, "y")
    sink.add(Stream.NOTE, "exit 0")
    sink.flush()
    lines = logged()
    assert lines[0] == "$ yes"
    assert lines[-1] == "exit 0"
    assert lines.count("y") in (98, 99)
    note = f"-- {100_000 - lines.count('y')} lines were dropped here: they came faster than they could be written --"
    assert lines[1] == note


def test_every_line_is_written_where_they_come_at_their_usual_pace(store: Settings, door: Door) -> None:
    sink = make_sink(door)
    for number in range(5):
        sink.add(Stream.STDOUT, str(number))
        sink.flush()
    sink.flush()
    assert logged() == ["0", "1", "2", "3", "4"]
