"""Making the fleet what a file says: all of it in one transaction, or nothing."""

from __future__ import annotations

from collections.abc import Mapping

from hostdeck.core.domain.config_keys import known_key
from hostdeck.core.domain.fleet_file import FleetFile, GroupEntry, ProductEntry, ServerEntry, differences
from hostdeck.core.domain.vocabulary import Target
from hostdeck.core.errors import Invalid, Refused
from hostdeck.core.intents.base import Door
from hostdeck.core.intents.fleet import add_group, add_server, attach_dns
from hostdeck.core.intents.forms import ProductChange, ProductForm, ServerChange, ServerForm
from hostdeck.core.intents.group_config import put_file, set_config, set_variables
from hostdeck.core.intents.products import add_product, edit_product
from hostdeck.core.intents.servers import edit_server
from hostdeck.core.intents.vanity import put_vanity
from hostdeck.core.store.db import transaction
from hostdeck.core.store.fleet_models import Group, Server
from hostdeck.core.store.work_models import Product


def apply_file(
    door: Door,
    wanted: FleetFile,
    now: FleetFile,
    new: Mapping[str, ServerForm],
    moved: Mapping[str, str],
) -> int:
    """Adds and changes what differs from `now`; how many values that were. `new` are the forms of servers that are not
    there yet, with their host keys compared; `moved` the compared host keys (in OpenSSH form) of servers that get
    another address. Refused as a whole where any part is."""
    changed = differences(wanted, now)
    parts = {(one.kind.value, one.name) for one in changed}
    with transaction():
        for group in wanted.group:
            if Group.get_or_none(Group.name == group.name) is None:
                add_group(door, group.name)
        for server in wanted.server:
            if ("server", server.name) in parts:
                _put_server(door, server, new, moved)
        for group in wanted.group:
            if ("group", group.name) in parts:
                _put_group(door, group, now)
        for product in wanted.product:
            if ("product", product.name) in parts:
                _put_product(door, product)
    return len(changed)


def _put_server(door: Door, entry: ServerEntry, new: Mapping[str, ServerForm], moved: Mapping[str, str]) -> None:
    if Server.get_or_none(Server.name == entry.name) is None:
        if entry.name not in new:
            raise Refused(f"server {entry.name}", "is gone since the file was read; try again", "FLT_MOVED")
        add_server(door, new[entry.name])
        return
    change = ServerChange(
        host=entry.host,
        ip=entry.ip,
        ssh_port=None if entry.ssh_port is None else str(entry.ssh_port),
        ssh_user=entry.ssh_user,
        capabilities=None if entry.capabilities is None else tuple(entry.capabilities),
        driver=entry.driver,
        group=entry.group,
        max_accounts=None if entry.max_accounts is None else str(entry.max_accounts),
        node_dir=entry.node_dir,
        host_key=moved.get(entry.name, ""),
    )
    edit_server(door, entry.name, change)


def _put_group(door: Door, entry: GroupEntry, now: FleetFile) -> None:
    known = next((group for group in now.group if group.name == entry.name), None)
    attached = set(known.nameservers or ()) if known else set()
    if missing := [name for name in entry.nameservers or () if name not in attached]:
        attach_dns(door, entry.name, missing)
    if entry.variables:
        set_variables(door, entry.name, entry.variables)
    by_target: dict[Target, dict[str, str]] = {}
    for key, value in (entry.config or {}).items():
        by_target.setdefault(known_key(key).target, {})[key] = value
    for target, pairs in by_target.items():
        set_config(door, entry.name, target, pairs)
    for parent in entry.vanity or ():
        put_vanity(
            door,
            entry.name,
            parent.domain,
            parent.mail_server,
            parent.mail_user,
            parent.web_servers,
            parent.reserved,
        )
    for file in entry.file or ():
        put_file(door, entry.name, file.path, file.content, _target(file.to))


def _target(word: str) -> Target:
    if word not in list(Target):
        raise Invalid("to", f"use {', '.join(Target)}", "FLT_VALUE")
    return Target(word)


def _put_product(door: Door, entry: ProductEntry) -> None:
    roles = tuple(entry.roles or ())
    if Product.get_or_none(Product.name == entry.name) is None:
        form = ProductForm(entry.name, entry.group or "", entry.mode or "", roles, entry.limits or {})
        add_product(door, form)
        return
    change = ProductChange(
        entry.group or "", entry.mode or "", None if entry.roles is None else roles, entry.limits or {}
    )
    edit_product(door, entry.name, change)
