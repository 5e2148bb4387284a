"""What is known of a service's backups, without asking any node."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from hostdeck.core.domain.archives import PARTS
from hostdeck.core.domain.backups import ROLE_OF_PART, backup_role, kept_archives, too_old
from hostdeck.core.domain.items import ItemKind
from hostdeck.core.domain.order_plan import View
from hostdeck.core.domain.pipeline import is_combined
from hostdeck.core.domain.product import resolve_limits
from hostdeck.core.domain.settings_keys import SETTING_BY_KEY
from hostdeck.core.domain.text import safe
from hostdeck.core.domain.vocabulary import Role, ServiceStatus
from hostdeck.core.errors import NotFound
from hostdeck.core.queries.services import service_id
from hostdeck.core.queries.views import Attention
from hostdeck.core.store.db import connection
from hostdeck.core.store.fleet_models import Server, Setting
from hostdeck.core.store.item_models import Item
from hostdeck.core.store.work_models import Account, Service

SAVED = (ServiceStatus.ACTIVE, ServiceStatus.ERROR)
"""A suspended account is backed up by no node, unless it is told to."""


class BackupPart(View):
    """One part of an archive; `restored`: a restore without --part would put it back."""

    part: str
    count: int
    names: tuple[str, ...]
    restored: bool


class BackupProof(View):
    """What an archive holds, as its node listed it at `seen_at`; `archive` None: it has not been taken yet."""

    id: int
    name: str
    service: int
    domain: str
    server: str
    archive: str | None
    taken_at: datetime | None
    size_mb: int
    parts: tuple[BackupPart, ...]
    seen_at: datetime | None
    proven: dict[str, str | None] | None
    tried: dict[str, str | int | None] | None


def backup_proof(key: int | str, name: str) -> BackupProof:
    """NotFound where the service has no backup of that name or number."""
    with connection():
        service = Service.get_by_id(service_id(key))
        wanted = name.strip().removeprefix("#")
        rows = Item.select().where(Item.service == service, Item.kind == ItemKind.BACKUP.value)
        row = next((row for row in rows if row.name == wanted or str(row.id) == wanted), None)
        if row is None:
            where = f"see 'hostdeck service items {service.domain} backup'"
            raise NotFound("backup", f"{service.domain} has no backup '{safe(name)}'; {where}")
        contents = {part: tuple(row.known.get("contents", {}).get(part, ())) for part in PARTS}
        roles = _roles(row)
        return BackupProof(
            id=row.id,
            name=row.name,
            service=service.id,
            domain=service.domain,
            server=row.server.name,
            archive=row.known.get("archive"),
            taken_at=_time(row.known.get("taken_at")),
            size_mb=row.known.get("size_mb", 0),
            parts=tuple(
                BackupPart(part=part, count=len(names), names=names, restored=ROLE_OF_PART.get(part) in roles)
                for part, names in contents.items()
            ),
            seen_at=row.seen_at,
            proven=row.known.get("proven"),
            tried=row.known.get("tried"),
        )


ALERT_LIMIT = 100


def unsaved(now: datetime) -> Iterator[Attention]:
    """Services with an account that its node has no young enough backup of, the longest without one first. Only what a
    node has been asked about counts, and only where the service may have backups."""
    max_age = _max_age()
    oldest = now - timedelta(hours=max_age)
    columns = (Account.id, Account.roles, Account.backup_at, Account.username)
    stale = (Account.backup_at < oldest) | (Account.backup_at.is_null() & (Service.created_at < oldest))
    query = (
        Account.select(
            *columns, Service.id, Service.domain, Service.mode, Service.limits, Service.created_at, Server.name
        )
        .join_from(Account, Service)
        .join_from(Account, Server)
        .where(Account.backups_read_at.is_null(False), stale, Service.status.in_(SAVED))
        .order_by(Account.backup_at.asc(nulls="first"), Account.id)
    )
    told: set[int] = set()
    for row in query.iterator():
        if len(told) == ALERT_LIMIT:
            return
        service = row.service
        roles = frozenset(Role(role) for role in row.roles)
        limits, since = resolve_limits(service.limits, {}), row.backup_at or service.created_at
        _, most = kept_archives(roles, limits, combined=is_combined(service.mode, roles))
        late = now - since > timedelta(hours=too_old(limits.text("backup_every"), max_age))
        if most == 0 or not late or service.id in told:
            continue
        told.add(service.id)
        age = f"its newest backup is {_days(now - since)} old" if row.backup_at else "it has no backup"
        text = f"{row.server.name}: {age} ({row.username}); take one: hostdeck service add backup {service.domain}"
        yield Attention(level="WARN", kind="service", id=service.id, what=service.domain, text=text, since=since)


def _max_age() -> float:
    """Hours, as set."""
    row = Setting.get_or_none(Setting.key == "backup.max_age")
    return float(row.value if row else SETTING_BY_KEY["backup.max_age"].default)


def _days(age: timedelta) -> str:
    hours = int(age.total_seconds()) // 3600
    return f"{hours} h" if hours < 72 else f"{hours // 24} days"


def _roles(row: Item) -> frozenset[str]:
    """All that the account is for in which the archive was taken."""
    for account in Account.select().where(Account.service == row.service_id, Account.server == row.server_id):
        if backup_role(account.roles) == row.wanted.get("role"):
            return frozenset(account.roles)
    return frozenset()


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
