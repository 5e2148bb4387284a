"""Where each finding goes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from hostdeck.core.domain.findings import (
    AccountGone,
    BackupProven,
    BackupsListed,
    BackupTried,
    CertificateAsked,
    CertificateIssued,
    CertificateSeen,
    CertificateUnsent,
    ConfigRead,
    DkimKnown,
    FilesRead,
    Finding,
    HealthRead,
    ItemAsWanted,
    ItemGone,
    ItemNotMade,
    ItemOurs,
    ItemSending,
    NodeReached,
    NodeTrouble,
    OwnCertificateGone,
    OwnCertificateSeen,
    Quarantine,
    SlotGone,
    SlotOurs,
    Told,
    UsageRead,
    ZoneServed,
)
from hostdeck.core.domain.vocabulary import HealthState, Role, RunKind, ServerStatus
from hostdeck.core.domain.zone_template import DEFAULT, dkim_lines, dkim_records
from hostdeck.core.store import backups, breakers, certificates, configs, figures, items
from hostdeck.core.store.capacity import release_slot
from hostdeck.core.store.fleet_models import Server
from hostdeck.core.store.work_models import Account, Record, Run, Task, VanityRecord, VanitySlot, Zone, ZoneDeploy


def keep(task: Task, finding: Finding, now: datetime) -> None:
    """Writes one finding of a task; the caller's transaction is open. NotYet where the rows refuse it."""
    match finding:
        case DkimKnown(domain, text):
            zone = Zone.get_or_none(Zone.service == task.service_id, Zone.name == domain)
            if zone is not None:
                _put_dkim(zone, text)
        case ZoneServed(domain, serial):
            zone = Zone.get_or_none(Zone.service == task.service_id, Zone.name == domain)
            if zone is not None:
                deploy, _ = ZoneDeploy.get_or_create(zone=zone, server=task.server_id)
                deploy.serial, deploy.deployed_at = serial, now
                deploy.save()
        case AccountGone(user):
            _forget_account(task, user)
        case SlotOurs(role) | SlotGone(role):
            _call_ours(task, role, isinstance(finding, SlotOurs))
        case ItemOurs(number):
            items.call_ours(number, ours=True)
        case ItemNotMade(number):
            items.call_ours(number, ours=False)
        case ItemSending(number, known):
            items.sending(number, known)
        case ItemAsWanted(number, known, secret, name):
            items.as_wanted(number, known, secret, now, task.id, name)
        case ItemGone(number):
            items.gone(number)
        case BackupsListed(role, archives):
            backups.listed(task, role, archives, now)
        case BackupProven(number, proven):
            backups.proven(number, proven)
        case BackupTried(number, tried):
            backups.tried(number, tried)
        case Told(result):
            Task.update(result=_with_first_values(task.result, result)).where(Task.id == task.id).execute()
        case CertificateAsked(account, hosts):
            certificates.ask(task, account, hosts, now)
        case CertificateIssued(account, hosts):
            certificates.issued(account, hosts)
        case CertificateUnsent(account, hosts):
            certificates.unsent(account, hosts)
        case CertificateSeen():
            certificates.seen(task, finding, now)
        case OwnCertificateSeen():
            certificates.own(task, finding, now)
        case OwnCertificateGone(kind):
            certificates.own_gone(task, kind)
        case _ if task.server_id is not None:
            keep_of_node(task.server_id, finding, now)


def keep_of_node(server: int, finding: Finding, now: datetime) -> None:
    """Writes a finding that is about a node and no task; the caller's transaction is open."""
    match finding:
        case HealthRead(facts, error):
            figures.health(server, facts, error, now)
        case UsageRead():
            figures.usage(server, finding, now)
        case ConfigRead(live):
            configs.live(server, live, now)
        case FilesRead(digests):
            configs.files(server, digests, now)
        case NodeTrouble(kind, reason):
            breakers.failed(server, kind, reason, now)
        case NodeReached():
            breakers.close(server)
        case Quarantine(reason):
            Server.update(
                status=ServerStatus.QUARANTINED, health=HealthState.ERROR, health_error=reason, collected_at=now
            ).where(Server.id == server).execute()


def _with_first_values(old: dict[str, Any] | None, new: dict[str, Any]) -> dict[str, Any]:
    """The values before a change are those that the first attempt found: a later one has found half of its own work."""
    if not old or "before" not in old or "before" not in new:
        return new
    return new | {"before": new["before"] | old["before"]}


def _forget_account(task: Task, user: str) -> None:
    """A terminated account gives its slot and its name back; one that a hard redeploy builds anew keeps both."""
    for_good = task.run.kind is RunKind.TERMINATE
    certificates.gone(task.service_id, task.server_id, for_good=for_good)
    items.account_gone(task.service_id, task.server_id, for_good=for_good)
    if not for_good:
        return
    account = Account.get_or_none(
        Account.service == task.service_id, Account.server == task.server_id, Account.username == user
    )
    if account is not None:
        release_slot(account.id)
        account.delete_instance()


def _call_ours(task: Task, role: Role, ours: bool) -> None:
    slot = VanitySlot.get_or_none(VanitySlot.service == task.service_id)
    if slot is None:
        return
    if role is Role.MAIL:
        VanitySlot.update(mailbox_ours=ours).where(VanitySlot.id == slot.id).execute()
    else:
        here = (VanityRecord.slot == slot.id) & (VanityRecord.server == task.server_id)
        VanityRecord.update(ours=ours).where(here).execute()


def _put_dkim(zone: Zone, text: str) -> None:
    """Under the names that the group's template had when the service was ordered; a template without one has none."""
    for wanted in dkim_records(_dkim_lines(zone.service_id), text):
        same = (Record.zone == zone) & (Record.name == wanted.name) & (Record.type == wanted.type)
        Record.delete().where(same).execute()
        Record.create(zone=zone, name=wanted.name, type=wanted.type, value=wanted.value, ttl=wanted.ttl)


def _dkim_lines(service: int) -> list[dict[str, Any]]:
    """As the run of the order keeps them; orders before there were templates have the built-in one."""
    ordered = Run.select(Run.detail).where(Run.service == service).order_by(Run.id).first()
    kept = (ordered.detail or {}).get("dkim") if ordered else None
    return dkim_lines(DEFAULT) if kept is None else list(kept)
