"""Having a backup proved: read to its end where it lies, or restored for trial beside the customer's account."""

from __future__ import annotations

from typing import Any

from hostdeck.core.domain.action_args import ProofArgs, TrialArgs
from hostdeck.core.domain.action_names import Action
from hostdeck.core.domain.archives import path_of
from hostdeck.core.domain.naming import mark_name, trial_name
from hostdeck.core.domain.pipeline import PlannedAccount, PlannedTask
from hostdeck.core.domain.trials import TRY
from hostdeck.core.domain.vocabulary import PENDING, Role, ServiceId, TaskStatus
from hostdeck.core.errors import Conflict
from hostdeck.core.intents.backups import SUSPENDED_TOO, account_of, backup_called
from hostdeck.core.intents.base import Door
from hostdeck.core.intents.inside import begin, held
from hostdeck.core.intents.standing import role_of
from hostdeck.core.store import trials
from hostdeck.core.store.fields import utcnow
from hostdeck.core.store.item_models import Item
from hostdeck.core.store.work_models import Service, Task

PROVE = {Role.WEB: Action.WEB_PROVE_BACKUP, Role.MAIL: Action.MAIL_PROVE_BACKUP}


def prove_backup(door: Door, service_id: int, name: str) -> tuple[int, ...]:
    """Has an archive read through where it lies; nothing is changed there, and the row says what came of it. Returns
    the task's id; Conflict [BKP_PENDING] where it was not taken yet, [BKP_ELSEWHERE] where it lies on no node of ours,
    [BKP_BUSY]."""
    with door.change("service.prove_backup", f"service #{service_id}") as change:
        service = held(service_id, also=SUSPENDED_TOO)
        row = backup_called(service, name)
        change.object = f"service #{service.id} {service.domain}"
        change.detail = {"backup": row.name}
        account, archive = account_of(service, row), _archive_here(row)
        action = PROVE[role_of(row)]
        if busy := _moving(service, Task.action == action.value, Task.target == archive):
            raise Conflict("backup", f"{archive} is being read already, task #{busy.id}; see how it ends", "BKP_BUSY")
        args = ProofArgs(user=account.username, **_of(service, account, row))
        return begin(service, (PlannedTask(f"prove.{row.id}", action, archive, account.server, args),))


def try_backup(door: Door, service_id: int, name: str) -> tuple[int, ...]:
    """Has an archive restored on the node where it lies, as a scratch user in a sandbox beside the customer's account,
    which is not touched; all of it goes again, and the row says what came of it. Returns the task's id; Conflicts as of
    `prove_backup`."""
    with door.change("service.try_backup", f"service #{service_id}") as change:
        service = held(service_id, also=SUSPENDED_TOO)
        row = backup_called(service, name)
        change.object = f"service #{service.id} {service.domain}"
        change.detail = {"backup": row.name}
        account, archive, role = account_of(service, row), _archive_here(row), role_of(row)
        trials.refuse_second(service.id, role)
        args = TrialArgs(
            user=account.username,
            trial=trial_name(ServiceId(service.id), account.nonce, role),
            since=int(utcnow().timestamp() * 1000),
            **_of(service, account, row),
        )
        return begin(service, (PlannedTask(f"try.{row.id}", TRY[role], archive, account.server, args),))


def _archive_here(row: Item) -> str:
    """The archive of a row, where it can be read on a node of ours."""
    archive = row.known.get("archive")
    if not archive:
        raise Conflict("backup", f"{row.name} has not been taken yet; see how its task ends", "BKP_PENDING")
    if path_of(row.known) is None:
        raise Conflict("backup", f"{archive} lies elsewhere than on {row.server.name}", "BKP_ELSEWHERE")
    return str(archive)


def _moving(service: Service, *which: Any) -> Task | None:
    moving = Task.status.in_([*PENDING, TaskStatus.RUNNING])
    found: Task | None = Task.get_or_none(Task.service == service, moving, *which)
    return found


def _of(service: Service, account: PlannedAccount, row: Item) -> dict[str, Any]:
    """What both are told of the archive."""
    return {
        "mark": mark_name(ServiceId(service.id), account.nonce),
        "domain": service.domain,
        "archive": row.known["archive"],
        "row": row.id,
        "contents": {part: tuple(names) for part, names in row.known.get("contents", {}).items()},
    }
