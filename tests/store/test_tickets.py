"""Tickets, on both databases: written with the failure, one an incident, closed when the cause is gone."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from tests.conftest import add_fleet, add_server

from hostdeck.core.domain.action_names import Action
from hostdeck.core.domain.lifecycle import LAPSES
from hostdeck.core.domain.tickets import QUIET
from hostdeck.core.domain.vocabulary import RunKind, TaskStatus
from hostdeck.core.domain.wishes import Wish
from hostdeck.core.intents.base import Door
from hostdeck.core.intents.fleet import remove_server
from hostdeck.core.intents.forms import OrderForm
from hostdeck.core.intents.life import grant
from hostdeck.core.intents.services import place_order
from hostdeck.core.intents.work import cancel, retry, set_setting
from hostdeck.core.settings import Settings
from hostdeck.core.store import tasks
from hostdeck.core.store.clock import LeaseTime
from hostdeck.core.store.db import connection
from hostdeck.core.store.fleet_models import Server
from hostdeck.core.store.tasks import Cancelled, Failure, Outcome, Retry, Skipped, Success
from hostdeck.core.store.work_models import Notice, Run, Service, Task, Ticket, TicketEntry

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
START = LeaseTime(1000.0, "boot-1")


def end(task_id: int, outcome: Outcome, now: datetime = NOON) -> None:
    claimed = tasks.claim(task_id, 1, at=START, now=now)
    assert claimed is not None
    assert tasks.settle(claimed.claim, outcome, now=now)


def queue_on(server: Server | None, action: Action = Action.SERVER_CHECK, target: str = "web09") -> int:
    values = {"action": action, "status": TaskStatus.QUEUED, "target": target, "changing": False}
    return int(Task.create(run=Run.create(kind=RunKind.SERVER), server=server, **values).id)


@pytest.fixture
def service(any_store: Settings, door: Door) -> int:
    add_fleet()
    return place_order(door, OrderForm("customer.test", "basic"))


def first(service: int, action: str = "web.createPackage") -> Task:
    return Task.select().where(Task.service == service, Task.action == action).order_by(Task.id.desc()).get()


def finish_all(service: int) -> None:
    while ready := Task.select().where(Task.service == service, Task.status == TaskStatus.QUEUED).first():
        end(ready.id, Success())


def told() -> list[str]:
    return [row.event for row in Notice.select().order_by(Notice.id)]


def test_a_failure_opens_a_ticket_with_its_entry_and_its_message(service: int) -> None:
    task = first(service)
    end(task.id, Failure("disk full"))
    ticket = Ticket.get()
    assert (ticket.status, ticket.failures, ticket.service_id, ticket.server_id) == (
        "open", 1, service, task.server_id,
    )  # fmt: skip
    assert ticket.incident == f"service:{service} web.createPackage@{task.server.name}"
    assert [(row.task, row.text) for row in TicketEntry.select()] == [(task.id, "disk full")]
    notice = Notice.get()
    assert (notice.event, notice.sent_at, notice.attempts) == ("opened", None, 0)
    assert f"hostdeck ticket show {ticket.id}" in notice.body


def test_a_retry_a_cancellation_and_a_plan_that_could_not_be_read_open_none(service: int, door: Door) -> None:
    end(first(service).id, Retry("later", 60, spent=True))
    end(first(service, "mail.createPackage").id, Cancelled())
    end(queue_on(add_server("web09"), Action.SERVER_READ_PLAN), Failure("no answer"))
    assert not Ticket.select().exists()


def test_a_task_that_was_asked_to_stop_and_failed_opens_none(service: int, door: Door) -> None:
    task = first(service)
    claimed = tasks.claim(task.id, 1, at=START, now=NOON)
    assert claimed is not None
    cancel(door, task.id)
    tasks.settle(claimed.claim, Failure("exit 2"), now=NOON)
    assert not Ticket.select().exists()


def test_later_failures_of_the_same_append_and_are_told_once_an_hour(service: int, door: Door) -> None:
    task = first(service)
    for minute in range(4):
        end(task.id, Failure(f"no {minute}"), NOON + timedelta(minutes=minute))
        retry(door, task.id)
    assert [(row.failures, row.entries.count()) for row in Ticket.select()] == [(4, 4)]
    assert told() == ["opened"]
    end(task.id, Failure("no more"), NOON + timedelta(seconds=QUIET + 1))
    assert told() == ["opened", "appended"]
    assert "5 failures" in Notice.select().order_by(Notice.id.desc()).get().title


def test_the_same_step_of_another_run_belongs_to_the_same_incident(service: int, door: Door) -> None:
    end(first(service).id, Failure("no"))
    grant(door, service, Wish.REDEPLOY)
    end(first(service).id, Failure("still no"))
    assert [row.failures for row in Ticket.select()] == [2]


@pytest.mark.parametrize("outcome", [Success(), Skipped("nothing to do")])
def test_a_retry_that_goes_well_closes_it(service: int, door: Door, outcome: Outcome) -> None:
    task = first(service)
    end(task.id, Failure("no"))
    retry(door, task.id)
    assert Ticket.get().status == "open"
    end(task.id, outcome, NOON + timedelta(minutes=1))
    ticket = Ticket.get()
    assert (ticket.status, ticket.closed_by, ticket.closed_at) == (
        "closed", "hostdeck", NOON + timedelta(minutes=1),
    )  # fmt: skip
    assert [row.text for row in ticket.entries.order_by(TicketEntry.id)][-1].startswith(f"task #{task.id} went well")
    assert told() == ["opened", "closed"]


def test_a_later_run_that_goes_well_closes_it_and_a_later_failure_opens_a_new_one(service: int, door: Door) -> None:
    end(first(service).id, Failure("no"))
    grant(door, service, Wish.REDEPLOY)
    finish_all(service)
    grant(door, service, Wish.REDEPLOY)
    end(first(service).id, Failure("no"))
    assert [row.status for row in Ticket.select().order_by(Ticket.id)] == ["closed", "open"]


def test_another_steps_success_closes_nothing(service: int) -> None:
    end(first(service).id, Failure("no"))
    end(first(service, "mail.createPackage").id, Success())
    assert Ticket.get().status == "open"


def test_a_follow_up_that_fails_has_its_ticket_too(service: int) -> None:
    seed = first(service, "ssl.seed")
    finish_all(service)
    Task.update(status=TaskStatus.QUEUED).where(Task.id == seed.id).execute()
    end(seed.id, Failure("not resolved for thirty days"))
    assert Ticket.get().title == f"Installing SSL certificate failed: customer.test on {seed.server.name}"


def test_termination_closes_what_is_left(service: int, door: Door) -> None:
    end(first(service).id, Failure("no"))
    end(first(service, "mail.createPackage").id, Failure("no"))
    grant(door, service, Wish.TERMINATE, "customer.test")
    finish_all(service)
    assert Service.get_by_id(service).status == "terminated"
    assert {row.status for row in Ticket.select()} == {"closed"}
    assert TicketEntry.select().where(TicketEntry.text == "customer.test is terminated").count() == 2


def test_a_server_that_answers_again_closes_its_own_ticket(any_store: Settings) -> None:
    server = add_server("web09")
    end(queue_on(server), Failure("no answer on port 22"))
    assert Ticket.get().incident == "server:web09 server.check"
    end(queue_on(server, Action.SERVER_COLLECT_STATUS), Success())
    assert Ticket.get().status == "closed"


def test_a_server_that_is_removed_takes_its_ticket_along(any_store: Settings, door: Door) -> None:
    server = add_server("web09")
    end(queue_on(server), Failure("no answer on port 22"))
    remove_server(door, "web09")
    ticket = Ticket.get()
    assert (ticket.status, ticket.server_id) == ("closed", None)


def test_a_task_whose_worker_died_too_often_has_its_ticket(service: int) -> None:
    task = first(service)
    for _ in range(LAPSES):
        assert tasks.claim(task.id, 1, at=START, now=NOON) is not None
        tasks.lapse(LeaseTime(2000.0, "boot-1"), NOON)
    assert "worker died" in TicketEntry.get().text


def test_where_the_settings_want_none_none_is_opened(service: int, door: Door) -> None:
    set_setting(door, "ticket.open", "0")
    end(first(service).id, Failure("no"))
    assert not Ticket.select().exists()
    assert not Notice.select().exists()


def test_a_failure_that_is_not_written_leaves_no_ticket(service: int) -> None:
    task = first(service)
    old = tasks.claim(task.id, 1, at=START, now=NOON)
    assert old is not None
    tasks.lapse(LeaseTime(2000.0, "boot-1"), NOON)
    assert tasks.settle(old.claim, Failure("too late"), now=NOON) is None
    assert not Ticket.select().exists()


@pytest.mark.parametrize("on_a_server", [True, False], ids=["one server", "no server"])
def test_failures_at_the_same_moment_are_one_ticket(any_store: Settings, on_a_server: bool) -> None:
    """On one server PostgreSQL settles one after the other; without one nothing but the index keeps them apart."""
    server = add_server("web09") if on_a_server else None
    ids = [queue_on(server, target=str(n)) for n in range(12)]
    claims = [tasks.claim(i, 1, at=START, now=NOON) for i in ids]
    start = threading.Barrier(4)

    def fail(part: int) -> None:
        with connection():
            start.wait()
            for claimed in claims[part::4]:
                assert claimed is not None
                assert tasks.settle(claimed.claim, Failure("no"), now=NOON)

    threads = [threading.Thread(target=fail, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [(row.failures, row.entries.count()) for row in Ticket.select()] == [(12, 12)]
    assert told() == ["opened"]
