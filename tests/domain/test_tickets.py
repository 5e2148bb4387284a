"""What an incident is, what opens a ticket, what settles it, and the words."""

from __future__ import annotations

import pytest

from hostdeck.core.domain.action_names import Action
from hostdeck.core.domain.tickets import (
    INCIDENT_LIMIT,
    ITEMS,
    MOOT,
    TITLE_LIMIT,
    Event,
    Subject,
    failure_text,
    incident,
    message,
    remedy,
    settled_by,
    title,
    wants_ticket,
)
from hostdeck.core.domain.vocabulary import ServiceStatus, TaskStatus


def about(action: str = "web.addDomain", target: str = "customer.com", service: int | None = 12) -> Subject:
    return Subject(31, action, target, service, "customer.com" if service else None, "web01")


def test_an_incident_is_a_service_an_action_and_a_server() -> None:
    assert incident(about()) == "service:12 web.addDomain@web01"


def test_an_incident_of_a_server_is_the_server_and_the_action() -> None:
    assert incident(about("server.check", "web01", None)) == "server:web01 server.check"


def test_two_mailboxes_are_two_incidents() -> None:
    first, second = about("mail.addMailbox", "info"), about("mail.addMailbox", "sales")
    assert incident(first) == "service:12 mail.addMailbox@web01 info"
    assert incident(first) != incident(second)


def test_an_incident_always_fits_its_column() -> None:
    long = Subject(1, "mail.addMailbox", "m" * 300, 12, "d" * 253, "s" * 64)
    assert len(incident(long)) <= INCIDENT_LIMIT
    assert len(title(long)) <= TITLE_LIMIT


def test_a_success_settles_its_own_incident_and_what_it_makes_moot() -> None:
    assert settled_by(about("web.createUser")) == ("service:12 web.createUser@web01", "service:12 web.removeUser@web01")
    assert settled_by(about("a.laterOne")) == ("service:12 a.laterOne@web01",)


def test_removing_something_does_not_settle_that_it_could_not_be_built() -> None:
    assert "service:12 dns.deployZone@web01" not in settled_by(about("dns.removeZone"))


def test_what_is_one_of_several_is_so_in_both_directions() -> None:
    assert all((action in ITEMS) == (other in ITEMS) for action, others in MOOT.items() for other in others)


@pytest.mark.parametrize(
    ("status", "action", "cancel_asked", "service", "opens"),
    [
        (TaskStatus.FAILED, Action.WEB_ADD_DOMAIN, False, ServiceStatus.ERROR, True),
        (TaskStatus.FAILED, Action.SSL_SEED, False, ServiceStatus.ACTIVE, True),
        (TaskStatus.FAILED, Action.SERVER_CHECK, False, None, True),
        (TaskStatus.FAILED, Action.SERVER_READ_PLAN, False, None, False),
        (TaskStatus.FAILED, Action.WEB_ADD_DOMAIN, True, ServiceStatus.TERMINATING, False),
        (TaskStatus.FAILED, Action.SSL_SEED, False, ServiceStatus.TERMINATED, False),
        (TaskStatus.CANCELLED, Action.WEB_ADD_DOMAIN, False, ServiceStatus.ERROR, False),
        (TaskStatus.RETRYING, Action.WEB_ADD_DOMAIN, False, ServiceStatus.DEPLOYING, False),
    ],
)
def test_a_ticket_is_for_what_has_failed_for_good(
    status: TaskStatus, action: Action, cancel_asked: bool, service: ServiceStatus | None, opens: bool
) -> None:
    assert wants_ticket(status, action, cancel_asked, service) is opens


def test_titles_name_the_step_and_the_place() -> None:
    assert title(about()) == "Configuring web hosting failed: customer.com on web01"
    assert title(about("server.check", "web01", None)) == "Checking server failed: web01"


def test_an_entry_is_one_inert_line() -> None:
    assert failure_text(3, "exit 4:\n\x1b[31mtaken") == "failed after 3 attempts: exit 4: taken"
    assert len(failure_text(1, "x" * 5000)) == 1000


def test_a_message_says_where_what_and_what_to_try() -> None:
    said = message(Event.OPENED, 7, title(about()), 1, "exit 4: taken", remedy("web.addDomain", 31, "web01"))
    assert said.title == "hostdeck: ticket #7 opened: Configuring web hosting failed: customer.com on web01"
    assert said.body.splitlines() == [
        "Configuring web hosting failed: customer.com on web01",
        "What: exit 4: taken",
        "Try: mend the cause, then: hostdeck task retry 31 (the steps before it are looked at and passed over)",
        "Look: hostdeck ticket show 7",
    ]


def test_a_check_is_repeated_not_retried() -> None:
    assert remedy("server.check", 31, "web01").endswith("hostdeck server check web01")
