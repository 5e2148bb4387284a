"""`hostdeck task|audit|setting`: the steps of all work, who wanted it, and what can be set meanwhile."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from hostdeck.tui.cli import output
from hostdeck.tui.cli.given import given
from hostdeck.tui.cli.session import opened
from hostdeck.tui.cli.shape import table, verb

if TYPE_CHECKING:
    from hostdeck.core.queries.views import LogLine

task, audit, setting = table(), table(), table()
TABLES = {"task": task, "audit": audit, "setting": setting}

Number = Annotated[int, typer.Argument(metavar="N", min=1, max=2**63 - 1, show_default=False)]
MARKS = {"command": "", "stdout": "  ", "stderr": "! ", "note": "- "}


@verb(task, "list", "hostdeck task list --status failed --server web01")
def task_list(
    service: Annotated[str, typer.Option(metavar="ID|DOMAIN", help="Only those of this service.")] = "",
    server: Annotated[str, typer.Option(metavar="NAME", help="Only those on this server.")] = "",
    status: Annotated[str, typer.Option(metavar="STATUS", help="Only those in this status.")] = "",
    search: Annotated[str, typer.Option(metavar="TEXT", help="In target, step, server or error.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="The newest so many.")] = 500,
) -> None:
    """Tasks, newest first."""
    from hostdeck.core.domain.vocabulary import TaskStatus
    from hostdeck.core.queries import fleet, services, tasks
    from hostdeck.tui.cli.words import one_of, show_tasks

    with opened():
        of = services.service(service).id if service else None
        on = fleet.server(server).name if server else None
        rows = tasks.tasks(of, on, one_of(TaskStatus, status, "status") if status else None, search, limit)
    filtered = service or server or status or search
    show_tasks(
        rows, "no task matches" if filtered else "no tasks yet; they come with an order: hostdeck service create --help"
    )


@verb(task, "show", "hostdeck task show 12")
def task_show(number: Number) -> None:
    """One task."""
    with opened():
        _show(number)


@verb(task, "log", "hostdeck task log 12 --follow")
def task_log(
    number: Number,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Until the task has ended.")] = False,
) -> None:
    """What was sent to the node and what it said."""
    from hostdeck.core.queries.tasks import log_after
    from hostdeck.tui.cli.waiting import pulses

    lines: list[LogLine] = []
    last = 0
    with opened():
        for _ in pulses():
            while True:
                page = log_after(number, last)
                for line in page.lines:
                    output.text(f"{line.at.astimezone():%H:%M:%S} {MARKS[line.stream]}{line.text}")
                lines += page.lines if given.json else ()
                last = page.lines[-1].seq if page.lines else last
                if page.final or not page.lines:
                    break
            if page.final or not follow:
                break
    if given.json:
        output.document(lines)
    elif not last:
        output.text("nothing was logged yet; follow it: hostdeck task log N --follow")


@verb(task, "retry", "hostdeck task retry 12")
def task_retry(number: Number) -> None:
    """Queue a failed task again, with all its attempts; make a retrying one due at once."""
    from hostdeck.core.intents.work import retry

    with opened() as door:
        retry(door, number)
        _show(number)


@verb(task, "cancel", "hostdeck task cancel 12")
def task_cancel(number: Number) -> None:
    """Cancel a task; a running one stops when the command under way has ended."""
    from hostdeck.core.intents.work import cancel

    with opened() as door:
        cancel(door, number)
        _show(number)


@verb(audit, "list", "hostdeck audit list --limit 20")
def audit_list(limit: Annotated[int, typer.Option(min=1, max=100_000, help="The newest so many.")] = 200) -> None:
    """Who asked for what, newest first."""
    from hostdeck.core.queries.audit_list import audit

    with opened():
        rows = audit(limit)
    output.listed(
        (f"WHEN ({output.zone()})", "WHO", "WHAT", "OBJECT", "RESULT", "DETAIL"),
        rows,
        lambda row: (
            row.at,
            row.actor,
            row.intent,
            row.object,
            row.result,
            json.dumps(row.detail) if row.detail else "",
        ),
        "nothing was asked for yet",
    )


@verb(setting, "list", "hostdeck setting list")
def setting_list() -> None:
    """What can be set, and what is."""
    from hostdeck.core.queries.tasks import settings

    with opened():
        rows = settings()
    output.listed(
        ("KEY", ">VALUE", ">DEFAULT", "WHAT IT IS"),
        rows,
        lambda row: (row.key, row.value, row.default, row.hint),
        "there is nothing to set",
    )


@verb(setting, "set", "hostdeck setting set retry.attempts 5")
def setting_set(
    key: Annotated[str, typer.Argument(metavar="KEY", show_default=False)],
    value: Annotated[str, typer.Argument(metavar="VALUE", show_default=False)],
) -> None:
    """Set a value; running workers take it up."""
    from hostdeck.core.intents.work import set_setting
    from hostdeck.core.queries.tasks import settings

    with opened() as door:
        set_setting(door, key, value)
        row = next(row for row in settings() if row.key == key)
    output.shown(row, (("key", row.key), ("value", row.value), ("default", row.default)))


def _show(number: int) -> None:
    from hostdeck.core.queries.tasks import task
    from hostdeck.tui.cli.words import took

    row = task(number)
    output.shown(
        row,
        (
            ("task", f"#{row.id} {row.label} ({row.action})"),
            ("target", row.target),
            ("service", f"#{row.service} {row.domain}" if row.service else None),
            ("server", row.server),
            ("status", f"{row.status}, to be cancelled" if row.cancel_asked and not row.finished_at else row.status),
            ("attempts", f"{row.attempts} of {row.max_attempts}"),
            ("waits for", ", ".join(f"#{needed}" for needed in row.waits_for)),
            ("asked by", f"{row.asked.actor} ({row.asked.intent})" if row.asked else None),
            (f"created ({output.zone()})", row.created_at),
            ("started", row.started_at),
            ("finished", row.finished_at),
            ("took", took(row.duration_s)),
            ("tries again", row.not_before),
            ("parked", row.parked),
            ("log lines", row.log_lines),
            ("error", row.error),
            *((f"you may {offer.deed}", f"{offer.means}: {offer.command}") for offer in row.offers),
        ),
    )
