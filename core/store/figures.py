"""Where a node's figures and its services' usage go."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from hostdeck.core.domain.findings import UsageRead
from hostdeck.core.domain.items import ItemKind
from hostdeck.core.domain.naming import mark_name
from hostdeck.core.domain.usage import Mailbox, quota_of, usage_of
from hostdeck.core.domain.vocabulary import HealthState, Role
from hostdeck.core.store import backups
from hostdeck.core.store.figure_models import CapacityDay, FullMailbox, HealthSample, Usage
from hostdeck.core.store.fleet_models import Server, VanityDomain
from hostdeck.core.store.item_models import Item
from hostdeck.core.store.work_models import Account, Service, VanitySlot

AT_ONCE = 200
"""Rows of one statement."""

KEPT = timedelta(hours=48)
"""How long single figures are kept; days are kept for good."""


def health(server: int, facts: dict[str, Any], error: str | None, now: datetime) -> None:
    """Writes what a node told, or why it did not; the caller's transaction is open."""
    state = HealthState.ERROR if error else HealthState.OK
    values: dict[str, Any] = {"health": state, "health_error": error, "collected_at": now}
    if facts:
        values["health_facts"] = facts
    Server.update(**values).where(Server.id == server).execute()
    if facts:
        _remember(server, facts, now)


def _remember(server: int, facts: dict[str, Any], now: datetime) -> None:
    shares = {name: facts.get(f"{name}_percent") for name in ("cpu", "ram", "disk", "load")}
    HealthSample.create(server=server, at=now, **shares)
    HealthSample.delete().where(HealthSample.server == server, HealthSample.at < now - KEPT).execute()
    row = Server.get_by_id(server)
    CapacityDay.insert(
        server=server,
        day=f"{now:%Y-%m-%d}",
        accounts=row.accounts,
        max_accounts=row.max_accounts,
        disk_used_mb=facts.get("disk_used_mb"),
        disk_total_mb=facts.get("disk_total_mb"),
    ).on_conflict(
        conflict_target=[CapacityDay.server, CapacityDay.day],
        preserve=[
            CapacityDay.accounts,
            CapacityDay.max_accounts,
            CapacityDay.disk_used_mb,
            CapacityDay.disk_total_mb,
        ],
    ).execute()


def usage(server: int, found: UsageRead, now: datetime) -> None:
    """Writes what the services on a node use; users that are not ours are nobody's business."""
    used: dict[int, dict[str, int]] = defaultdict(dict)
    full: dict[int, Mailbox | None] = {}
    for account in Account.select(Account, Service).join(Service).where(Account.server == server):
        counted, service = found.users.get(account.username), account.service
        if counted is None or found.names.get(account.username) != mark_name(service.id, account.nonce):
            continue
        used[service.id] |= usage_of(service.mode, [Role(role) for role in account.roles], counted)
        backups.newest(account, found.backups.get(account.username), now)
        if Role.MAIL.value in account.roles:
            full[service.id] = found.full.get(account.username)
    slots = VanitySlot.select(VanitySlot.service, VanitySlot.name, VanityDomain.domain, Service.limits)
    sold = slots.join_from(VanitySlot, VanityDomain).join_from(VanitySlot, Service)
    for service, name, parent, limits in sold.where(VanitySlot.mail_server == server, VanitySlot.mailbox_ours).tuples():
        if (size := found.mailboxes.get(f"{name}@{parent}")) is not None:
            used[service]["vanity_mail_quota"] = size
            quota = quota_of(limits, "vanity_mail_quota")
            box = None if quota == "unlimited" else Mailbox(f"{name}@{parent}", size, quota)
            full[service] = box if box is not None and box.is_full else None
    _full(full, now)
    rows = [
        {"service": service, "key": key, "used": value, "at": now}
        for service, values in used.items()
        for key, value in values.items()
    ]
    for start in range(0, len(rows), AT_ONCE):
        Usage.insert_many(rows[start : start + AT_ONCE]).on_conflict(
            conflict_target=[Usage.service, Usage.key], preserve=[Usage.used, Usage.at]
        ).execute()


def _full(found: Mapping[int, Mailbox | None], now: datetime) -> None:
    """The fullest mailbox of each service that was read; None where none of them is nearly full any more."""
    if found:
        FullMailbox.delete().where(FullMailbox.service.in_(list(found))).execute()
    for service, box in found.items():
        if box is None:
            continue
        FullMailbox.create(service=service, address=box.address, used=box.used, quota=box.quota, at=now)
        name = box.address.partition("@")[0]
        row = Item.get_or_none(Item.service == service, Item.kind == ItemKind.MAILBOX.value, Item.name == name)
        if row is not None:
            Item.update(known=row.known | {"used_mb": box.used}).where(Item.id == row.id).execute()
