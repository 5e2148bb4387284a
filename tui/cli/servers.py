"""`hostdeck server`: the nodes that services stand on; how one is edited and checked is in `server_life`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hostdeck.tui.cli import output
from hostdeck.tui.cli.session import opened
from hostdeck.tui.cli.shape import table, verb

if TYPE_CHECKING:
    from hostdeck.core.queries.views import ServerRow

server = table()

COLUMNS = (
    *("NAME", "HOST", "DRIVER", "HOSTS", "GROUP", "STATUS", "HEALTH"),
    *(">ACCOUNTS", ">CPU", ">RAM", ">DISK", "NOTE", "ERROR"),
)

Name = Annotated[str, typer.Argument(metavar="NAME", show_default=False)]
Timeout = Annotated[float, typer.Option(min=0, help="Seconds to wait at most.")]


@verb(server, "add", "hostdeck server add web01 --host web01.example.com --key-file id --capability web --group eu")
def server_add(
    name: Name,
    host: Annotated[str, typer.Option(help="Name or address that SSH connects to.", show_default=False)],
    capability: Annotated[list[str], typer.Option(metavar="web|mail|dns", help="What it hosts; repeat.")],
    ip: Annotated[str, typer.Option(help="Address that names point to; default the host's.")] = "",
    ssh_port: Annotated[str, typer.Option(metavar="PORT", help="Where sshd listens.")] = "22",
    ssh_user: Annotated[str, typer.Option(help="Login; root, or one that sudo lets act without a password.")] = "root",
    key_file: Annotated[Path | None, typer.Option(help="Private key to log in with.")] = None,
    password_stdin: Annotated[bool, typer.Option("--password-stdin", help="Read the password from stdin.")] = False,
    driver: Annotated[str, typer.Option(metavar="hestiacp|powerdns", help="What runs there.")] = "hestiacp",
    group: Annotated[str, typer.Option(help="Group it belongs to.")] = "",
    max_accounts: Annotated[
        str, typer.Option(metavar="N", help="Web and mail accounts at most; 0 is unlimited.")
    ] = "0",
    host_key: Annotated[str, typer.Option(metavar="SHA256:…", help="Fingerprint the host key must have.")] = "",
    accept_host_key: Annotated[bool, typer.Option("--accept-host-key", help="Pin whatever key it shows.")] = False,
    node_dir: Annotated[str, typer.Option(metavar="DIR", help="Hestia's or PowerDNS's folder, if not the usual.")] = "",
) -> None:
    """Add a server; its host key is pinned, its credential sealed for the worker."""
    from hostdeck.core.intents.fleet import add_server
    from hostdeck.core.intents.forms import ServerForm
    from hostdeck.core.queries import fleet
    from hostdeck.tui.cli.adding import checked, credential, pinned

    key, password = credential(key_file, password_stdin)
    form = ServerForm(
        name=name,
        host=host,
        capabilities=tuple(capability),
        host_key="",
        ip=ip,
        ssh_port=ssh_port,
        ssh_user=ssh_user,
        key=key,
        password=password,
        driver=driver,
        group=group,
        max_accounts=max_accounts,
        node_dir=node_dir,
    )
    with opened() as door:
        form = checked(door, form, host_key)
        form = pinned(form, host_key, accept=accept_host_key)
        add_server(door, form)
        show_server(fleet.server(form.name))


@verb(server, "list", "hostdeck server list --capability web")
def server_list(
    capability: Annotated[str, typer.Option(metavar="web|mail|dns", help="Only those that host this.")] = "",
) -> None:
    """All servers, with their health and how full they are."""
    from hostdeck.core.domain.vocabulary import Role
    from hostdeck.core.queries import fleet
    from hostdeck.tui.cli.words import one_of

    with opened():
        rows = fleet.servers(one_of(Role, capability, "capability") if capability else None)
    output.listed(
        (
            "NAME",
            "HOST",
            "DRIVER",
            "HOSTS",
            "GROUP",
            "STATUS",
            "HEALTH",
            ">ACCOUNTS",
            ">CPU",
            ">RAM",
            ">DISK",
            "NOTE",
            "ERROR",
        ),
        rows,
        lambda row: (
            row.name,
            f"{row.hostname}:{row.ssh_port}",
            row.driver,
            row.capabilities,
            row.group,
            row.status,
            row.health.state,
            f"{row.accounts}/{row.max_accounts or '∞'}",
            _percent(row.health.cpu_percent),
            _percent(row.health.ram_percent),
            _percent(row.health.disk_percent),
            note_of(row),
            row.health.error or "",
        ),
        empty="no servers yet; add one: hostdeck server add --help",
    )


@verb(server, "show", "hostdeck server show web01")
def server_show(name: Name) -> None:
    """One server."""
    from hostdeck.core.queries import fleet

    with opened():
        show_server(fleet.server(name))


@verb(server, "refresh", "hostdeck server refresh web01 mx01 --wait")
def server_refresh(
    names: Annotated[list[str] | None, typer.Argument(metavar="[NAME]...", show_default=False)] = None,
    wait: Annotated[bool, typer.Option("--wait", help="Until the figures are there.")] = False,
    timeout: Timeout = 900,
) -> int:
    """Let the worker collect figures anew; of all servers where none is named."""
    from hostdeck.core.domain.vocabulary import DONE
    from hostdeck.core.intents.fleet import refresh_servers
    from hostdeck.core.queries import tasks
    from hostdeck.tui.cli.waiting import wait_for_tasks
    from hostdeck.tui.cli.words import show_tasks

    with opened() as door:
        ids = refresh_servers(door, tuple(names or ()))
        rows = wait_for_tasks(ids, timeout) if wait else tuple(tasks.task(number) for number in ids)
    show_tasks(rows, empty="no servers yet; add one: hostdeck server add --help")
    return 0 if not wait or all(row.status in DONE for row in rows) else 1


@verb(server, "activate", "hostdeck server activate web01 --host-key SHA256:…")
def server_activate(
    name: Name,
    host_key: Annotated[str, typer.Option(metavar="SHA256:…", help="Fingerprint its host key must have.")] = "",
    accept_host_key: Annotated[bool, typer.Option("--accept-host-key", help="Pin whatever key it shows now.")] = False,
) -> None:
    """Let a server take accounts again; a changed host key must be compared first."""
    from hostdeck.core.domain.inputs import check_fingerprint
    from hostdeck.core.intents.fleet import activate_server
    from hostdeck.core.queries import fleet
    from hostdeck.tui.cli.adding import compared_key
    from hostdeck.tui.cli.session import refuse_read_only

    if host_key:
        check_fingerprint(host_key)
    with opened() as door:
        refuse_read_only("server.activate", door.read_only)
        row = fleet.server(name)
        line = compared_key(row.hostname, row.ssh_port, host_key, accept=accept_host_key, known=row.host_key)
        activate_server(door, name, line)
        show_server(fleet.server(name))


def _set_status(name: str, status: str) -> None:
    from hostdeck.core.domain.vocabulary import ServerStatus
    from hostdeck.core.intents.fleet import set_server_status
    from hostdeck.core.queries import fleet

    with opened() as door:
        set_server_status(door, name, ServerStatus(status))
        show_server(fleet.server(name))


@verb(server, "drain", "hostdeck server drain web01")
def server_drain(name: Name) -> None:
    """Let a server keep what it has and take nothing new."""
    _set_status(name, "draining")


@verb(server, "disable", "hostdeck server disable web01")
def server_disable(name: Name) -> None:
    """Take a server out of placement altogether."""
    _set_status(name, "disabled")


@verb(server, "remove", "hostdeck server remove web01")
def server_remove(name: Name) -> None:
    """Forget a server; refused while accounts or zones stand on it."""
    from hostdeck.core.intents.fleet import remove_server

    with opened() as door:
        remove_server(door, name)
    output.shown({"removed": name}, (("removed", name),))


def note_of(row: ServerRow) -> str:
    """A word for what its version is to be blamed for; `show` says the whole of it."""
    return ", ".join(text.partition(":")[0] for text in row.warnings)


def show_server(row: ServerRow) -> None:
    health = row.health
    output.shown(
        row,
        (
            ("name", row.name),
            ("host", f"{row.ssh_username}@{row.hostname}:{row.ssh_port}"),
            ("ip", row.ip),
            ("driver", row.driver),
            ("hosts", row.capabilities),
            ("group", row.group),
            ("serves groups", row.serves_groups),
            ("status", row.status),
            ("accounts", f"{row.accounts} of {row.max_accounts or '∞'}"),
            ("host key", row.host_key),
            ("node folder", row.node_dir),
            ("health", health.state),
            (f"collected ({output.zone()})", health.collected_at),
            ("panel", health.panel_version),
            ("system", health.os),
            ("cpu, ram, disk", ", ".join(map(_percent, (health.cpu_percent, health.ram_percent, health.disk_percent)))),
            ("services down", health.services_down),
            ("error", health.error),
            *(("warning", text) for text in row.warnings),
            *_parked(row),
        ),
    )


def _percent(value: float | None) -> str:
    return "-" if value is None else f"{value:.0f}%"


def _parked(row: ServerRow) -> tuple[tuple[str, str], ...]:
    from hostdeck.core.domain.breaker import parked_words
    from hostdeck.core.store.fields import utcnow

    if row.breaker is None:
        return ()
    return (("parked", parked_words(row.name, row.breaker.until, utcnow())),)
