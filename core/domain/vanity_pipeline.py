"""A sold name becomes tasks: is it free everywhere, one web account, one mailbox, one record on each nameserver. Its
later life takes the same apart again; the provider's own is never among it.
"""

from __future__ import annotations

from hostdeck.core.domain.action_args import (
    CertificateArgs,
    MailboxArgs,
    PackageArgs,
    ParentArgs,
    RecordArgs,
    UserArgs,
    WebDomainArgs,
)
from hostdeck.core.domain.action_names import Action
from hostdeck.core.domain.naming import mark_name, package_name
from hostdeck.core.domain.pipeline import Blueprint, PlannedAccount, PlannedTask
from hostdeck.core.domain.placement import Node
from hostdeck.core.domain.product import Limits
from hostdeck.core.domain.vanity import Slot
from hostdeck.core.domain.vocabulary import Role, ServiceId


def plan_vanity(
    service: ServiceId,
    email: str | None,
    limits: Limits,
    slot: Slot,
    account: PlannedAccount | None,
    roles: frozenset[Role],
) -> Blueprint:
    """Nothing is built before the name was seen as free on the provider's mail server and allowed on the web server; a
    nameserver is looked at in its own lane, so that a dead one holds up nobody else."""
    free: list[PlannedTask] = []
    built: list[PlannedTask] = []
    if account is not None:
        parent = ParentArgs(user=account.username, domain=slot.domain, parent=slot.parent)
        free.append(PlannedTask("web.check", Action.WEB_CHECK_PARENT, slot.domain, account.server, parent))
    if Role.MAIL in roles:
        box = _mailbox(slot, limits)
        free.append(PlannedTask("mail.check", Action.MAIL_CHECK_MAILBOX, _address(slot), slot.mail_server, box))
        built.append(
            PlannedTask("mail.mailbox", Action.MAIL_ADD_MAILBOX, _address(slot), slot.mail_server, box, _keys(free))
        )
    if account is not None:
        built = [*_site(service, email, limits, slot, account, _keys(free)), *built]
    records = [task for node in slot.nameservers for task in _record_tasks(slot, node, _keys(free))]
    accounts = (account,) if account is not None else ()
    follow = (_certificate(service, slot, account),) if account is not None else ()
    return Blueprint(accounts, (), (*free, *built, *records, *follow))


def _keys(tasks: list[PlannedTask]) -> tuple[str, ...]:
    return tuple(task.key for task in tasks)


def _address(slot: Slot) -> str:
    return f"{slot.name}@{slot.parent}"


def _mailbox(slot: Slot, limits: Limits) -> MailboxArgs:
    quota = str(limits.quota("vanity_mail_quota"))
    return MailboxArgs(user=slot.mail_user, parent=slot.parent, account=slot.name, quota=quota)


def _record(slot: Slot) -> RecordArgs:
    return RecordArgs(user=slot.mail_user, parent=slot.parent, name=slot.name, value=slot.value)


def _site(
    service: ServiceId, email: str | None, limits: Limits, slot: Slot, account: PlannedAccount, after: tuple[str, ...]
) -> tuple[PlannedTask, ...]:
    """Package, user and web domain: an ordinary account of its own."""
    node, mark = account.server, mark_name(service, account.nonce)
    package = package_name(service, Role.WEB)
    values = dict(limits.values) | {"web_disk_quota": limits.values["vanity_site_disk_quota"], "web_aliases": "0"}
    plan = PackageArgs(package=package, mark=mark, roles=(Role.WEB,), limits=values, nameservers=())
    user = UserArgs(user=account.username, package=package, service=service, nonce=account.nonce, contact=email)
    domain = WebDomainArgs(
        user=account.username, mark=mark, domain=slot.domain, ip=node.ip, aliases=(), php=limits.text("web_php")
    )
    return (
        PlannedTask("web.package", Action.WEB_CREATE_PACKAGE, package, node, plan, after),
        PlannedTask("web.user", Action.WEB_CREATE_USER, account.username, node, user, ("web.package",)),
        PlannedTask("web.domain", Action.WEB_ADD_DOMAIN, slot.domain, node, domain, ("web.user",)),
    )


def _record_tasks(slot: Slot, node: Node, after: tuple[str, ...]) -> tuple[PlannedTask, ...]:
    lane = f"dns@{node.name}"
    args = _record(slot)
    return (
        PlannedTask(f"{lane}.check", Action.DNS_CHECK_RECORD, slot.domain, node, args, (), lane),
        PlannedTask(f"{lane}.record", Action.DNS_ADD_RECORD, slot.domain, node, args, (f"{lane}.check", *after), lane),
    )


def _certificate(service: ServiceId, slot: Slot, account: PlannedAccount) -> PlannedTask:
    args = CertificateArgs(
        user=account.username,
        mark=mark_name(service, account.nonce),
        domain=slot.domain,
        hosts=(slot.domain,),
        ip=account.server.ip,
    )
    return PlannedTask("ssl", Action.SSL_SEED, slot.domain, account.server, args, ("web.domain",), follow_up=True)


def plan_mailbox(slot: Slot, limits: Limits, action: Action) -> PlannedTask:
    """Suspends or opens the one mailbox."""
    verb = "suspend" if action is Action.MAIL_SUSPEND_MAILBOX else "unsuspend"
    return PlannedTask(f"mailbox.{verb}", action, _address(slot), slot.mail_server, _mailbox(slot, limits))


def vanity_removals(slot: Slot, limits: Limits, roles: frozenset[Role]) -> tuple[PlannedTask, ...]:
    """Our one record on each nameserver, then our one mailbox (`hestia.md` 13.4)."""
    gone = []
    for node in slot.nameservers:
        lane = f"dns@{node.name}"
        args = _record(slot)
        gone.append(PlannedTask(f"{lane}.gone", Action.DNS_REMOVE_RECORD, slot.domain, node, args, lane=lane))
    if Role.MAIL in roles:
        box = _mailbox(slot, limits)
        gone.append(PlannedTask("mail.mailbox-gone", Action.MAIL_REMOVE_MAILBOX, _address(slot), slot.mail_server, box))
    return tuple(gone)
