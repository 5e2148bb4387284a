"""Changing a server that is there already."""

from __future__ import annotations

from typing import Any

from hostdeck.core.domain.inputs import check_host, check_ip, check_port, check_private_key, check_ssh_user
from hostdeck.core.domain.vocabulary import Driver, Role
from hostdeck.core.errors import Conflict, Invalid, Refused
from hostdeck.core.intents.base import Door
from hostdeck.core.intents.fleet import (
    check_capabilities,
    check_max_accounts,
    check_node_dir,
    group_of,
    refuse_known_place,
    sealed_login,
    server_of,
)
from hostdeck.core.intents.forms import ServerChange
from hostdeck.core.intents.server_use import uses
from hostdeck.core.store import breakers, collecting
from hostdeck.core.store.db import LOCKED, is_postgres
from hostdeck.core.store.fields import utcnow
from hostdeck.core.store.fleet_models import Server
from hostdeck.core.store.nodes import REACHED_BY, capabilities


def check_server_change(change: ServerChange) -> None:
    """Every field that can be judged without the database or the network, in the order of the form."""
    _plain_values(change)
    if change.key and change.password:
        raise Invalid("key", "give one of a private key and a password, or none to keep the old one", "SRV_AUTH")
    if change.key:
        check_private_key(change.key)


def _plain_values(change: ServerChange) -> dict[str, Any]:
    """The columns that follow from one field alone."""
    values: dict[str, Any] = {}
    if change.host is not None:
        values["hostname"] = check_host(change.host)
    if change.ip:
        values["ip"] = check_ip(change.ip)
    if change.ssh_port is not None:
        values["ssh_port"] = check_port(change.ssh_port)
    if change.ssh_user is not None:
        values["ssh_username"] = check_ssh_user(change.ssh_user)
    if change.max_accounts is not None:
        values["max_accounts"] = check_max_accounts(change.max_accounts)
    if change.node_dir is not None:
        values["node_dir"] = check_node_dir(change.node_dir)
    return values


def edit_server(door: Door, name: str, change: ServerChange) -> None:
    """Writes what differs. Another host or port needs the host key of that place [SRV_HOST_KEY]; a capability and a
    driver stay while something stands on them [SRV_IN_USE]. A credential that is not given stays."""
    check_server_change(change)
    with door.change("server.edit", name) as audit:
        row = _held(name)
        values = _plain_values(change)
        _move(row, values, change)
        driver = change.driver or str(row.driver)
        ticked = frozenset(capabilities(row))
        wanted = check_capabilities(tuple(ticked) if change.capabilities is None else change.capabilities, driver)
        _refuse_in_use(row, Driver(driver), ticked - wanted)
        values |= {"driver": Driver(driver), **{role.value: role in wanted for role in Role}}
        if change.group is not None:
            values["group"] = group_of(change.group) if change.group else None
        differ = {key: value for key, value in values.items() if getattr(row, key) != value}
        if change.key or change.password:
            differ["credential"] = sealed_login(row.uuid, change.key, change.password)
        audit.detail = {"changed": sorted(differ)}
        if differ:
            Server.update(**differ).where(Server.id == row.id).execute()
        if differ.keys() & REACHED_BY:
            # What kept us out may be mended by this: the next look tells.
            breakers.close(row.id)
            collecting.soon(row.id, utcnow())


def _held(name: str) -> Server:
    """The server's row; on PostgreSQL an order that takes a slot on it waits until we are done."""
    row = server_of(name)
    if is_postgres():
        return Server.select().where(Server.id == row.id).for_update(LOCKED).get()
    return row


def _move(row: Server, values: dict[str, Any], change: ServerChange) -> None:
    """Another place must be nobody else's, and its host key one that somebody has compared."""
    host, port = values.get("hostname", row.hostname), values.get("ssh_port", row.ssh_port)
    refuse_known_place(host, port, values.get("node_dir", row.node_dir), but=row.id)
    if change.host_key:
        values["host_key"] = change.host_key
    elif (host, port) != (row.hostname, row.ssh_port):
        text = f"the host key of {host}:{port} must be compared first; repeat with --host-key SHA256:…"
        raise Refused("server", text, "SRV_HOST_KEY")


def _refuse_in_use(row: Server, driver: Driver, lost: frozenset[Role]) -> None:
    for role in Role:
        if role in lost and (held := uses(row, role)):
            text = f"'{row.name}' can't lose {role}: {'; '.join(held)}; move or terminate that first"
            raise Conflict("capability", text, "SRV_IN_USE")
    if driver is not row.driver:
        held = tuple(line for role in Role for line in uses(row, role))
        if held:
            text = f"'{row.name}' is {row.driver} as long as something stands on it: {'; '.join(held)}"
            raise Conflict("driver", text, "SRV_IN_USE")
