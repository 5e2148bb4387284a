"""Taking, listing, deleting and restoring backups of a service's accounts.

A unified service has one account with one set of backups; a split one has the website's and the mail domain's apart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hostdeck.core.domain.action_args import RestoreArgs
from hostdeck.core.domain.action_names import Action
from hostdeck.core.domain.archives import PARTS
from hostdeck.core.domain.backups import backup_role, kept_archives, missing_parts, parts_to_restore
from hostdeck.core.domain.item_tasks import PlacedItem, item_task
from hostdeck.core.domain.items import KINDS, ItemKind, ItemStatus
from hostdeck.core.domain.naming import mark_name
from hostdeck.core.domain.pipeline import PlannedAccount, PlannedTask
from hostdeck.core.domain.text import safe
from hostdeck.core.domain.vocabulary import PENDING, Role, ServiceId, ServiceStatus, TaskStatus
from hostdeck.core.errors import Conflict, Invalid, NotFound
from hostdeck.core.intents.base import Door
from hostdeck.core.intents.inside import begin, held
from hostdeck.core.intents.standing import role_of, standing_of
from hostdeck.core.store.backups import wished
from hostdeck.core.store.fields import utcnow
from hostdeck.core.store.item_models import Item
from hostdeck.core.store.work_models import Service, Task

SUSPENDED_TOO = (ServiceStatus.SUSPENDED,)
RESTORE = {Role.WEB: Action.WEB_RESTORE_BACKUP, Role.MAIL: Action.MAIL_RESTORE_BACKUP}


@dataclass(frozen=True, slots=True)
class BackupBegun:
    """What a wish has come to; `said` are sentences: how many archives are kept, and which one goes for it."""

    items: tuple[int, ...]
    tasks: tuple[int, ...]
    said: tuple[str, ...]


def take_backup(door: Door, service_id: int, role: Role | None = None) -> BackupBegun:
    """Of the account that holds the role, or of all that are backed up. Conflict [BKP_LIMIT] where the product lets it
    have none, [BKP_BUSY] where one is on its way already."""
    with door.change("service.take_backup", f"service #{service_id}") as change:
        service = held(service_id, also=SUSPENDED_TOO)
        change.object = f"service #{service.id} {service.domain}"
        accounts = _backed_up(service, role)
        items, tasks, said = [], [], []
        for account in accounts:
            said.append(_kept(service, account))
            item, planned = _wish(service, account)
            items.append(item)
            tasks.append(planned)
        change.detail = {"accounts": [account.username for account in accounts]}
        return BackupBegun(tuple(items), begin(service, tasks), tuple(said))


def remove_backup(door: Door, service_id: int, name: str) -> tuple[int, ...]:
    """Deletes one archive from its node for good. Returns the task's id."""
    with door.change("service.remove_backup", f"service #{service_id}") as change:
        service = held(service_id, also=SUSPENDED_TOO)
        row = backup_called(service, name)
        change.object = f"service #{service.id} {service.domain}"
        change.detail = {"backup": row.name}
        Item.update(status=ItemStatus.REMOVING).where(Item.id == row.id).execute()
        return begin(service, (_task(service, account_of(service, row), row.id, role_of(row), removing=True),))


def restore_backup(
    door: Door, service_id: int, name: str, parts: Mapping[str, str] | None = None, *, sure: bool = False
) -> tuple[int, ...]:
    """Puts back what an archive holds of the account's own roles, or only `parts` (`*` or names by part). What was made
    since and has the same name is overwritten, so `sure` must be said. Returns the task's id; Invalid [BKP_PART] for
    what is not in it, Conflict [BKP_SUSPENDED], [BKP_BUSY]."""
    with door.change("service.restore_backup", f"service #{service_id}") as change:
        service = held(service_id, also=SUSPENDED_TOO)
        change.object = f"service #{service.id} {service.domain}"
        if service.status is ServiceStatus.SUSPENDED:
            text = f"{service.domain} is suspended, and a node restores nothing of a suspended account; open it first"
            raise Conflict("service", text, "BKP_SUSPENDED")
        row = backup_called(service, name)
        account = account_of(service, row)
        wanted = checked_parts(row, account, parts or {})
        if not sure:
            text = f"add --yes to overwrite what {service.domain} has now with {row.name}; --proof shows what is in it"
            raise Invalid("confirm", text, "CONFIRM")
        _refuse_second(service, account)
        args = RestoreArgs(
            user=account.username,
            mark=mark_name(ServiceId(service.id), account.nonce),
            domain=service.domain,
            archive=row.known["archive"],
            since=int(utcnow().timestamp()),
            parts=wanted,
        )
        change.detail = {"backup": row.name, "parts": wanted}
        action = RESTORE[role_of(row)]
        return begin(service, (PlannedTask(f"restore.{row.id}", action, row.name, account.server, args),))


def checked_parts(row: Item, account: PlannedAccount, parts: Mapping[str, str]) -> dict[str, str]:
    """What a restore of this archive would be told. Conflict [BKP_PENDING] where it has not been taken yet."""
    if not row.known.get("archive"):
        raise Conflict("backup", f"{row.name} has not been taken yet; see how its task ends", "BKP_PENDING")
    wanted = parts_to_restore(account.roles, parts)
    contents = {part: tuple(row.known.get("contents", {}).get(part, ())) for part in PARTS}
    if missing := missing_parts(wanted, contents):
        raise Invalid("part", f"{row.name} holds no {safe(missing[0])}; --proof shows what is in it", "BKP_PART")
    if not any(names != "no" and contents[part] for part, names in wanted.items()):
        raise Invalid("backup", f"{row.name} holds nothing of what would be put back", "BKP_PART")
    return wanted


def backup_called(service: Service, name: str) -> Item:
    """By its name or its number. NotFound where the service has none of that name."""
    rows = Item.select().where(Item.service == service, Item.kind == ItemKind.BACKUP.value)
    wanted = name.strip().removeprefix("#")
    row: Item | None = next((row for row in rows if row.name == wanted or str(row.id) == wanted), None)
    if row is None:
        where = f"see 'hostdeck service items {service.domain} backup'"
        raise NotFound("backup", f"{service.domain} has no backup '{safe(name)}'; {where}")
    return row


def _backed_up(service: Service, role: Role | None) -> Sequence[PlannedAccount]:
    accounts = [account for account in standing_of(service).accounts if backup_role(account.roles) is not None]
    fitting = [account for account in accounts if role is None or role in account.roles]
    if not fitting:
        of = f"no {role} account" if role else "no account"
        raise Conflict("role", f"{service.domain} has {of} of its own that could be backed up", "SVC_ROLE")
    return fitting


def _kept(service: Service, account: PlannedAccount) -> str:
    """How many archives there may be, and what goes for a new one."""
    key, most = kept_archives(account.roles, standing_of(service).limits, combined=account.combined)
    if most == 0:
        text = f"{service.domain} may have no backup of {account.username}: its {key} is 0"
        raise Conflict("backup", f"{text}; give it a product with {key} of 1 or more", "BKP_LIMIT")
    rows = [row for row in _rows(service, account) if row.known.get("archive")]
    if len(rows) < most:
        return f"{account.server.name}: {most} backups of {account.username} are kept, {len(rows)} are there"
    oldest = min(rows, key=lambda row: str(row.known.get("taken_at", "")))
    return f"{account.server.name}: {most} backups of {account.username} are kept; {oldest.name} goes for the new one"


def _rows(service: Service, account: PlannedAccount) -> list[Item]:
    role = backup_role(account.roles)
    here = (Item.service == service) & (Item.server == account.server.id) & (Item.kind == ItemKind.BACKUP.value)
    return [row for row in Item.select().where(here).order_by(Item.id) if role_of(row) is role]


def _wish(service: Service, account: PlannedAccount) -> tuple[int, PlannedTask]:
    role = backup_role(account.roles)
    assert role is not None
    for row in _rows(service, account):
        if not row.known.get("archive") and row.status is ItemStatus.PENDING and _moves(row.task):
            text = f"a backup of {account.username} is on its way already, task #{row.task}; see how it ends"
            raise Conflict("backup", text, "BKP_BUSY")
    item = wished(service.id, account.server.id, role, utcnow())
    return item.id, _task(service, account, item.id, role, removing=False)


def _task(service: Service, account: PlannedAccount, item: int, role: Role, *, removing: bool) -> PlannedTask:
    spec, placed = KINDS[ItemKind.BACKUP], PlacedItem(item, ItemKind.BACKUP, role)
    action = spec.remove if removing else spec.add
    return item_task(ServiceId(service.id), service.domain, account, placed, action, ())


def account_of(service: Service, row: Item) -> PlannedAccount:
    """The account that an archive is of. Conflict [SVC_ROLE] where it stands elsewhere by now."""
    role = role_of(row)
    accounts = standing_of(service).accounts
    found = next((one for one in accounts if role in one.roles and one.server.id == row.server_id), None)
    if found is None:
        raise Conflict("backup", f"{service.domain} has no {role} account where {row.name} lies", "SVC_ROLE")
    return found


def _refuse_second(service: Service, account: PlannedAccount) -> None:
    """A node queues one restore of an account at a time (`hestia.md` 9)."""
    under_way = Task.select().where(
        Task.service == service,
        Task.server == account.server.id,
        Task.action.in_([action.value for action in RESTORE.values()]),
        Task.status.in_([*PENDING, TaskStatus.RUNNING]),
    )
    if busy := under_way.first():
        text = f"{busy.target} is being restored already, task #{busy.id}; see how it ends"
        raise Conflict("backup", text, "BKP_BUSY")


def _moves(task: int | None) -> bool:
    return Task.select().where(Task.id == task, Task.status.in_([*PENDING, TaskStatus.RUNNING])).exists()
