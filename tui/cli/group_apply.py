"""`hostdeck group apply|drift`: telling a group's servers what they shall have, and looking whether they have it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from hostdeck.tui.cli import output
from hostdeck.tui.cli.group_config import Name, group
from hostdeck.tui.cli.session import opened
from hostdeck.tui.cli.shape import verb

if TYPE_CHECKING:
    from hostdeck.core.domain.bulk import BulkPlan
    from hostdeck.core.queries.bulk import BulkRun
    from hostdeck.core.queries.drift import DriftBoard

TABLES = {"group": group}
Timeout = Annotated[float, typer.Option(metavar="S", help="Seconds to wait.")]


@verb(group, "apply", "hostdeck group apply eu --to web --canary 1 --wait")
def group_apply(
    name: Name,
    to: Annotated[str, typer.Option(metavar="all|web|mail|dns|files|status", help="Whom.", show_default=False)],
    plan: Annotated[bool, typer.Option("--plan", help="Show what would change; send nothing.")] = False,
    canary: Annotated[int, typer.Option(metavar="N", help="So many servers first, and a look at their health.")] = 0,
    abort: Annotated[int, typer.Option(metavar="N", help="So many failed servers call it off.")] = 1,
    wait: Annotated[bool, typer.Option("--wait", help="Until it has ended; 1 if anything failed.")] = False,
    timeout: Timeout = 900,
) -> int:
    """Tell the group's servers what they shall have: one task for each active one that it is for.

    A server gets the keys of its own categories only; PowerDNS servers have no hestia.conf and are passed over. Where
    it is called off, what has not begun is cancelled and changed keys get back the values from before.
    """
    from hostdeck.core.domain.config_wishes import Push
    from hostdeck.core.intents.bulk import apply, plan_apply
    from hostdeck.core.queries.bulk import bulk_run
    from hostdeck.tui.cli.waiting import follow_bulk
    from hostdeck.tui.cli.words import one_of

    push = one_of(Push, to, "to")
    with opened() as door:
        if plan:
            plan_apply(name, push, canary, abort)
            if push.is_config:
                _read_fresh(name, timeout=60)
            _show_plan(plan_apply(name, push, canary, abort))
            return 0
        number = apply(door, name, push, canary, abort)
        run = follow_bulk(number, timeout) if wait else bulk_run(number)
        _show_run(run)
        return 0 if not wait or run.ok else 1


def _show_plan(plan: BulkPlan) -> None:
    from hostdeck.core.domain.config_wishes import Push

    rows: list[tuple[object, ...]] = []
    for node in plan.nodes:
        if plan.to is Push.STATUS:
            rows.append((node.server, "reads its figures", "", ""))
        for step in node.steps:
            now = "not read" if node.read_at is None else "''" if not step.now else step.now
            rows.append(
                (node.server, step.name, f"{now} -> {step.wanted or chr(39) * 2}", step.command or "right already")
            )
    output.shown(plan, ())
    output.table(("SERVER", "WHAT", "NOW -> WANTED", "SENDS"), rows)
    for node in plan.nodes:
        if node.note:
            output.text(f"{node.server} {node.note}")
    for one in plan.skipped:
        output.text(f"{one.server}: {one.why}")
    first = f", {', '.join(plan.canary)} first" if plan.canary else ""
    output.text(f"{len(plan.nodes)} tasks{first}; nothing was sent")
    read = [node.read_at for node in plan.nodes if node.read_at is not None]
    if read:
        output.text(f"'now' as last read, the oldest at {output.word(min(read))} {output.zone()}")


def _show_run(run: BulkRun) -> None:
    output.shown(run, ())
    output.table(
        (">TASK", "SERVER", "WHAT", "STATUS", "CHANGED", "ERROR"),
        [(step.task, step.server, step.label, step.status, tuple(step.changed), step.error) for step in run.steps],
    )
    for one in run.skipped:
        output.text(f"{one.server}: {one.why}")
    output.text(f"{run.words}: {run.state}, {run.done} of {run.total} tasks ended, {run.failed} failed")


@verb(group, "drift", "hostdeck group drift eu")
def group_drift(name: Name, timeout: Timeout = 60) -> int:
    """Managed value against live value on every server; changes nothing. 1 if any differ.

    Reads the servers anew where a worker is alive, else it shows what was last read, and how old that is.
    """
    from hostdeck.core.queries.drift import drift_board

    with opened():
        drift_board(name)
        _read_fresh(name, timeout)
        board = drift_board(name)
    _show_board(board)
    return 1 if board.differing else 0


def _read_fresh(name: str, timeout: float) -> None:
    """Has everything read anew, where somebody is there to do so."""
    from hostdeck.core.errors import TimedOut
    from hostdeck.core.intents.bulk import read_config
    from hostdeck.core.queries.drift import drift_board
    from hostdeck.core.queries.fleet import workers
    from hostdeck.tui.cli.session import door_for, settings
    from hostdeck.tui.cli.waiting import wait_for_tasks

    if not drift_board(name).servers:
        return
    door = door_for(settings())
    if door.read_only or not any(row.alive for row in workers()):
        output.note("nobody reads the servers now (read-only, or no worker): this is what was last read")
        return
    try:
        failed = [row for row in wait_for_tasks(read_config(door, name), timeout) if row.error]
    except TimedOut as late:
        output.note(f"{late}; this is what was last read")
        return
    for row in failed:
        output.note(f"{row.server} could not be read ({row.error}); this is what was last read")


def _show_board(board: DriftBoard) -> None:
    output.shown(_document(board), ())
    rows = [
        (row.key, row.target, row.wanted or "''", *(_cell(cell.state, cell.live) for cell in row.cells))
        for row in board.rows
    ]
    if rows:
        output.table(("KEY", "CATEGORY", "WANTED", *(one.server for one in board.servers)), rows)
    else:
        output.text(f"no key is managed in group '{board.group}'")
    for one in board.servers:
        output.text(f"{one.server} read at {output.word(one.read_at)}" if one.read_at else f"{one.server} never read")
    for server, why in board.skipped:
        output.text(f"{server}: {why}")
    output.text(f"{board.differing} values differ")


def _document(board: DriftBoard) -> dict[str, object]:
    return {**board.model_dump(mode="json"), "differing": board.differing}


def _cell(state: str, live: str | None) -> str:
    words = {"same": "same", "other": "-", "unread": "not read", "ignored": f"{live or chr(39) * 2} (ignored)"}
    return words.get(state, live or "''")
