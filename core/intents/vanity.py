"""Wishes about the domains whose names are sold, and how an order for a name is checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hostdeck.core.domain.inputs import check_domain, check_username
from hostdeck.core.domain.placement import Node
from hostdeck.core.domain.text import safe
from hostdeck.core.domain.vanity import Parent, check_vanity_name, choose_parent, refuse_taken_name
from hostdeck.core.domain.vocabulary import Driver, Role, ServiceStatus
from hostdeck.core.errors import Conflict, Invalid, NotFound
from hostdeck.core.intents.base import Door
from hostdeck.core.store.fleet_models import Group, Server, VanityDomain, VanityWeb
from hostdeck.core.store.nodes import capabilities, node_of
from hostdeck.core.store.work_models import Account, Service, VanitySlot

WORDS = frozenset(
    [
        "no",
        "yes",
        "json",
        "default",
        "none",
        "unlimited",
        "any",
        "all",
        "web",
        "dns",
        "mail",
        "local",
        "remote",
        "system",
        "http",
        "https",
    ]
)
"""Words of Hestia's own commands: a provider's user of that name could not be told from them."""


@dataclass(frozen=True, slots=True)
class SoldName:
    """A checked name on a checked parent; `row` is the parent's."""

    name: str
    parent: Parent
    row: VanityDomain

    @property
    def domain(self) -> str:
        return f"{self.name}.{self.parent.domain}"


def put_vanity(
    door: Door,
    group: str,
    domain: str,
    mail_server: str,
    mail_user: str,
    web_servers: Sequence[str] | None = None,
    reserve: Sequence[str] | None = None,
) -> int:
    """Sells names on a domain, or changes how. The provider's user, mail domain and zone must be on the nodes already:
    they are never made here, and the first order looks for them. None leaves a list as it is. Returns the row's id."""
    with door.change("group.vanity", f"{group}: {domain[:253]}") as change:
        row = _group(group)
        name = _parent_domain(door, domain)
        mail = _server(mail_server, Role.MAIL)
        user = check_username(mail_user)
        if user in WORDS:
            raise Invalid("username", f"'{user}' is reserved", "USR_RESERVED")
        _refuse_customers(user)
        known = VanityDomain.get_or_none(VanityDomain.domain == name)
        webs = _webs(known) if web_servers is None else [_server(web, Role.WEB) for web in web_servers]
        reserved = sorted({_reserved(word) for word in reserve or ()})
        if reserve is None and known is not None:
            reserved = list(known.reserved)
        _refuse_move(known, row, mail, user)
        values = {"group": row, "mail_server": mail, "mail_user": user, "reserved": reserved, "selling": True}
        if known is None:
            known = VanityDomain.create(domain=name, **values)
        else:
            VanityDomain.update(**values).where(VanityDomain.id == known.id).execute()
        VanityWeb.delete().where(VanityWeb.vanity == known).execute()
        for web in webs:
            VanityWeb.create(vanity=known, server=web)
        change.detail = {"mail_server": mail.name, "mail_user": user, "web_servers": [web.name for web in webs]}
        return int(known.id)


def stop_vanity(door: Door, group: str, domain: str) -> None:
    """Sells no more names on a domain. What is sold stays and is served as before; with nothing sold, the domain is
    forgotten. `put_vanity` sells again."""
    with door.change("group.vanity", f"{group}: {domain[:253]}") as change:
        row = VanityDomain.get_or_none(VanityDomain.group == _group(group), VanityDomain.domain == domain.lower())
        if row is None:
            raise NotFound("domain", f"no names of '{domain[:253]}' are sold in group '{group}'")
        if VanitySlot.select().where(VanitySlot.vanity == row).exists():
            VanityDomain.update(selling=False).where(VanityDomain.id == row.id).execute()
        else:
            VanityWeb.delete().where(VanityWeb.vanity == row).execute()
            row.delete_instance()
        change.detail = {"selling": False}


def _refuse_customers(user: str) -> None:
    """On whatever node: from here on no command may do to this name what a customer's account needs."""
    account = Account.get_or_none(Account.username == user)
    if account is not None:
        text = f"'{user}' is the account of service #{account.service_id} on {account.server.name}, not the provider's"
        raise Conflict("username", text, "USR_TAKEN")


def _webs(known: VanityDomain | None) -> list[Server]:
    return list(Server.select().join(VanityWeb, on=(VanityWeb.server == Server.id)).where(VanityWeb.vanity == known))


def _reserved(word: str) -> str:
    """A name that is not for sale; it may be one that never could be."""
    name = word.strip().lower()
    if not name or len(name) > 63 or set(name) - set("abcdefghijklmnopqrstuvwxyz0123456789-_"):
        raise Invalid("reserve", f"'{safe(word)}' is not a name; use a-z, 0-9, '-' and '_'", "VAN_CHAR")
    return name


def _parent_domain(door: Door, raw: str) -> str:
    name = check_domain(raw, reserved_ok=door.reserved_ok)
    live = Service.status != ServiceStatus.TERMINATED
    taken = Service.get_or_none(Service.domain == name, live)
    if taken is not None:
        raise Conflict("domain", f"'{name}' is service #{taken.id}; its names can't be sold", "DOM_TAKEN")
    below = Service.get_or_none(
        Service.domain.endswith(f".{name}"), live, Service.id.not_in(VanitySlot.select(VanitySlot.service))
    )
    if below is not None:
        text = f"service #{below.id} {below.domain} stands below '{name}'; its names can't be sold"
        raise Conflict("domain", text, "DOM_TAKEN")
    return name


def _refuse_move(known: VanityDomain | None, group: Group, mail: Server, user: str) -> None:
    if known is None:
        return
    if known.group_id != group.id:
        text = f"'{known.domain}' is sold in group '{known.group.name}' already"
        raise Conflict("domain", text, "VAN_GROUP")
    sold = VanitySlot.select().where(VanitySlot.vanity == known).count()
    if sold and (known.mail_server_id, known.mail_user) != (mail.id, user):
        text = (
            f"{sold} names of '{known.domain}' are sold with mailboxes of account '{known.mail_user}' on "
            f"{known.mail_server.name}; they can't be moved"
        )
        raise Conflict("domain", text, "VAN_IN_USE")


def check_sold_name(group: Group, wanted_parent: str, raw_name: str) -> SoldName:
    """The name an order is for, if it is for sale and free; Invalid [VAN_*] otherwise."""
    for_sale = VanityDomain.select().where(VanityDomain.group == group, VanityDomain.selling)
    rows = {row.domain: row for row in for_sale}
    parent = rows[choose_parent(wanted_parent, sorted(rows), group.name)]
    name = check_vanity_name(raw_name, parent.domain, parent.reserved)
    domain = f"{name}.{parent.domain}"
    server = Server.get_or_none((Server.hostname == domain) | (Server.name == domain))
    if server is not None:
        raise Invalid("name", f"'{name}' is reserved on {parent.domain}: it is server {server.name}", "VAN_RESERVED")
    slot = VanitySlot.get_or_none(VanitySlot.vanity == parent, VanitySlot.name == name)
    live = Service.get_or_none(Service.domain == domain, Service.status != ServiceStatus.TERMINATED)
    if VanityDomain.select().where(VanityDomain.domain == domain).exists():
        raise Invalid("name", f"'{name}' is reserved on {parent.domain}: names are sold below it", "VAN_RESERVED")
    if slot is not None or live is not None:
        raise refuse_taken_name(name, parent.domain)
    return SoldName(name, parent_of(parent), parent)


def parent_of(row: VanityDomain) -> Parent:
    """The parent as the decisions see it."""
    webs: list[Node] = [node_of(server) for server in _webs(row)]
    if not webs:
        webs = [node_of(server) for server in Server.select().where(Server.group == row.group_id)]
    return Parent(row.domain, node_of(row.mail_server), row.mail_user, tuple(webs), frozenset(row.reserved))


def is_providers(username: str) -> bool:
    """Whether an account name is a provider's on any node: never ours to use."""
    return bool(VanityDomain.select().where(VanityDomain.mail_user == username).exists())


def _server(name: str, role: Role) -> Server:
    row = Server.get_or_none(Server.name == name)
    if row is None:
        raise NotFound("server", f"no server is called '{name[:64]}'; see 'hostdeck server list'")
    if role not in capabilities(row) or row.driver is not Driver.HESTIA:
        raise Conflict("server", f"'{name}' is not a {role} server", "SRV_CAPABILITY")
    return row


def _group(name: str) -> Group:
    row = Group.get_or_none(Group.name == name)
    if row is None:
        raise NotFound("group", f"no group is called '{name[:64]}'; see 'hostdeck group list'")
    return row
