"""Tickets as people see them, and the wish to close one."""

from __future__ import annotations

import pytest
from tests.cli import seed

from hostdeck.core.domain.vocabulary import ServiceStatus, TaskStatus
from hostdeck.core.errors import Conflict, NotFound, Refused
from hostdeck.core.intents.base import Door
from hostdeck.core.intents.tickets import close_ticket
from hostdeck.core.queries.tickets import open_tickets, ticket, tickets
from hostdeck.core.settings import Settings
from hostdeck.core.store.fleet_models import Audit
from hostdeck.core.store.work_models import Notice, Task


@pytest.fixture(autouse=True)
def three(any_store: Settings) -> None:
    """Tickets 1, 2, 3, one a service."""
    seed.fleet()
    for name in ("one", "two", "three"):
        row = seed.service(f"{name}.example.com", ServiceStatus.ERROR, [TaskStatus.FAILED])
        if name != "one":
            seed.ticket(row)


def test_open_ones_come_first_and_each_newest_first(door: Door) -> None:
    close_ticket(door, 3)
    assert [(row.id, row.status) for row in tickets()] == [(2, "open"), (1, "open"), (3, "closed")]
    assert [row.id for row in tickets("open", limit=1)] == [2]
    assert [row.id for row in tickets("closed")] == [3]
    assert open_tickets() == 2


def test_a_ticket_has_its_entries_oldest_first_and_its_tasks() -> None:
    shown = ticket(2)
    assert (shown.domain, shown.server, shown.failures) == ("two.example.com", "web01", 2)
    assert [entry.text for entry in shown.entries] == ["no answer", "exit 4"]
    assert [task.id for task in shown.tasks] == [2]


def test_closing_is_audited_told_and_leaves_the_task_alone(door: Door) -> None:
    close_ticket(door, 1)
    shown = ticket(1)
    assert (shown.status, shown.closed_by, shown.entries[-1].text) == ("closed", "tester", "closed by tester")
    assert shown.closed_at is not None
    line = Audit.get()
    assert (line.intent, line.object) == ("ticket.close", f"ticket #1 {shown.incident}")
    assert Notice.get().event == "closed"
    assert Task.get_by_id(1).status is TaskStatus.FAILED


def test_a_ticket_is_closed_once(door: Door) -> None:
    close_ticket(door, 1)
    with pytest.raises(Conflict, match="#1 is closed already, by tester"):
        close_ticket(door, 1)
    assert Notice.select().count() == 1


def test_a_ticket_that_is_not_there_is_said_so(door: Door) -> None:
    with pytest.raises(NotFound, match="no ticket 9"):
        ticket(9)
    with pytest.raises(NotFound, match="no ticket #9"):
        close_ticket(door, 9)


def test_read_only_closes_none() -> None:
    with pytest.raises(Refused, match="read-only"):
        close_ticket(Door("tester", read_only=True), 1)
    assert ticket(1).status == "open"
