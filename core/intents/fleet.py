"""Wishes about servers, groups and products."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from typing import Any

from hostdeck.core.domain.action_names import Action
from hostdeck.core.domain.actions import ACTIONS
from hostdeck.core.domain.inputs import (
    check_host,
    check_ip,
    check_name,
    check_port,
    check_private_key,
    check_ssh_user,
)
from hostdeck.core.domain.vocabulary import Driver, HealthState, Role, RunKind, ServerStatus, TaskStatus
from hostdeck.core.errors import Conflict, Invalid, NotFound
from hostdeck.core.intents.base import Door
from hostdeck.core.intents.forms import ServerForm
from hostdeck.core.store import breakers, tickets
from hostdeck.core.store.fields import utcnow
from hostdeck.core.store.fleet_models import Group, GroupDns, Server, VanityDomain, VanityWeb
from hostdeck.core.store.nodes import capabilities
from hostdeck.core.store.seal import seal
from hostdeck.core.store.work_models import Account, Run, Task, VanityRecord, ZoneDeploy

MAX_ACCOUNTS = 1_000_000


def check_server_form(form: ServerForm) -> None:
    """Every field that can be judged without the database or the network, in the order of the form."""
    check_name(form.name, "name", what="server")
    check_host(form.host)
    if form.ip:
        check_ip(form.ip)
    check_port(form.ssh_port)
    check_ssh_user(form.ssh_user)
    if bool(form.key) == bool(form.password):
        raise Invalid("key", "give exactly one of a private key and a password", "SRV_AUTH")
    if form.key:
        check_private_key(form.key)
    check_capabilities(form.capabilities, form.driver)
    check_max_accounts(form.max_accounts)
    check_node_dir(form.node_dir)


def check_capabilities(words: Sequence[str], driver: str) -> frozenset[Role]:
    """At least one, and of PowerDNS no other than dns (`features.md` 47, 49)."""
    try:
        roles = frozenset(Role(word) for word in words)
    except ValueError:
        raise Invalid("capability", f"use {', '.join(Role)}", "SRV_CAPABILITY") from None
    if not roles:
        raise Invalid("capability", f"tick at least one of {', '.join(Role)}", "SRV_CAPABILITY")
    if driver not in list(Driver):
        raise Invalid("driver", f"use {' or '.join(Driver)}", "SRV_DRIVER")
    if driver == Driver.POWERDNS and roles != {Role.DNS}:
        raise Invalid("capability", "a PowerDNS server can be dns only", "SRV_CAPABILITY")
    return roles


def check_max_accounts(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) <= MAX_ACCOUNTS):
        raise Invalid("max_accounts", f"use a whole number from 0 (unlimited) to {MAX_ACCOUNTS}", "SRV_CAPACITY")
    return int(text)


def check_node_dir(text: str) -> str | None:
    """Without a slash at its end; None for the usual folder."""
    if text and (not text.startswith("/") or set(text) & set("\0\n'\"\\$`")):
        raise Invalid("node_dir", "use an absolute path without quotes", "SRV_NODE_DIR")
    return text.rstrip("/") or None


def refuse_known_place(host: str, port: int, folder: str | None, but: int | None = None) -> None:
    """Host, port and folder are one server's, `but` that one's."""
    there = Server.node_dir.is_null() if folder is None else Server.node_dir == folder
    known = Server.get_or_none((Server.hostname == host) & (Server.ssh_port == port) & there & (Server.id != but))
    if known:
        where = f"{host}:{port} {folder}" if folder else f"{host}:{port}"
        raise Conflict("server", f"{where} is server '{known.name}' already", "SRV_TAKEN")


def sealed_login(number: str, key: str, password: str) -> str:
    """A credential as it stands in the row with that uuid: only the worker opens it."""
    secret = {"kind": "key", "value": key} if key else {"kind": "password", "value": password}
    return seal("server", number, "credential", json.dumps(secret))


def add_server(door: Door, form: ServerForm) -> int:
    """Writes a server with its pinned host key and its credential sealed for the worker. Refused where the name is
    taken, or host, port and folder are those of another."""
    check_server_form(form)
    name = check_name(form.name, "name", what="server")
    with door.change("server.add", name) as change:
        roles = check_capabilities(form.capabilities, form.driver)
        host, port = check_host(form.host), check_port(form.ssh_port)
        folder = check_node_dir(form.node_dir)
        if Server.get_or_none(Server.name == name):
            raise Conflict("server", f"'{name}' exists already", "SRV_TAKEN")
        refuse_known_place(host, port, folder)
        number = str(uuid.uuid4())
        row = Server.create(
            uuid=number,
            name=name,
            hostname=host,
            ip=check_ip(form.ip or form.host),
            ssh_port=port,
            ssh_username=form.ssh_user,
            driver=Driver(form.driver),
            group=group_of(form.group) if form.group else None,
            max_accounts=check_max_accounts(form.max_accounts),
            host_key=form.host_key,
            credential=sealed_login(number, form.key, form.password),
            node_dir=folder,
            **{role.value: role in roles for role in Role},
        )
        change.detail = {"host": host, "capabilities": sorted(roles)}
        return int(row.id)


def remove_server(door: Door, name: str) -> None:
    """Refused while accounts or zones stand on it, or work for it is under way."""
    with door.change("server.remove", name):
        server = server_of(name)
        accounts = Account.select().where(Account.server == server).count()
        zones = ZoneDeploy.select().where(ZoneDeploy.server == server).count()
        if accounts or zones:
            text = f"'{name}' still has {accounts} accounts and {zones} zones; move or terminate them first"
            raise Conflict("server", text, "SRV_IN_USE")
        _refuse_sold(server)
        live = Task.status.in_((TaskStatus.QUEUED, TaskStatus.RUNNING, TaskStatus.RETRYING, TaskStatus.WAITING))
        if Task.select().where(Task.server == server, live).exists():
            raise Conflict("server", f"work for '{name}' is under way; wait or cancel it", "SRV_BUSY")
        GroupDns.delete().where(GroupDns.server == server).execute()
        tickets.close_of_server(server.id, f"server {name} was removed by {door.actor}", utcnow())
        server.delete_instance()


def _refuse_sold(server: Server) -> None:
    """Where names are sold with its help, or sold ones stand on it."""
    chosen = VanityDomain.id.in_(VanityWeb.select(VanityWeb.vanity).where(VanityWeb.server == server))
    parent = VanityDomain.get_or_none((VanityDomain.mail_server == server) | chosen)
    record = VanityRecord.get_or_none(VanityRecord.server == server)
    if parent is not None:
        text = f"names on {parent.domain} are sold with '{server.name}'; change that first: hostdeck group vanity"
        raise Conflict("server", text, "SRV_IN_USE")
    if record is not None:
        text = f"'{server.name}' holds records of sold names; terminate those services first"
        raise Conflict("server", text, "SRV_IN_USE")


def set_server_status(door: Door, name: str, status: ServerStatus) -> None:
    """Drains, disables or activates. A quarantined server needs its host key compared first: `activate_server`."""
    with door.change(f"server.{status}", name):
        server = server_of(name)
        if server.status is ServerStatus.QUARANTINED:
            text = f"'{name}' is quarantined: its host key changed; compare it, then 'hostdeck server activate {name}'"
            raise Conflict("server", text, "SRV_QUARANTINED")
        Server.update(status=status).where(Server.id == server.id).execute()


def activate_server(door: Door, name: str, host_key: str) -> None:
    """Active again, with the host key that was compared just now (in OpenSSH form) pinned from here on."""
    with door.change("server.activate", name) as change:
        server = server_of(name)
        values: dict[str, Any] = {"status": ServerStatus.ACTIVE, "host_key": host_key}
        if server.status is ServerStatus.QUARANTINED:
            values |= {"health": HealthState.UNKNOWN, "health_error": None}
        breakers.close(server.id)
        change.detail = {"pinned_anew": server.host_key != host_key}
        Server.update(**values).where(Server.id == server.id).execute()


def add_group(door: Door, name: str) -> int:
    name = check_name(name, "name", what="group")
    with door.change("group.add", name):
        if Group.get_or_none(Group.name == name):
            raise Conflict("group", f"'{name}' exists already", "GRP_TAKEN")
        return int(Group.create(name=name).id)


def attach_dns(door: Door, group: str, servers: Sequence[str]) -> None:
    """Makes servers nameservers of the group; one that is attached already stays."""
    with door.change("group.attach_dns", f"{group}: {', '.join(servers)}"):
        row = group_of(group)
        for name in servers:
            server = server_of(name)
            if Role.DNS not in capabilities(server):
                raise Conflict("server", f"'{name}' is not a dns server", "SRV_CAPABILITY")
            GroupDns.get_or_create(group=row, server=server)


def check_server(door: Door, name: str) -> int:
    """Queues a check of one server, or gives the one under way; the task's id."""
    return _queue_for(door, "server.check", Action.SERVER_CHECK, (name,))[0]


def refresh_servers(door: Door, names: Sequence[str]) -> tuple[int, ...]:
    """Queues a collection of figures for the named servers, all of them where none is named."""
    return _queue_for(door, "server.refresh", Action.SERVER_COLLECT_STATUS, names)


def refresh_usage(door: Door, names: Sequence[str] = ()) -> tuple[int, ...]:
    """Queues a reading of what services use, on the named servers, or on all that have users: PowerDNS has none."""
    return _queue_for(door, "server.usage", Action.SERVER_SYNC_USAGE, names, Server.driver == Driver.HESTIA)


def _queue_for(door: Door, intent: str, action: Action, names: Sequence[str], unnamed: Any = True) -> tuple[int, ...]:
    """One task for each named server; where none is named, for all that `unnamed` says."""
    with door.change(intent, ", ".join(names) or "all servers"):
        servers = [server_of(name) for name in names] or list(Server.select().where(unnamed).order_by(Server.id))
        run = Run.create(kind=RunKind.SERVER)
        ids = [queue_one(run, server, action) for server in servers]
        if not Task.select().where(Task.run == run).exists():
            run.delete_instance()
        return tuple(ids)


def queue_one(run: Run, server: Server, action: Action) -> int:
    live = Task.status.in_((TaskStatus.QUEUED, TaskStatus.RUNNING, TaskStatus.RETRYING))
    known = Task.get_or_none((Task.server == server) & (Task.action == action) & live)
    if known is not None:
        return int(known.id)
    spec = ACTIONS[action]
    task = Task.create(
        run=run,
        server=server,
        action=action,
        target=server.name,
        args={"capabilities": sorted(capabilities(server))} if action is Action.SERVER_CHECK else {},
        changing=spec.changing,
        status=TaskStatus.QUEUED,
        max_attempts=spec.max_attempts,
    )
    return int(task.id)


def server_of(name: str) -> Server:
    row = Server.get_or_none(Server.name == name)
    if row is None:
        raise NotFound("server", f"no server is called '{name[:64]}'; see 'hostdeck server list'")
    return row


def group_of(name: str) -> Group:
    row = Group.get_or_none(Group.name == name)
    if row is None:
        raise NotFound("group", f"no group is called '{name[:64]}'; see 'hostdeck group list'")
    return row
