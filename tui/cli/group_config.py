"""`hostdeck group set|unset|keys|variable|file|apply|drift`: what a group's servers shall have alike."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hostdeck.tui.cli import output
from hostdeck.tui.cli.session import opened
from hostdeck.tui.cli.shape import table, verb

if TYPE_CHECKING:
    from hostdeck.core.domain.bulk import BulkPlan
    from hostdeck.core.queries.bulk import BulkRun
    from hostdeck.core.queries.drift import DriftBoard

group = table()

Name = Annotated[str, typer.Argument(metavar="NAME", show_default=False)]
Category = Annotated[str, typer.Argument(metavar="all|web|mail|dns", show_default=False)]
Timeout = Annotated[float, typer.Option(metavar="S", help="Seconds to wait.")]


@verb(group, "set", "hostdeck group set eu web DB_PMA_ALIAS=sql")
def group_set(
    name: Name,
    category: Category,
    pairs: Annotated[list[str], typer.Argument(metavar="KEY=VALUE...", show_default=False)],
) -> None:
    """Manage keys of hestia.conf on the group's servers; nothing is sent until `group apply`.

    KEY= is an empty value; a key that is not set here is not managed and never pushed. `group keys` lists them.
    """
    from hostdeck.core.domain.vocabulary import Target
    from hostdeck.core.intents.group_config import set_config
    from hostdeck.tui.cli.words import one_of, pairs_of

    target, wanted = one_of(Target, category, "category"), pairs_of("key", pairs)
    with opened() as door:
        for note in set_config(door, name, target, wanted):
            output.note(note)
        _show_keys(name, only_managed=True)
    output.note(f"not applied yet: hostdeck group apply {name} --to {category}")


@verb(group, "unset", "hostdeck group unset eu web DB_PMA_ALIAS")
def group_unset(
    name: Name,
    category: Category,
    keys: Annotated[list[str], typer.Argument(metavar="KEY...", show_default=False)],
) -> None:
    """Manage keys no longer; servers keep what they have."""
    from hostdeck.core.domain.vocabulary import Target
    from hostdeck.core.intents.group_config import unset_config
    from hostdeck.tui.cli.words import one_of

    with opened() as door:
        unset_config(door, name, one_of(Target, category, "category"), keys)
        _show_keys(name, only_managed=True)


@verb(group, "keys", "hostdeck group keys eu")
def group_keys(name: Name) -> None:
    """Every key that can be managed, with its value in the group, its default and what it accepts."""
    with opened():
        _show_keys(name, only_managed=False)


def _show_keys(name: str, *, only_managed: bool) -> None:
    from hostdeck.core.queries.groups import group_detail

    rows = [row for row in group_detail(name).keys if (row.value is not None if only_managed else not row.refused)]
    output.listed(
        ("CATEGORY", "KEY", "VALUE", "DEFAULT", "ACCEPTED"),
        rows,
        lambda row: (row.target, row.key, _value(row.value), row.default or "''", row.accepted),
        empty=f"no key is managed in group '{name}'; see: hostdeck group keys {name}",
    )


def _value(value: str | None) -> str:
    return "(not managed)" if value is None else value or "''"


@verb(group, "variable", "hostdeck group variable eu brand=Baltic spf=")
def group_variable(
    name: Name, pairs: Annotated[list[str] | None, typer.Argument(metavar="[KEY=VALUE]...", show_default=False)] = None
) -> None:
    """Show or set `{key}` for zone templates and standard files; an empty value removes one."""
    from hostdeck.core.intents.group_config import set_variables
    from hostdeck.core.queries.groups import group_detail
    from hostdeck.tui.cli.words import pairs_of

    with opened() as door:
        if pairs:
            set_variables(door, name, pairs_of("variable", pairs))
        variables = group_detail(name).variables
    output.shown({"group": name, "variables": variables}, [(f"{{{key}}}", value) for key, value in variables.items()])


@verb(group, "file", "hostdeck group file eu /var/www/html/robots.txt --from robots.txt --to all")
def group_file(
    name: Name,
    path: Annotated[str, typer.Argument(metavar="[REMOTE_PATH]", show_default=False)] = "",
    from_: Annotated[Path | None, typer.Option("--from", metavar="FILE", help="Its text; - is stdin.")] = None,
    to: Annotated[str, typer.Option(metavar="web|mail|dns|all", help="The servers that shall have it.")] = "web",
    remove: Annotated[bool, typer.Option("--remove", help="No longer; servers keep theirs.")] = False,
) -> None:
    """Show, set or remove a standard file: error pages, index, robots, the page of a suspended site.

    It must lie below /usr/local/hestia/data/templates/web/{skel,suspend,unassigned}, /var/www/html or
    /var/www/document_errors. `{name}` of the group's variables is filled in. Sent by `group apply --to files`.
    """
    from hostdeck.core.domain.standard_files import LIMIT
    from hostdeck.core.domain.vocabulary import Target
    from hostdeck.core.errors import Invalid
    from hostdeck.core.intents.group_config import put_file, remove_file
    from hostdeck.core.queries.groups import file_content, group_detail
    from hostdeck.tui.cli.words import file_text, one_of

    if (from_ and remove) or ((from_ or remove) and not path):
        raise Invalid("file", "give REMOTE_PATH and one of --from and --remove", "FILE_TWICE")
    text = file_text(from_, "from", "FILE_TEXT", limit=LIMIT) if from_ else ""
    with opened() as door:
        if from_:
            put_file(door, name, path, text, one_of(Target, to, "to"))
        elif remove:
            remove_file(door, name, path)
        elif path:
            content = file_content(name, path)
            output.shown({"path": path, "content": content}, ())
            output.text(content.rstrip("\n")) if content else output.text(f"group '{name}' has no such file")
            return
        rows = group_detail(name).files
    output.listed(
        ("PATH", "TO", ">BYTES", f"CHANGED ({output.zone()})"),
        rows,
        lambda row: (row.path, row.target, row.bytes, row.changed_at),
        empty=f"no standard files yet; add one: hostdeck group file {name} REMOTE_PATH --from FILE",
    )
    if from_:
        output.note(f"not applied yet: hostdeck group apply {name} --to files")


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
