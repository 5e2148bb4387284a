"""What is known of a service's backups, without asking any node."""

from __future__ import annotations

from datetime import datetime

from hostdeck.core.domain.archives import PARTS
from hostdeck.core.domain.backups import ROLE_OF_PART, backup_role
from hostdeck.core.domain.inputs import safe
from hostdeck.core.domain.items import ItemKind
from hostdeck.core.domain.order_plan import View
from hostdeck.core.errors import NotFound
from hostdeck.core.queries.services import service_id
from hostdeck.core.store.db import connection
from hostdeck.core.store.item_models import Item
from hostdeck.core.store.work_models import Account, Service


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
        )


def _roles(row: Item) -> frozenset[str]:
    """All that the account is for in which the archive was taken."""
    for account in Account.select().where(Account.service == row.service_id, Account.server == row.server_id):
        if backup_role(account.roles) == row.wanted.get("role"):
            return frozenset(account.roles)
    return frozenset()


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
