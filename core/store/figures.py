"""Where a node's figures and its services' usage go."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

from hostdeck.core.domain.findings import UsageRead
from hostdeck.core.domain.naming import mark_name
from hostdeck.core.domain.usage import usage_of
from hostdeck.core.domain.vocabulary import HealthState, Role
from hostdeck.core.store import backups
from hostdeck.core.store.figure_models import CapacityDay, HealthSample, Usage
from hostdeck.core.store.fleet_models import Server, VanityDomain
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
    for account in Account.select(Account, Service).join(Service).where(Account.server == server):
        counted, service = found.users.get(account.username), account.service
        if counted is None or found.names.get(account.username) != mark_name(service.id, account.nonce):
            continue
        used[service.id] |= usage_of(service.mode, [Role(role) for role in account.roles], counted)
        backups.newest(account, found.backups.get(account.username), now)
    slots = VanitySlot.select(VanitySlot.service, VanitySlot.name, VanityDomain.domain).join(VanityDomain)
    sold = slots.where(VanitySlot.mail_server == server, VanitySlot.mailbox_ours)
    for service, name, parent in sold.tuples():
        if (size := found.mailboxes.get(f"{name}@{parent}")) is not None:
            used[service]["vanity_mail_quota"] = size
    rows = [
        {"service": service, "key": key, "used": value, "at": now}
        for service, values in used.items()
        for key, value in values.items()
    ]
    for start in range(0, len(rows), AT_ONCE):
        Usage.insert_many(rows[start : start + AT_ONCE]).on_conflict(
            conflict_target=[Usage.service, Usage.key], preserve=[Usage.used, Usage.at]
        ).execute()
