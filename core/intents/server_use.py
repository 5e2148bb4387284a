"""What stands on a server, for each thing it is ticked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from hostdeck.core.domain.vocabulary import Role
from hostdeck.core.store.fleet_models import Group, GroupDns, Server, VanityDomain, VanityWeb
from hostdeck.core.store.work_models import Account, Service, VanityRecord, VanitySlot, Zone, ZoneDeploy

NAMED = 3


def uses(server: Server, role: Role) -> tuple[str, ...]:
    """`2 web accounts (a.com, b.org)`, `names on benchwords.com are sold with it`; empty where nothing does. That
    products could be ordered there is no use."""
    return tuple(_uses(server, role))


def _uses(server: Server, role: Role) -> Iterator[str]:
    rows = Account.select(Account.roles, Service.domain).join(Service).where(Account.server == server)
    domains = sorted(domain for roles, domain in rows.tuples() if role in roles)
    if domains:
        yield _counted(f"{role} account", domains)
    if role is Role.DNS:
        yield from _nameserver(server)
    elif role is Role.MAIL:
        parents = VanityDomain.select(VanityDomain.domain).where(VanityDomain.mail_server == server)
        yield from _sold(domain for (domain,) in parents.tuples())
        slots = VanitySlot.select(VanitySlot.name, VanityDomain.domain).join(VanityDomain)
        names = sorted(f"{name}@{parent}" for name, parent in slots.where(VanitySlot.mail_server == server).tuples())
        if names:
            yield _counted("sold mailbox", names)
    else:
        chosen = VanityDomain.select(VanityDomain.domain).join(VanityWeb).where(VanityWeb.server == server)
        yield from _sold(domain for (domain,) in chosen.tuples())


def _nameserver(server: Server) -> Iterator[str]:
    zones = Zone.select(Zone.name).join(ZoneDeploy).where(ZoneDeploy.server == server).order_by(Zone.name)
    if names := [name for (name,) in zones.tuples()]:
        yield _counted("zone", names)
    if records := VanityRecord.select().where(VanityRecord.server == server).count():
        yield _counted("record", [], records) + " of sold names"
    groups = Group.select(Group.name).join(GroupDns).where(GroupDns.server == server).order_by(Group.name)
    if attached := [name for (name,) in groups.tuples()]:
        yield f"it is a nameserver of {', '.join(attached)} (hostdeck group detach-dns)"


def _sold(domains: Iterable[str]) -> Iterator[str]:
    if names := sorted(domains):
        yield f"names on {', '.join(names)} are sold with it"


def _counted(what: str, names: list[str], count: int = 0) -> str:
    count = count or len(names)
    more = f", and {len(names) - NAMED} more" if len(names) > NAMED else ""
    shown = f" ({', '.join(names[:NAMED])}{more})" if names else ""
    plural = "es" if what.endswith("x") else "s"
    return f"{count} {what}{plural if count != 1 else ''}{shown}"
