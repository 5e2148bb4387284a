"""`hostdeck apply|export`: servers, groups and products as a file."""

from __future__ import annotations

import sys
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hostdeck.tui.cli import output
from hostdeck.tui.cli.given import given
from hostdeck.tui.cli.session import opened, refuse_read_only, settings
from hostdeck.tui.cli.shape import table, verb

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hostdeck.core.domain.fleet_file import Difference, FleetFile, ServerEntry
    from hostdeck.core.intents.base import Door
    from hostdeck.core.intents.forms import ServerForm

single = table()
TABLES = {"": single}

FILE_LIMIT = 8 << 20


@verb(single, "apply", "hostdeck apply fleet.toml --plan")
def apply(
    file: Annotated[Path, typer.Argument(metavar="FILE.toml", show_default=False, help="- is stdin.")],
    plan: Annotated[bool, typer.Option("--plan", help="Show what would change; change nothing.")] = False,
) -> None:
    """Make servers, groups and products what a file says, all of it or nothing; nothing is ever removed.

    'hostdeck export' writes such a file. A new server needs host_key (its fingerprint) and key_file or password_file,
    relative to the file; a credential is read only when a server is added. Nodes are not touched: see 'group apply'.
    """
    from hostdeck.core.domain.fleet_file import differences, parse
    from hostdeck.core.intents.fleet_file import apply_file
    from hostdeck.core.queries.fleet_file import fleet_file

    if not plan:
        refuse_read_only("apply", settings().read_only)
    wanted = parse(_toml(file))
    base = Path.cwd() if str(file) == "-" else _here(file, "file", "FLT_FILE").absolute().parent
    with opened() as door:
        now = fleet_file()
        changed = differences(wanted, now)
        if plan:
            _show(changed)
            return
        new, moved = _compared(door, wanted, now, base)
        apply_file(door, wanted, now, new, moved)
    _show(changed)


@verb(single, "export", "hostdeck export > fleet.toml")
def export() -> None:
    """Write servers, groups and products as a file for 'hostdeck apply'; credentials are never in it."""
    import tomli_w

    from hostdeck.core.queries.fleet_file import fleet_file

    with opened():
        now = fleet_file()
    if given.json:
        output.document(now)
        return
    tables: dict[str, list[dict[str, Any]]] = now.model_dump(exclude_none=True)
    said = {kind: [_said(entry) for entry in entries] for kind, entries in tables.items() if entries}
    output.verbatim(tomli_w.dumps(said, multiline_strings=True))


def _said(entry: dict[str, Any]) -> dict[str, Any]:
    """Without what is empty: a file that says less is read more easily, and means the same. An empty value of a managed
    key is a value, and stays."""
    return {name: value for name, value in entry.items() if value not in ("", {}, [])}


def _toml(file: Path) -> dict[str, Any]:
    from hostdeck.core.errors import Invalid

    try:
        raw = sys.stdin.buffer.read(FILE_LIMIT) if str(file) == "-" else _here(file, "file", "FLT_FILE").read_bytes()
        return tomllib.loads(raw.decode())
    except OSError as error:
        raise Invalid("file", f"{file}: {error.strerror or error}", "FLT_FILE") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Invalid("file", f"{file}: {error}", "FLT_TOML") from None


def _show(changed: Sequence[Difference]) -> None:

    rows: list[Difference] = list(changed)
    output.listed(
        ("WHAT", "NAME", "FIELD", "NOW", "WANTED"),
        rows,
        lambda one: (one.kind, one.name, one.field, one.before, one.after),
        empty="everything is as the file says",
    )


def _compared(
    door: Door, wanted: FleetFile, now: FleetFile, base: Path
) -> tuple[dict[str, ServerForm], dict[str, str]]:
    """The forms of new servers, and the host keys of those that move: every key fetched and compared before a row is
    written, every field judged before any key is fetched."""
    from hostdeck.tui.cli.adding import compared_key, pinned

    known = {server.name: server for server in now.server}
    forms = {entry.name: _form(door, entry, base) for entry in wanted.server if entry.name not in known}
    expected = {entry.name: entry.host_key or "" for entry in wanted.server}
    new = {name: pinned(form, expected[name], accept=False) for name, form in forms.items()}
    moved = {}
    for entry in wanted.server:
        if (old := known.get(entry.name)) is None:
            continue
        host, port = entry.host or old.host or "", entry.ssh_port or old.ssh_port or 22
        elsewhere = (host, port) != (old.host, old.ssh_port)
        if elsewhere or (entry.host_key and entry.host_key != old.host_key):
            moved[entry.name] = compared_key(host, port, entry.host_key or "", accept=False)
    return new, moved


def _form(door: Door, entry: ServerEntry, base: Path) -> ServerForm:
    from hostdeck.core.errors import Invalid
    from hostdeck.core.intents.forms import ServerForm
    from hostdeck.tui.cli.adding import any_credential, checked

    if entry.key_file and entry.password_file:
        raise Invalid(f"server {entry.name}", "give one of key_file and password_file", "SRV_AUTH")
    field = f"server {entry.name}"
    key, _ = any_credential(base / _here(Path(entry.key_file), field, "SRV_AUTH") if entry.key_file else None, False)
    password = _password(entry, base) if entry.password_file else ""
    if not (key or password):
        text = "is new: give key_file or password_file, what the worker logs in with"
        raise Invalid(f"server {entry.name}", text, "SRV_AUTH")
    form = ServerForm(
        name=entry.name,
        host=entry.host or "",
        capabilities=tuple(entry.capabilities or ()),
        host_key="",
        ip=entry.ip or "",
        ssh_port=str(entry.ssh_port or 22),
        ssh_user=entry.ssh_user or "root",
        key=key,
        password=password,
        driver=entry.driver or "hestiacp",
        max_accounts=str(entry.max_accounts or 0),
        node_dir=entry.node_dir or "",
    )
    # Its group may be new as well, and then stands in the same file.
    return replace(checked(door, form, entry.host_key or ""), group=entry.group or "")


def _here(path: Path, field: str, code: str) -> Path:
    """With the home that a ~ stands for; Invalid where nobody has the name behind it."""
    from hostdeck.core.errors import Invalid

    try:
        return path.expanduser()
    except RuntimeError as error:
        raise Invalid(field, f"{path}: {error}", code) from None


def _password(entry: ServerEntry, base: Path) -> str:
    from hostdeck.core.errors import Invalid

    path = base / _here(Path(entry.password_file or ""), f"server {entry.name}", "SRV_AUTH")
    try:
        return path.read_text("utf-8").strip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise Invalid(f"server {entry.name}", f"{path}: {error}", "SRV_AUTH") from None
