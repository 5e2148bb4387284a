"""Rows of archives: those that were asked for, and those that a node takes by itself at night."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from hostdeck.core.domain.archives import Archive, wish_name
from hostdeck.core.domain.backups import backup_role
from hostdeck.core.domain.item_specs import BackupSpec
from hostdeck.core.domain.items import ItemKind, ItemStatus
from hostdeck.core.domain.vocabulary import Role
from hostdeck.core.store.item_models import Item
from hostdeck.core.store.work_models import Account, Task


def wished(service: int, server: int, role: Role, now: datetime) -> Item:
    """The row of a backup to be taken. It stands in the place of the account's earlier ones that were never taken."""
    here = (Item.service == service) & (Item.server == server) & (Item.kind == ItemKind.BACKUP.value)
    for row in Item.select().where(here, Item.status == ItemStatus.ERROR):
        if row.wanted.get("role") == role and not row.known.get("archive"):
            row.delete_instance()
    since = int(now.timestamp())
    item: Item = Item.create(
        service=service,
        server=server,
        kind=ItemKind.BACKUP,
        name=wish_name(role, since),
        wanted=BackupSpec(role=role, since=since).model_dump(mode="json"),
    )
    return item


def listed(task: Task, role: Role, archives: Sequence[Archive], now: datetime) -> None:
    """One row for each archive of the account; those that the node has dropped go. What was asked for and has no
    archive yet is left alone, and so is what shall go."""
    here = (Item.service == task.service_id) & (Item.server == task.server_id) & (Item.kind == ItemKind.BACKUP.value)
    rows: dict[str, Any] = {row.name: row for row in Item.select().where(here) if row.wanted.get("role") == role}
    asked = {row.known.get("archive"): row for row in rows.values()}
    for archive in archives:
        row = rows.get(archive.name) or asked.get(archive.name)
        if row is not None:
            kept = {key: row.known[key] for key in ("proven", "tried") if key in row.known}
            Item.update(known=archive.known(now) | kept, seen_at=now).where(Item.id == row.id).execute()
            continue
        taken = now - timedelta(seconds=archive.age)
        Item.create(
            service=task.service_id,
            server=task.server_id,
            kind=ItemKind.BACKUP,
            name=archive.name,
            wanted=BackupSpec(role=role, since=int(taken.timestamp())).model_dump(mode="json"),
            known=archive.known(now),
            status=ItemStatus.ACTIVE,
            seen_at=now,
        )
    for account in Account.select().where(Account.service == task.service_id, Account.server == task.server_id):
        if backup_role(Role(one) for one in account.roles) is role:
            newest(account, min((archive.age for archive in archives), default=None), now)
    there = {archive.name for archive in archives}
    gone = [
        row.id
        for row in rows.values()
        if row.status is ItemStatus.ACTIVE and (row.known.get("archive") or row.name) not in there
    ]
    if gone:
        Item.delete().where(Item.id.in_(gone)).execute()


def proven(item: int, shown: Mapping[str, str | None]) -> None:
    """It stays with the archive's row for as long as the node lists it."""
    _keep(item, "proven", shown)


def tried(item: int, shown: Mapping[str, str | int | None]) -> None:
    """As `proven`."""
    _keep(item, "tried", shown)


def _keep(item: int, key: str, shown: Mapping[str, Any]) -> None:
    row = Item.get_or_none(Item.id == item)
    if row is not None:
        Item.update(known=row.known | {key: dict(shown)}).where(Item.id == item).execute()


def newest(account: Account, age: int | None, now: datetime) -> None:
    """When an account was last backed up, by the age of its newest archive; None where it has none. A nameserver's is
    never backed up."""
    if backup_role(Role(role) for role in account.roles) is None:
        return
    taken = None if age is None else now - timedelta(seconds=age)
    Account.update(backup_at=taken, backups_read_at=now).where(Account.id == account.id).execute()
