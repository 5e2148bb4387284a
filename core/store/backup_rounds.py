"""Backups that are taken because it is time: one after the other on a node, the account that waits longest first.

A round has no clock of its own: what an account's newest archive is old says when it is due, by the period that its
service was sold with or, without one, by the one that is set for all. Nobody has to be spread
either, since a node that has one in its queue gets no second one.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any

from peewee import fn

from hostdeck.core.domain.action_args import ItemArgs
from hostdeck.core.domain.action_names import Action
from hostdeck.core.domain.actions import ACTIONS
from hostdeck.core.domain.backups import backup_hours, backup_role, kept_archives
from hostdeck.core.domain.items import KINDS, ItemKind, ItemStatus, action_on
from hostdeck.core.domain.naming import mark_name
from hostdeck.core.domain.pipeline import is_combined
from hostdeck.core.domain.product import resolve_limits
from hostdeck.core.domain.settings_keys import SETTING_BY_KEY
from hostdeck.core.domain.vocabulary import PENDING, Role, RunKind, ServerStatus, ServiceStatus, TaskStatus
from hostdeck.core.store import breakers
from hostdeck.core.store.backups import wished
from hostdeck.core.store.db import LOCKED, is_postgres, transaction
from hostdeck.core.store.fleet_models import Server, Setting
from hostdeck.core.store.item_models import Item
from hostdeck.core.store.work_models import Account, Run, Service, Task

CALLED_AT = (ServerStatus.ACTIVE, ServerStatus.DRAINING)
TAKES = (Action.WEB_TAKE_BACKUP, Action.MAIL_TAKE_BACKUP)


def schedule(now: datetime) -> list[int]:
    """Begins what is due and whose node is free for it. Returns the tasks' ids; none while nothing is to be backed up
    by itself."""
    due = _due(now)
    if due is None:
        return []
    begun = []
    for server in _free(now):
        with transaction():
            # Another worker's round looks at the same moment.
            if is_postgres():
                list(Server.select(Server.id).where(Server.id == server).for_update(LOCKED))
            account = None if _is_busy(server) else _longest_waiting(server, due)
            if account is not None:
                begun.append(_begin(account, now))
    return begun


OWN: Any = fn.COALESCE(Service.limits["backup_every"].as_text(), "")
"""How often a service's own limits want it; empty where the setting decides, as for all that are older than the key."""


def _due(now: datetime) -> Any:
    """The condition of accounts that are due, each by its own period; None where no service has any."""
    words: dict[float, list[str]] = defaultdict(list)
    for (own,) in Service.select(OWN).where(Service.status == ServiceStatus.ACTIVE).distinct().tuples():
        words[backup_hours(own, float(_setting("backup.every")))].append(own)
    words.pop(0.0, None)
    return reduce(or_, (_older(OWN.in_(own), now - timedelta(hours=hours)) for hours, own in words.items()), None)


def _free(now: datetime) -> list[int]:
    busy = Task.select(Task.server).where(_taking())
    called_at = Server.select(Server.id).where(
        Server.status.in_(CALLED_AT), Server.id.not_in(busy), Server.id.not_in(breakers.parked(now))
    )
    with_accounts = Account.select(Account.server).where(Account.backups_read_at.is_null(False))
    return [row.id for row in called_at.where(Server.id.in_(with_accounts)).order_by(Server.id)]


def _taking() -> Any:
    moving = [*PENDING, TaskStatus.RUNNING]
    return Task.action.in_([str(action) for action in TAKES]) & Task.status.in_(moving) & Task.server.is_null(False)


def _is_busy(server: int) -> bool:
    return Task.select().where(_taking(), Task.server == server).exists()


def _older(whose: Any, before: datetime) -> Any:
    """Its newest backup is of before then; one that was tried since is left alone, however that ended."""
    here = (Item.service == Account.service) & (Item.server == Account.server) & (Item.kind == ItemKind.BACKUP.value)
    tried = Item.select(Item.id).where(here, Item.created_at >= before, Item.status != ItemStatus.ACTIVE)
    stale = Account.backup_at.is_null() | (Account.backup_at < before)
    return whose & stale & (Service.created_at < before) & ~fn.EXISTS(tried)


def _longest_waiting(server: int, due: Any) -> Account | None:
    """The account whose newest backup is oldest."""
    rows = (
        Account.select(Account, Service)
        .join(Service)
        .where(
            Account.server == server,
            Account.backups_read_at.is_null(False),
            Service.status == ServiceStatus.ACTIVE,
            due,
        )
        .order_by(Account.backup_at.asc(nulls="first"), Account.id)
    )
    return next((row for row in rows.iterator() if _may_have_one(row)), None)


def _may_have_one(account: Account) -> bool:
    roles = frozenset(Role(role) for role in account.roles)
    service = account.service
    limits = resolve_limits(service.limits, {})
    return kept_archives(roles, limits, combined=is_combined(service.mode, roles))[1] > 0


def _begin(account: Account, now: datetime) -> int:
    service, role = account.service, backup_role(Role(role) for role in account.roles)
    assert role is not None
    item = wished(service.id, account.server_id, role, now)
    action = action_on(KINDS[ItemKind.BACKUP].add, role)
    args = ItemArgs(
        item=item.id,
        kind=ItemKind.BACKUP,
        user=account.username,
        mark=mark_name(service.id, account.nonce),
        domain=service.domain,
    )
    task = Task.create(
        run=Run.create(kind=RunKind.ITEM, service=service),
        service=service,
        server=account.server_id,
        action=action,
        target=f"{ItemKind.BACKUP} #{item.id}",
        args=args.model_dump(mode="json"),
        changing=ACTIONS[action].changing,
        status=TaskStatus.QUEUED,
        max_attempts=int(float(_setting("retry.attempts"))),
    )
    Item.update(task=task.id).where(Item.id == item.id).execute()
    return int(task.id)


def _setting(key: str) -> str:
    row = Setting.get_or_none(Setting.key == key)
    return str(row.value) if row else SETTING_BY_KEY[key].default
