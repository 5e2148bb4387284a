"""`hostdeck server edit` and `check`: a server's later life, after what `servers` says of its first."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hostdeck.tui.cli import output
from hostdeck.tui.cli.servers import Name, Timeout, server, show_server
from hostdeck.tui.cli.session import opened, refuse_read_only
from hostdeck.tui.cli.shape import verb

if TYPE_CHECKING:
    from hostdeck.core.queries.servers import CheckView

TABLES = {"server": server}
Text = str | None


@verb(server, "edit", "hostdeck server edit web01 --capability web --capability mail")
def server_edit(
    name: Name,
    host: Annotated[Text, typer.Option(help="Name or address that SSH connects to.")] = None,
    capability: Annotated[
        list[str] | None, typer.Option(metavar="web|mail|dns", help="What it hosts from now on; repeat.")
    ] = None,
    ip: Annotated[Text, typer.Option(help="Address that names point to.")] = None,
    ssh_port: Annotated[Text, typer.Option(metavar="PORT", help="Where sshd listens.")] = None,
    ssh_user: Annotated[Text, typer.Option(help="Login.")] = None,
    key_file: Annotated[Path | None, typer.Option(help="Another private key to log in with.")] = None,
    password_stdin: Annotated[bool, typer.Option("--password-stdin", help="Read another password from stdin.")] = False,
    driver: Annotated[Text, typer.Option(metavar="hestiacp|powerdns", help="What runs there.")] = None,
    group: Annotated[Text, typer.Option(help="Group it belongs to; '' for none.")] = None,
    max_accounts: Annotated[
        Text, typer.Option(metavar="N", help="Web and mail accounts at most; 0 is unlimited.")
    ] = None,
    host_key: Annotated[str, typer.Option(metavar="SHA256:…", help="Fingerprint the host key must have.")] = "",
    accept_host_key: Annotated[bool, typer.Option("--accept-host-key", help="Pin whatever key it shows.")] = False,
    node_dir: Annotated[
        Text, typer.Option(metavar="DIR", help="Hestia's or PowerDNS's folder; '' for the usual one.")
    ] = None,
) -> None:
    """Change a server; what is not named stays, the credential too. Another host or port needs its key compared."""
    from hostdeck.core.domain.inputs import check_fingerprint, check_host
    from hostdeck.core.intents.forms import ServerChange
    from hostdeck.core.intents.servers import check_server_change, edit_server
    from hostdeck.core.queries import fleet
    from hostdeck.tui.cli.adding import any_credential, moved

    key, password = any_credential(key_file, password_stdin)
    change = ServerChange(
        host=host,
        ip=ip,
        ssh_port=ssh_port,
        ssh_user=ssh_user,
        key=key,
        password=password,
        capabilities=tuple(capability) if capability else None,
        driver=driver,
        group=group,
        max_accounts=max_accounts,
        node_dir=node_dir,
    )
    check_server_change(change)
    if host is not None:
        change = replace(change, host=check_host(host))
    if host_key:
        check_fingerprint(host_key)
    with opened() as door:
        row = fleet.server(name)
        refuse_read_only("server.edit", door.read_only)
        edit_server(door, name, moved(change, row, host_key, accept=accept_host_key))
        show_server(fleet.server(name))


@verb(server, "check", "hostdeck server check web01")
def server_check(name: Name, timeout: Timeout = 900) -> int:
    """Let the worker log in and look at each part of the server; says the mend of what fails, and exits 1."""
    from hostdeck.core.domain.vocabulary import TaskStatus
    from hostdeck.core.intents.fleet import check_server
    from hostdeck.core.queries import fleet, servers
    from hostdeck.tui.cli.given import given
    from hostdeck.tui.cli.waiting import wait_for_tasks

    with opened() as door:
        (task,) = wait_for_tasks((check_server(door, name),), timeout)
        row, last = fleet.server(name), servers.preflight(name)
    checks = last.checks if last.task == task.id else ()
    if given.json:
        output.document({**row.model_dump(mode="json"), "checks": [check.model_dump() for check in checks]})
    else:
        _show_checks(checks)
    if task.status is TaskStatus.SUCCESS and row.health.state != "error":
        return 0
    output.note(f"{name}: {task.error or row.health.error or f'the check ended {task.status}'}")
    return 1


def _show_checks(checks: tuple[CheckView, ...]) -> None:
    """A line for each part, and below a failed one what mends it."""
    wide = max((len(check.label) for check in checks), default=0)
    for check in checks:
        output.text(f"{check.state:<11}  {check.label:<{wide}}  {check.text}".rstrip())
        for line in check.mend:
            output.text(f"{'':<11}    {line}")
