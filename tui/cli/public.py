"""What a customer may see of a deployment: steps and how far it is. No server, no user, no log, no error text."""

from __future__ import annotations

import sys
from datetime import datetime

from hostdeck.core.domain.order_plan import View
from hostdeck.core.domain.vocabulary import ServiceStatus, TaskStatus
from hostdeck.core.errors import TimedOut
from hostdeck.core.queries.views import ServiceDetail, TaskRow
from hostdeck.tui.cli import output
from hostdeck.tui.cli.given import given

STATES = {TaskStatus.SUCCESS: "done", TaskStatus.SKIPPED: "done", TaskStatus.RUNNING: "in progress"}
"""Everything else is still to come, for whoever waits: a retry is our business, and so is a failure."""


class PublicStep(View):
    step: str
    state: str
    updated_at: datetime | None


class PublicView(View):
    """`status`: deploying, ready, closed, or delayed where an operator has to look. `seconds_left` may be None."""

    domain: str
    status: str
    percent: int
    steps_done: int
    steps_total: int
    seconds_left: float | None
    steps: tuple[PublicStep, ...]


def public_view(row: ServiceDetail) -> PublicView:
    match row.status:
        case ServiceStatus.ACTIVE:
            status = "ready"
        case ServiceStatus.ERROR:
            status = "delayed"
        case ServiceStatus.SUSPENDED | ServiceStatus.SUSPENDING | ServiceStatus.TERMINATED | ServiceStatus.TERMINATING:
            status = "closed"
        case _:
            status = "deploying"
    return PublicView(
        domain=row.domain,
        status=status,
        percent=row.progress.percent,
        steps_done=row.progress.done,
        steps_total=row.progress.total,
        seconds_left=row.seconds_left,
        steps=tuple(map(_step, (task for task in row.tasks if not task.follow_up))),
    )


def _step(task: TaskRow) -> PublicStep:
    updated = task.finished_at or task.started_at or task.created_at
    return PublicStep(step=task.label, state=STATES.get(task.status, "queued"), updated_at=updated)


def follow_public(number: int, timeout: float) -> int:
    """As `watch`, in the customer's words; its exit codes are the same."""
    from hostdeck.core.queries.services import service as found
    from hostdeck.tui.cli.waiting import follow_service

    piped = not given.json and not output.styled(sys.stdout)
    try:
        ended = follow_service(number, timeout, each=_say if piped else None)
    except TimedOut:
        _show(public_view(found(number)))
        raise
    _show(public_view(ended))
    return 1 if ended.status is ServiceStatus.ERROR else 0


def _say(task: TaskRow) -> None:
    step = _step(task)
    output.text(f"{step.step}: {step.state}")


def _show(view: PublicView) -> None:
    if given.json:
        output.document(view)
        return
    output.pairs([(view.domain, view.status), ("steps", f"{view.steps_done} of {view.steps_total} ({view.percent}%)")])
    output.text()
    rows = ((step.step, step.state, step.updated_at) for step in view.steps)
    output.table(("STEP", "STATE", f"UPDATED ({output.zone()})"), rows)
