"""Which node takes which role: least loaded, active, able; ties by id, so that the answer never wobbles."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from hostdeck.core.domain.vocabulary import Driver, Role, ServerId, ServerStatus
from hostdeck.core.errors import Conflict, Invalid

DISK_WARN = 90.0
DISK_FULL = 98.0
"""Percent of the fullest disk: from the first on somebody should look, from the second on nothing new is placed there
(`robustness.md` F34)."""


@dataclass(frozen=True, slots=True)
class Node:
    """A server as placement sees it. `max_accounts` 0 is unlimited; `home` is the panel's folder, if not the usual;
    `disk_percent` as last collected."""

    id: ServerId
    name: str
    hostname: str
    ip: str
    driver: Driver
    status: ServerStatus
    capabilities: frozenset[Role]
    accounts: int
    max_accounts: int
    home: str | None = None
    disk_percent: float | None = None

    @property
    def full(self) -> bool:
        crowded = self.max_accounts > 0 and self.accounts >= self.max_accounts
        return crowded or (self.disk_percent is not None and self.disk_percent >= DISK_FULL)

    def can_host(self, role: Role) -> bool:
        return role in self.capabilities and self.status is ServerStatus.ACTIVE and not self.full


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a service's roles go. `dns` holds every attached nameserver; `why` has one sentence a role."""

    web: Node | None
    mail: Node | None
    dns: tuple[Node, ...]
    why: tuple[str, ...]

    def hosts(self) -> tuple[tuple[Node, tuple[Role, ...]], ...]:
        """Each node once, with the roles it takes: roles that meet on one node share one user (`hestia.md` 14.2)."""
        roles: dict[ServerId, list[Role]] = {}
        nodes: dict[ServerId, Node] = {}
        placed = ((self.web, Role.WEB), (self.mail, Role.MAIL), *((node, Role.DNS) for node in self.dns))
        for node, role in placed:
            if node is not None:
                nodes[node.id] = node
                roles.setdefault(node.id, []).append(role)
        return tuple((node, tuple(roles[node.id])) for node in nodes.values())


def place_split(roles: frozenset[Role], members: Iterable[Node], dns_nodes: Iterable[Node], group: str) -> Placement:
    """Web and mail on the least-loaded able nodes, on different ones where the group allows; DNS on every attached
    nameserver that is active. Conflict names the group and the role that has no place [CAPACITY, NO_NODE]."""
    members = tuple(members)
    dns = active_nameservers(dns_nodes) if Role.DNS in roles else ()
    dns_ids = {node.id for node in dns}
    web_choice = _candidates(Role.WEB, roles, members, group)
    mail_choice = _candidates(Role.MAIL, roles, members, group)
    load = _load_measure((*web_choice, *mail_choice))

    def cost(pair: tuple[Node | None, Node | None]) -> tuple[float, ...]:
        web, mail = pair
        together = web is not None and mail is not None and web.id == mail.id
        beside_dns = sum(node is not None and node.id in dns_ids for node in pair)
        each = [part for node in pair if node is not None for part in (load(node), float(node.id))]
        return (float(together), float(beside_dns), *each)

    web, mail = min(((w, m) for w in web_choice or (None,) for m in mail_choice or (None,)), key=cost)
    why = tuple(
        f"{role} on {node.name}: {load_text(node)}, least loaded of {len(choice)}"
        for role, node, choice in ((Role.WEB, web, web_choice), (Role.MAIL, mail, mail_choice))
        if node is not None
    )
    if Role.DNS in roles and not dns:
        why += (f"dns skipped: group '{group}' has no active DNS server attached",)
    elif dns:
        why += (f"dns on every attached nameserver: {', '.join(node.name for node in dns)}",)
    return Placement(web, mail, dns, why)


def place_unified(roles: frozenset[Role], members: Iterable[Node], dns_nodes: Iterable[Node], group: str) -> Placement:
    """Web and mail on the one least-loaded node that is able to do both; DNS on every attached nameserver, in the same
    account where that node is one of them. Invalid where the group has no such node [GRP_UNIFIED], Conflict where all
    of them are full [CAPACITY]."""
    dns = active_nameservers(dns_nodes) if Role.DNS in roles else ()
    able = tuple(node for node in nodes_for_unified(members) if not node.full)
    if not able:
        raise Conflict(
            "group", f"every active web and mail server of '{group}' is full; raise a limit or add one", "CAPACITY"
        )
    load = _load_measure(able)
    node = min(able, key=lambda n: (load(n), n.id))
    why: tuple[str, ...] = (
        f"one account on {node.name}: {load_text(node)}, least loaded of {len(able)} with web and mail",
    )
    if node in dns:
        why += (f"the zone on {node.name} joins the same account: it is one of the group's nameservers",)
    elif dns:
        why += (f"the zone is not on {node.name}: it is none of the group's nameservers",)
    if others := [n.name for n in dns if n.id != node.id]:
        why += (f"dns on every attached nameserver: {', '.join(others)}",)
    if Role.DNS in roles and not dns:
        why += (f"dns skipped: group '{group}' has no active DNS server attached",)
    return Placement(node if Role.WEB in roles else None, node if Role.MAIL in roles else None, dns, why)


def active_nameservers(nodes: Iterable[Node]) -> tuple[Node, ...]:
    return tuple(sorted((node for node in nodes if node.status is ServerStatus.ACTIVE), key=lambda node: node.id))


def least_loaded(role: Role, members: Iterable[Node], group: str) -> tuple[Node, int]:
    """The able node with the least load, and of how many. Conflict where there is none [CAPACITY, NO_NODE]."""
    able = _candidates(role, frozenset({role}), tuple(members), group)
    load = _load_measure(able)
    return min(able, key=lambda node: (load(node), node.id)), len(able)


def nodes_for_unified(members: Iterable[Node]) -> tuple[Node, ...]:
    """The active members that do both web and mail; without one nothing unified can be sold there [GRP_UNIFIED]."""
    both = tuple(n for n in members if {Role.WEB, Role.MAIL} <= n.capabilities and n.status is ServerStatus.ACTIVE)
    if not both:
        raise Invalid("group", "no active server has both Web and Mail", "GRP_UNIFIED")
    return both


def _candidates(role: Role, roles: frozenset[Role], members: tuple[Node, ...], group: str) -> tuple[Node, ...]:
    if role not in roles:
        return ()
    able = tuple(node for node in members if node.can_host(role))
    if able:
        return able
    if any(role in node.capabilities and node.status is ServerStatus.ACTIVE for node in members):
        raise Conflict(
            "group", f"every active {role} server of '{group}' is full; raise a limit or add one", "CAPACITY"
        )
    raise Conflict("group", f"'{group}' has no active {role} server; add or activate one", "NO_NODE")


def _load_measure(nodes: tuple[Node, ...]) -> Callable[[Node], float]:
    """Share of capacity where every node has one, else the plain count: a share of infinity would always win."""
    if nodes and all(node.max_accounts > 0 for node in nodes):
        return lambda node: node.accounts / node.max_accounts
    return lambda node: float(node.accounts)


def load_text(node: Node) -> str:
    """`3 of 10`: slots taken of those there are."""
    return f"{node.accounts} of {node.max_accounts or '∞'}"
