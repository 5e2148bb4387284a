"""What the commands about items share: a password from stdin, the answer, waiting."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hostdeck.tui.cli import output
from hostdeck.tui.cli.given import given

if TYPE_CHECKING:
    from hostdeck.core.domain.items import ItemKind
    from hostdeck.core.domain.vocabulary import TaskStatus
    from hostdeck.core.intents.items import Deed
    from hostdeck.core.queries.items import ItemRow

Service = Annotated[str, typer.Argument(metavar="ID", help="The service's number or domain.", show_default=False)]
Item = Annotated[str, typer.Argument(metavar="ITEM", help="Its name or number.", show_default=False)]
Wait = Annotated[bool, typer.Option("--wait", help="Until the node has it, or it has failed.")]
Timeout = Annotated[float, typer.Option(min=0, help="Seconds to wait at most.")]
PasswordStdin = Annotated[
    bool, typer.Option("--password-stdin", help="Read it from stdin; without, one is made and shown once.")
]
PASSWORD_LIMIT = 4096


def typed_password(wanted: bool) -> str | None:
    """One line of stdin; None where none is to be read."""
    from hostdeck.core.errors import Invalid

    if not wanted:
        return None
    text = sys.stdin.readline(PASSWORD_LIMIT).rstrip("\r\n")
    if not text:
        raise Invalid("password", "stdin holds none", "PWD_EMPTY")
    return text


def fields_of(values: Mapping[str, Any]) -> dict[str, str]:
    """What was given, as forms say it: several values with commas between them, flags as yes and no."""
    said: dict[str, str] = {}
    for key, value in values.items():
        if value is None:
            continue
        if isinstance(value, bool):
            said[key] = "yes" if value else "no"
        elif isinstance(value, list):
            said[key] = ",".join(value)
        else:
            said[key] = str(value)
    return said


def answer(deed: Deed, wait: bool, timeout: float) -> int:
    """The item as it then is, with a password that was made for it; exit 1 where its task has failed."""
    from hostdeck.core.domain.vocabulary import DONE, TaskStatus
    from hostdeck.core.errors import TimedOut
    from hostdeck.core.queries.items import item
    from hostdeck.core.queries.tasks import task
    from hostdeck.tui.cli.waiting import wait_for_tasks

    if deed.password is not None and not given.json:
        # Before anything that can end early: nobody can read it again.
        output.text(f"password  {deed.password}")
        output.note("the password is shown this once; nobody can read it again")
    try:
        done = wait_for_tasks((deed.task,), timeout)[0] if wait else task(deed.task)
    except (TimedOut, KeyboardInterrupt):
        if deed.password is not None and given.json:
            _show(deed, task(deed.task).status)
        raise
    _show(deed, done.status)
    gone = item(deed.item) is None
    if not wait or done.status is TaskStatus.SUCCESS or (done.status in DONE and gone):
        return 0
    output.note(f"{deed.kind}: '{deed.name}' failed: {done.error}")
    return 1


def _show(deed: Deed, status: TaskStatus) -> None:
    from hostdeck.core.queries.items import item

    row = item(deed.item)
    if row is None:
        shown: dict[str, Any] = {"id": deed.item, "kind": str(deed.kind), "name": deed.name, "status": "removed"}
    else:
        shown = row.model_dump(mode="json")
    shown |= {"task": deed.task, "task_status": str(status)}
    fields = _fields(shown)
    if deed.password is not None:
        shown["password"] = deed.password
    output.shown(shown, fields)


def _fields(shown: Mapping[str, Any]) -> list[tuple[str, object]]:
    quiet = ("service", "kind", "known", "created_at", "seen_at", "certificate", "chain")
    pairs = [(key, _said(value)) for key, value in shown.items() if key not in quiet and value not in (None, [], "")]
    return [("kind", f"{shown['kind']} #{shown['id']}"), *(pair for pair in pairs if pair[0] != "id")]


def _said(value: Any) -> object:
    if isinstance(value, dict):
        # What reading a backup through, or trying it, has shown.
        return f"{str(value['at'])[:10]}: {value['error'] or value['words']}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) if isinstance(value, list) else value


COLUMNS: dict[str, tuple[str, ...]] = {
    "mailbox": ("quota", "forwards", "aliases", "suspended"),
    "database": ("user", "engine", "charset", "suspended"),
    "ftp": ("path",),
    "cron": ("schedule", "command", "suspended"),
    "record": ("type", "priority", "ttl", "value"),
    "backup": ("role", "path", "proven", "tried"),
    "certificate": ("role", "hosts", "issuer", "not_after"),
}


def show_items(kind: ItemKind, rows: tuple[ItemRow, ...], key: str) -> None:
    own = COLUMNS.get(kind, ())
    nameless = kind in ("cron",)
    output.listed(
        (">ID", *(() if nameless else ("NAME",)), *(name.upper() for name in own), "STATUS", "ERROR"),
        rows,
        lambda row: (
            row.id,
            *(() if nameless else (row.name,)),
            *(_said(row.field(name)) for name in own),
            row.status,
            row.error,
        ),
        f"no {kind} yet; add one: hostdeck service add {kind} {key} --help",
    )
    for row in rows:
        if row.field("fetch") and not given.json:
            output.note(f"#{row.id} is fetched with: {row.field('fetch')}")
