"""Tickets as decisions: what an incident is, which failures open one, what settles it, and the words people read."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from hostdeck.core.domain.action_names import Action
from hostdeck.core.domain.actions import label
from hostdeck.core.domain.text import clean_line
from hostdeck.core.domain.vocabulary import ServiceStatus, TaskStatus


class TicketStatus(StrEnum):
    OPEN = "open"
    CLOSED = "closed"


class Event(StrEnum):
    """What people are told about a ticket."""

    OPENED = "opened"
    APPENDED = "appended"
    CLOSED = "closed"


QUIET = 3600.0
"""Seconds after any message about a ticket in which further failures of it are only written down: a storm is one
message, and the next one says how many there were."""

TITLE_LIMIT = 300
TEXT_LIMIT = 1000
INCIDENT_LIMIT = 400

BY_ITSELF = "hostdeck"
"""Who has closed a ticket that no person closed."""

ITEMS = frozenset(
    {
        Action.MAIL_ADD_MAILBOX, Action.MAIL_SUSPEND_MAILBOX, Action.MAIL_UNSUSPEND_MAILBOX,
        Action.MAIL_REMOVE_MAILBOX, Action.DNS_ADD_RECORD, Action.DNS_REMOVE_RECORD,
    }
)  # fmt: skip
"""Actions of which a service may have several on one server: there each target is an incident of its own."""

MOOT: dict[Action, tuple[Action, ...]] = {
    Action.WEB_CREATE_PACKAGE: (Action.WEB_REMOVE_PACKAGE,),
    Action.MAIL_CREATE_PACKAGE: (Action.MAIL_REMOVE_PACKAGE,),
    Action.DNS_CREATE_PACKAGE: (Action.DNS_REMOVE_PACKAGE,),
    Action.WEB_CREATE_USER: (Action.WEB_REMOVE_USER,),
    Action.MAIL_CREATE_USER: (Action.MAIL_REMOVE_USER,),
    Action.DNS_CREATE_USER: (Action.DNS_REMOVE_USER,),
    Action.DNS_DEPLOY_ZONE: (Action.DNS_REMOVE_ZONE,),
    Action.DNS_ADD_RECORD: (Action.DNS_REMOVE_RECORD,),
    Action.MAIL_ADD_MAILBOX: (Action.MAIL_REMOVE_MAILBOX,),
    Action.WEB_SUSPEND_USER: (Action.WEB_UNSUSPEND_USER,),
    Action.WEB_UNSUSPEND_USER: (Action.WEB_SUSPEND_USER,),
    Action.MAIL_SUSPEND_USER: (Action.MAIL_UNSUSPEND_USER,),
    Action.MAIL_UNSUSPEND_USER: (Action.MAIL_SUSPEND_USER,),
    Action.MAIL_SUSPEND_MAILBOX: (Action.MAIL_UNSUSPEND_MAILBOX,),
    Action.MAIL_UNSUSPEND_MAILBOX: (Action.MAIL_SUSPEND_MAILBOX,),
    Action.SERVER_CHECK: (Action.SERVER_COLLECT_STATUS,),
    Action.SERVER_COLLECT_STATUS: (Action.SERVER_CHECK,),
}
"""Once an action went well, a failure of these is nobody's concern any more: their opposite was wanted later, or both
ask the same of a node."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A task as its ticket sees it. `server` is a name; None where there is none."""

    task: int
    action: str
    target: str
    service: int | None
    domain: str | None
    server: str | None


def incident(about: Subject, action: str | None = None) -> str:
    """What has gone wrong, so that later failures of the same are told from others: `service:12 web.addDomain@web01`,
    `server:web01 server.check`."""
    action = action or about.action
    item = f" {about.target}" if action in ITEMS else ""
    if about.service is not None:
        at = f"@{about.server}" if about.server else ""
        return f"service:{about.service} {action}{at}{item}"[:INCIDENT_LIMIT]
    place = f"server:{about.server}" if about.server else "hostdeck"
    return f"{place} {action}{item}"[:INCIDENT_LIMIT]


def settled_by(about: Subject) -> tuple[str, ...]:
    """The incidents that are over once this task went well."""
    also = MOOT.get(Action(about.action), ()) if about.action in list(Action) else ()
    return tuple(incident(about, action) for action in (about.action, *also))


ANSWERED = frozenset({Action.SERVER_READ_PLAN, Action.WEB_CHECK_LIMITS, Action.MAIL_CHECK_LIMITS})
"""Questions of somebody who is looking at the answer: what a plan would send, whether another product fits."""


def wants_ticket(
    status: TaskStatus, action: str, cancel_asked: bool, service: ServiceStatus | None, *, answered: bool = False
) -> bool:
    """A task that has failed for good. Not one that was asked to stop anyway, not one that answers somebody (`answered`
    where its action alone does not tell), and not one of a service that is gone."""
    return (
        status is TaskStatus.FAILED
        and action not in ANSWERED
        and not answered
        and not cancel_asked
        and service is not ServiceStatus.TERMINATED
    )


def title(about: Subject) -> str:
    """`Configuring web hosting failed: customer.com on web01`."""
    where = [about.domain or (about.target if about.target != about.server else ""), about.server or ""]
    place = " on ".join(part for part in where if part) or about.target
    return _line(f"{label(about.action)} failed: {place}", TITLE_LIMIT)


def failure_text(attempts: int, error: str | None) -> str:
    """One failure as an entry; the step's own words, which say what to try."""
    tries = f"failed after {attempts} attempts: " if attempts > 1 else ""
    return _line(f"{tries}{error or 'failed without a reason'}", TEXT_LIMIT)


def settled_text(about: Subject) -> str:
    return _line(f"task #{about.task} went well: {label(about.action)}", TEXT_LIMIT)


def terminated_text(domain: str) -> str:
    return _line(f"{domain} is terminated", TEXT_LIMIT)


def closed_text(actor: str) -> str:
    return _line(f"closed by {actor}", TEXT_LIMIT)


def remedy(action: str, task: int, server: str | None) -> str:
    """What to do about a failure, for somebody who reads of it far from the console."""
    if action in (Action.SERVER_CHECK, Action.SERVER_COLLECT_STATUS) and server:
        return f"mend the cause, then: hostdeck server check {server}"
    return f"mend the cause, then: hostdeck task retry {task} (the steps before it are looked at and passed over)"


@dataclass(frozen=True, slots=True)
class Message:
    """What leaves the house: a line, and a text of a few lines."""

    title: str
    body: str


def message(event: Event, ticket: int, subject: str, failures: int, text: str, remedy: str = "") -> Message:
    """`subject` is the ticket's title, `text` its last entry. No log lines, and nothing that is not in the ticket."""
    words = {
        Event.OPENED: f"ticket #{ticket} opened",
        Event.APPENDED: f"ticket #{ticket} goes on, {failures} failures by now",
        Event.CLOSED: f"ticket #{ticket} closed",
    }[event]
    lines = [subject, f"What: {text}"]
    if event is not Event.CLOSED and remedy:
        lines.append(f"Try: {remedy}")
    if event is Event.CLOSED and failures > 1:
        lines.append(f"It had failed {failures} times.")
    lines.append(f"Look: hostdeck ticket show {ticket}")
    return Message(_line(f"hostdeck: {words}: {subject}", TITLE_LIMIT), "\n".join(lines))


def _line(text: str, limit: int) -> str:
    clean = clean_line(text.replace("\r", " ").replace("\n", " "), limit + 1)
    return clean if len(clean) <= limit else f"{clean[: limit - 1]}…"
