"""`hostdeck task causes|retry-all|undo`: what is about many tasks at once."""

from __future__ import annotations

from typing import Annotated

import typer

from hostdeck.tui.cli import output
from hostdeck.tui.cli.given import given
from hostdeck.tui.cli.session import opened, refuse_read_only
from hostdeck.tui.cli.shape import verb
from hostdeck.tui.cli.work import task

TABLES = {"task": task}


@verb(task, "causes", "hostdeck task causes")
def task_causes() -> None:
    """What has failed and is not mended yet, grouped by cause, with what to try."""
    from hostdeck.core.queries.causes import causes

    with opened():
        rows = causes()
    output.listed(
        (">TASKS", "CAUSE", "SERVERS", "STEPS", "TRY"),
        rows,
        lambda row: (len(row.tasks), row.words, row.servers, row.actions, row.mend),
        "nothing has failed that is not mended",
    )


@verb(task, "retry-all", "hostdeck task retry-all 12 15 19")
def task_retry_all(
    numbers: Annotated[list[int], typer.Argument(metavar="N...", min=1, max=2**63 - 1, show_default=False)],
) -> None:
    """Queue exactly these failed tasks again, in one go; 'task causes --json' lists those of a cause."""
    from hostdeck.core.intents.retries import retry_all

    with opened() as door:
        done = retry_all(door, numbers)
    if given.json:
        output.document(
            {"queued": done.queued, "passed_over": [{"task": n, "why": why} for n, why in done.passed_over]}
        )
        return
    output.text(f"queued again: {', '.join(f'#{number}' for number in done.queued)}")
    for number, why in done.passed_over:
        output.note(f"#{number} is left alone: {why}")


@verb(task, "undo", "hostdeck task undo --plan")
def task_undo(
    plan: Annotated[bool, typer.Option("--plan", help="Say what would be taken back; change nothing.")] = False,
) -> None:
    """Take back what your last wish queued and nobody has begun; what has begun stays."""
    from hostdeck.core.errors import Conflict
    from hostdeck.core.intents.undo import undo
    from hostdeck.core.queries.undo import undoable
    from hostdeck.tui.cli.words import show_tasks

    with opened() as door:
        if not plan:
            refuse_read_only("wish.undo", door.read_only)
        found = undoable(door.actor)
        if found is None or not found.count:
            what = "you have not wished anything yet" if found is None else f"{found.intent} {found.object} has begun"
            raise Conflict("undo", f"{what}; nothing waits that could be taken back", "UNDO_BEGUN")
        if plan:
            if not given.json:
                output.pairs((("wish", f"{found.intent} {found.object}"), ("asked", found.at)))
                output.text()
            show_tasks(found.cancels, empty="")
            return
        done = undo(door, found.wish)
    said = {"wish": f"{found.intent} {found.object}", "cancelled": done.cancelled, "stays": done.stays}
    output.shown(said | {"became": done.became}, (*said.items(), ("became", done.became)))
