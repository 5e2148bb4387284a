"""What has failed, by cause: read from both databases, told on Home in one line, retried at once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from tests.conftest import add_fleet

from hostdeck.core.domain.vocabulary import Mode, RunKind, ServiceStatus, TaskStatus
from hostdeck.core.domain.windows import Asked
from hostdeck.core.errors import Conflict, Refused
from hostdeck.core.intents.base import Door
from hostdeck.core.intents.retries import retry_all
from hostdeck.core.queries import fleet
from hostdeck.core.queries.causes import causes
from hostdeck.core.queries.task_list import task_window
from hostdeck.core.settings import Settings
from hostdeck.core.store.fleet_models import Audit, Server
from hostdeck.core.store.work_models import Product, Run, Service, Task, Ticket, TicketEntry

NOW = datetime(2026, 3, 14, 21, 12, tzinfo=UTC)
SILENT = "mx01: not reachable at 203.0.113.12:22 (no answer in time)"
EXISTS = "{server}: v-add-mail-domain u{n} shop{n}.test: it is there (exit 4 E_EXISTS, exists already)"


def fail(number: int, error: str, server: str = "mx01", status: TaskStatus = TaskStatus.FAILED) -> Task:
    """A service whose mail could not be set up, `number` minutes ago."""
    at = NOW - timedelta(minutes=number)
    service = Service.create(
        domain=f"shop{number}.test", product=Product.get(), mode=Mode.SPLIT, status=ServiceStatus.ERROR
    )
    run = Run.create(kind=RunKind.DEPLOY, service=service, created_at=at)
    Service.update(run=run.id).where(Service.id == service.id).execute()
    made: Task = Task.create(
        run=run, service=service, server=Server.get(Server.name == server), action="mail.addDomain",
        target=service.domain, status=status, error=error, created_at=at, started_at=at, finished_at=at, attempts=3,
    )  # fmt: skip
    return made


def outage(count: int = 6) -> list[int]:
    add_fleet()
    return [fail(number, SILENT).id for number in range(1, count + 1)]


def test_many_failures_of_one_cause_are_one_row(any_store: Settings) -> None:
    silent = outage()
    there = [fail(n, EXISTS.format(n=n, server=server), server).id for n, server in ((20, "mx01"), (21, "mx02"))]
    first, second = causes()
    assert first.words == "mx01 does not answer (ssh: no answer in time)"
    assert first.tasks == tuple(reversed(silent))
    assert (first.servers, first.since) == (("mx01",), NOW - timedelta(minutes=6))
    assert set(second.tasks) == set(there)
    assert second.servers == ("mx01", "mx02")


def test_the_list_of_tasks_is_narrowed_to_exactly_those_of_a_cause(any_store: Settings) -> None:
    outage(4)
    fail(20, EXISTS.format(n=20, server="mx01"))
    for row in causes():
        shown = task_window(Asked(row.narrowing), now=NOW)
        assert tuple(task.id for task in shown.rows) == row.tasks


def test_an_earlier_runs_failure_is_no_trouble_any_more_and_a_servers_open_one_is(any_store: Settings) -> None:
    (old,) = outage(1)
    Service.update(run=Run.create(kind=RunKind.DEPLOY).id).execute()
    assert causes() == ()
    ticket = Ticket.create(incident="x", title="x")
    TicketEntry.create(ticket=ticket, task=old, text="x")
    assert [row.tasks for row in causes()] == [(old,)]
    Ticket.update(status="closed").execute()
    assert causes() == ()


def test_home_tells_the_cause_instead_of_each_task(any_store: Settings) -> None:
    outage(5)
    lonely = fail(20, EXISTS.format(n=20, server="mx01"))
    lines = [line for line in fleet.home(now=NOW).attention if line.level == "FAIL"]
    assert [(line.kind, line.what) for line in lines] == [
        ("cause", "5 tasks"), ("task", f"mail.addDomain {lonely.target} on mx01"),
    ]  # fmt: skip
    assert lines[0].text == "mx01 does not answer (ssh: no answer in time)"
    assert task_window(Asked(lines[0].narrowing), now=NOW).count == 5


def test_three_of_one_cause_are_told_each(store: Settings) -> None:
    outage(3)
    assert [line.kind for line in fleet.home(now=NOW).attention if line.level == "FAIL"] == ["task"] * 3


def test_tickets_about_tasks_that_a_cause_stands_for_are_not_told_again(store: Settings) -> None:
    for number in outage(5):
        ticket = Ticket.create(incident=f"i{number}", title="x", service=Task.get_by_id(number).service_id)
        TicketEntry.create(ticket=ticket, task=number, text="x")
    assert [line.kind for line in fleet.home(now=NOW).attention if line.kind != "worker"] == ["cause"]


def test_all_that_was_shown_is_retried_in_one_go_and_nothing_else(any_store: Settings, door: Door) -> None:
    shown = outage(4)
    later = fail(20, SILENT)
    Task.update(status=TaskStatus.SUCCESS).where(Task.id == shown[0]).execute()
    done = retry_all(door, shown)
    assert done.queued == tuple(shown[1:])
    assert done.passed_over == ((shown[0], f"#{shown[0]} is success by now"),)
    assert Task.get_by_id(later.id).status is TaskStatus.FAILED
    assert {task.attempts for task in Task.select().where(Task.status == TaskStatus.QUEUED)} == {0}
    assert {row.status for row in Service.select().where(Service.id > 1)} == {
        ServiceStatus.DEPLOYING, ServiceStatus.ERROR,
    }  # fmt: skip
    line = Audit.select().order_by(Audit.id.desc()).get()
    assert (line.intent, line.detail["tasks"]) == ("task.retry_all", shown[1:])


def test_where_none_is_left_to_be_retried_it_says_so(store: Settings, door: Door) -> None:
    shown = outage(2)
    retry_all(door, shown)
    with pytest.raises(Conflict, match=rf"none of 2 tasks can be retried: #{shown[0]} is queued by now"):
        retry_all(door, shown)
    with pytest.raises(Refused, match="read-only"):
        retry_all(Door("ops1", read_only=True), shown)
