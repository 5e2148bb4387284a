"""An order becomes tasks. Each names the tasks it waits for, so lanes run beside each other and a nameserver that is
down holds up its own lane only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from hostdeck.core.domain.action_args import (
    Args,
    CertificateArgs,
    MailDomainArgs,
    PackageArgs,
    UserArgs,
    WebDomainArgs,
    ZoneArgs,
)
from hostdeck.core.domain.action_names import Action
from hostdeck.core.domain.naming import mark_name, package_name, user_name
from hostdeck.core.domain.placement import Node, Placement
from hostdeck.core.domain.product import Limits
from hostdeck.core.domain.vocabulary import Driver, Mode, Role, ServerId, ServiceId
from hostdeck.core.domain.zone import Nameserver, nameserver_of


@dataclass(frozen=True, slots=True)
class PlannedAccount:
    """A Hestia user to be: which roles it holds, and whether it takes a slot of the server's capacity. `combined`: it
    is the one account of a unified service, whichever roles are on."""

    server: Node
    roles: tuple[Role, ...]
    username: str
    nonce: str
    takes_slot: bool
    combined: bool = False

    @property
    def suffix(self) -> Role | None:
        """The role that names of this account and its package end in; None where roles share it."""
        return self.roles[0] if len(self.roles) == 1 and not self.combined else None


BEGINNINGS = frozenset(
    {Action.DNS_DEPLOY_ZONE, Action.WEB_CHECK_PARENT, Action.MAIL_CHECK_MAILBOX, Action.DNS_CHECK_RECORD}
)


@dataclass(frozen=True, slots=True)
class PlannedTask:
    """`key` is unique in its plan, `after` holds keys; `lane` groups the tasks of one nameserver."""

    key: str
    action: Action
    target: str
    server: Node
    args: Args
    after: tuple[str, ...] = ()
    lane: str | None = None
    follow_up: bool = False

    @property
    def begins(self) -> bool:
        """Whether it is the first of its kind on its server: what a removal there has to be waited for by."""
        return self.action in BEGINNINGS or self.action.endswith(".createPackage")


@dataclass(frozen=True, slots=True)
class Blueprint:
    """What an order will write: accounts, nameserver names and tasks, in the order a person reads them."""

    accounts: tuple[PlannedAccount, ...]
    nameservers: tuple[Nameserver, ...]
    tasks: tuple[PlannedTask, ...]


def name_accounts(
    domain: str,
    placement: Placement,
    taken: Callable[[ServerId, str], bool],
    nonce: Callable[[], str],
    mode: Mode = Mode.SPLIT,
) -> tuple[PlannedAccount, ...]:
    """One user a node; PowerDNS knows no users. The role stands at the end of the name unless roles share it."""
    accounts = []
    for node, roles in placement.hosts():
        if node.driver is not Driver.HESTIA:
            continue
        combined = is_combined(mode, roles)
        shown = roles[0] if len(roles) == 1 and not combined else None
        name = user_name(domain, shown, lambda name, node=node: taken(node.id, name))  # type: ignore[misc]
        takes_slot = any(role in (Role.WEB, Role.MAIL) for role in roles)
        accounts.append(PlannedAccount(node, roles, name, nonce(), takes_slot, combined))
    return tuple(accounts)


def is_combined(mode: Mode, roles: Iterable[Role]) -> bool:
    """Whether an account with these roles is the one account of a unified service (`features.md` 9, 12)."""
    return mode is Mode.UNIFIED and bool({Role.WEB, Role.MAIL} & set(roles))


def plan_hosting(
    service: ServiceId,
    domain: str,
    email: str | None,
    limits: Limits,
    placement: Placement,
    accounts: tuple[PlannedAccount, ...],
) -> Blueprint:
    """Package, user and domain per node; the zone on every nameserver once DKIM is known; the certificate last."""
    nameservers = tuple(nameserver_of(n.name, n.hostname, n.ip, domain) for n in placement.dns)
    by_node = {account.server.id: account for account in accounts}
    tasks: list[PlannedTask] = []
    user_key: dict[ServerId, str] = {}

    def prefix(node: Node, role: Role) -> tuple[str, str | None]:
        """How the keys of a node's tasks begin, and the lane they belong to."""
        lane = f"dns@{node.name}" if by_node_roles(node) == (Role.DNS,) else None
        return (lane or role.value), lane

    def by_node_roles(node: Node) -> tuple[Role, ...]:
        return by_node[node.id].roles if node.id in by_node else (Role.DNS,)

    for account in accounts:
        node, role = account.server, account.roles[0]
        start, lane = prefix(node, role)
        package = package_name(service, account.suffix)
        names = tuple(server.name.rstrip(".") for server in nameservers)
        package_args = PackageArgs(
            package=package,
            mark=mark_name(service, account.nonce),
            roles=account.roles,
            limits=dict(limits.values),
            nameservers=names,
            combined=account.combined,
        )
        user_args = UserArgs(
            user=account.username, package=package, service=service, nonce=account.nonce, contact=email
        )
        package_task = PlannedTask(
            f"{start}.package", Action(f"{role}.createPackage"), package, node, package_args, lane=lane
        )
        user_task = PlannedTask(
            f"{start}.user",
            Action(f"{role}.createUser"),
            account.username,
            node,
            user_args,
            (package_task.key,),
            lane,
        )
        tasks += (package_task, user_task)
        user_key[node.id] = user_task.key

    zone_after: list[str] = []
    if placement.web:
        account = by_node[placement.web.id]
        args = WebDomainArgs(
            user=account.username,
            mark=mark_name(service, account.nonce),
            domain=domain,
            ip=placement.web.ip,
            aliases=(f"www.{domain}",) if limits.quota("web_aliases") != 0 else (),
            php=limits.text("web_php"),
        )
        tasks.append(
            PlannedTask(
                "web.domain",
                Action.WEB_ADD_DOMAIN,
                domain,
                placement.web,
                args,
                (user_key[placement.web.id],),
            )
        )
    if placement.mail:
        account = by_node[placement.mail.id]
        mail = MailDomainArgs(user=account.username, mark=mark_name(service, account.nonce), domain=domain)
        tasks.append(
            PlannedTask(
                "mail.domain",
                Action.MAIL_ADD_DOMAIN,
                domain,
                placement.mail,
                mail,
                (user_key[placement.mail.id],),
            )
        )
        zone_after.append("mail.domain")
    for node in placement.dns:
        start, lane = f"dns@{node.name}", f"dns@{node.name}"
        owner = by_node.get(node.id)
        zone = ZoneArgs(
            user=owner.username if owner else None,
            mark=mark_name(service, (owner or accounts[0]).nonce),
            domain=domain,
            ip=(placement.web or placement.mail or node).ip,
            nameservers=tuple(server.name.rstrip(".") for server in nameservers),
        )
        after = (*((user_key[node.id],) if node.id in user_key else ()), *zone_after)
        tasks.append(PlannedTask(f"{start}.zone", Action.DNS_DEPLOY_ZONE, domain, node, zone, after, lane))
    if placement.web:
        account = by_node[placement.web.id]
        args_ssl = CertificateArgs(
            user=account.username,
            mark=mark_name(service, account.nonce),
            domain=domain,
            hosts=(domain, *args.aliases),
            ip=placement.web.ip,
        )
        tasks.append(
            PlannedTask(
                "ssl",
                Action.SSL_SEED,
                domain,
                placement.web,
                args_ssl,
                ("web.domain",),
                lane=None,
                follow_up=True,
            )
        )
    if placement.mail:
        tasks.append(_mail_certificate(service, domain, by_node[placement.mail.id]))
    return Blueprint(accounts, nameservers, tuple(tasks))


def _mail_certificate(service: ServiceId, domain: str, account: PlannedAccount) -> PlannedTask:
    """The names mail programs and the webmail use; the records of both come with mail."""
    args = CertificateArgs(
        user=account.username,
        mark=mark_name(service, account.nonce),
        domain=domain,
        hosts=(f"mail.{domain}", f"webmail.{domain}"),
        ip=account.server.ip,
        kind="mail",
    )
    target = f"mail.{domain}"
    return PlannedTask("ssl.mail", Action.SSL_SEED, target, account.server, args, ("mail.domain",), follow_up=True)
