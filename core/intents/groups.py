"""Wishes about a group itself: which servers it has, which nameservers are attached, and its end."""

from __future__ import annotations

from collections.abc import Sequence

from hostdeck.core.domain.vocabulary import RunKind, ServiceStatus
from hostdeck.core.errors import Conflict, NotFound
from hostdeck.core.intents.base import Door
from hostdeck.core.store.db import connection
from hostdeck.core.store.fleet_models import Group, GroupDns, Server, VanityDomain, VanityWeb
from hostdeck.core.store.groups import group_called
from hostdeck.core.store.work_models import Product, Run, Service, VanityRecord, VanitySlot, Zone, ZoneDeploy

KEEP = "--keep-zones"


def add_members(door: Door, group: str, servers: Sequence[str]) -> None:
    """Their web and mail are sold with this group from now on. Conflict [GRP_MEMBER] where one is another group's."""
    with door.change("group.join", f"{group}: {', '.join(servers)}"):
        row = group_called(group)
        for name in servers:
            server = _server(name)
            if server.group_id not in (None, row.id):
                text = f"'{name}' belongs to group '{server.group.name}'; take it out there first"
                raise Conflict("server", text, "GRP_MEMBER")
            Server.update(group=row).where(Server.id == server.id).execute()


def remove_members(door: Door, group: str, servers: Sequence[str]) -> None:
    """No new orders of the group go there; what stands there stays. Refused where names are sold with its help."""
    with door.change("group.leave", f"{group}: {', '.join(servers)}"):
        row = group_called(group)
        for name in servers:
            server = _server(name)
            if server.group_id != row.id:
                raise NotFound("server", f"'{name}' is no member of group '{group}'")
            chosen = VanityDomain.id.in_(VanityWeb.select(VanityWeb.vanity).where(VanityWeb.server == server))
            used = (VanityDomain.mail_server == server) | chosen
            parent = VanityDomain.get_or_none(used & (VanityDomain.group == row))
            if parent is not None:
                text = f"names on {parent.domain} are sold with '{name}'; change that first: hostdeck group vanity"
                raise Conflict("server", text, "SRV_IN_USE")
            Server.update(group=None).where(Server.id == server.id).execute()


def zones_there(group: str, servers: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """The zones and sold names of the group's services that stand on these nameservers, by server; what detaching
    would be about. A server that is not attached is not found."""
    with connection():
        row = group_called(group)
        return {name: _zones(row, _attached(row, name)) for name in servers}


def detach_dns(door: Door, group: str, servers: Sequence[str], *, keep_zones: bool = False) -> None:
    """New orders no longer use them. Where zones of the group's services stand on one, it is refused [DNS_ZONES] unless
    they are to be kept: they stay published there and are kept right by every later change, because the delegations
    still name that server; they go with their services."""
    with door.change("group.detach_dns", f"{group}: {', '.join(servers)}") as change:
        row = group_called(group)
        kept: dict[str, int] = {}
        for name in servers:
            server = _attached(row, name)
            zones = _zones(row, server)
            if zones and not keep_zones:
                shown = ", ".join(zones[:3]) + (f" and {len(zones) - 3} more" if len(zones) > 3 else "")
                text = f"'{name}' holds {len(zones)} zones of the group's services ({shown}); look at all with --plan"
                raise Conflict("server", f"{text}, then keep them served there: {KEEP}", "DNS_ZONES")
            kept[name] = len(zones)
            GroupDns.delete().where(GroupDns.group == row, GroupDns.server == server).execute()
        change.detail = {"zones_kept": kept}


def remove_group(door: Door, name: str) -> None:
    """With its wishes, variables and files. Refused [GRP_IN_USE] while it has servers, attached nameservers, products
    or parent domains, and while a bulk action of it is under way."""
    with door.change("group.remove", name):
        row = group_called(name)
        there = (
            ("servers", [one.name for one in Server.select().where(Server.group == row)]),
            ("attached nameservers", [one.server.name for one in GroupDns.select().where(GroupDns.group == row)]),
            ("products", [one.name for one in Product.select().where(Product.group == row)]),
            ("names for sale on", [one.domain for one in VanityDomain.select().where(VanityDomain.group == row)]),
        )
        held = [f"{what} {', '.join(sorted(names)[:5])}" for what, names in there if names]
        if held:
            raise Conflict("group", f"'{name}' still has {'; '.join(held)}. Take those away first", "GRP_IN_USE")
        for run in Run.select().where(Run.kind == RunKind.BULK, Run.finished_at.is_null()):
            if run.detail.get("group") == name:
                raise Conflict("group", f"a bulk action of '{name}' is under way; let it end", "GRP_IN_USE")
        row.delete_instance()


def _attached(row: Group, name: str) -> Server:
    server = _server(name)
    if not GroupDns.select().where(GroupDns.group == row, GroupDns.server == server).exists():
        raise NotFound("server", f"'{name}' is not attached to group '{row.name}'")
    return server


def _zones(row: Group, server: Server) -> tuple[str, ...]:
    """Zones, and names sold in the provider's own, of services that are not terminated."""
    mine = (Product.group == row) & (Service.status != ServiceStatus.TERMINATED)
    zones = Zone.select(Zone.name).join(ZoneDeploy, on=(ZoneDeploy.zone == Zone.id))
    zones = zones.switch(Zone).join(Service).join(Product).where(ZoneDeploy.server == server, mine)
    sold = VanitySlot.select(VanitySlot.name, VanityDomain.domain).join(VanityDomain)
    sold = sold.switch(VanitySlot).join(VanityRecord, on=(VanityRecord.slot == VanitySlot.id))
    sold = sold.switch(VanitySlot).join(Service).join(Product).where(VanityRecord.server == server, mine)
    names = {name for (name,) in zones.tuples()} | {f"{name}.{parent}" for name, parent in sold.tuples()}
    return tuple(sorted(names))


def _server(name: str) -> Server:
    row = Server.get_or_none(Server.name == name)
    if row is None:
        raise NotFound("server", f"no server is called '{name[:64]}'; see 'hostdeck server list'")
    return row
