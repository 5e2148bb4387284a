"""Where each finding goes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from hostdeck.core.domain.findings import AccountGone, DkimKnown, Finding, HealthRead, Quarantine, ZoneServed
from hostdeck.core.domain.vocabulary import HealthState, RunKind, ServerStatus
from hostdeck.core.domain.zone_template import DEFAULT, dkim_lines, dkim_records
from hostdeck.core.store.capacity import release_slot
from hostdeck.core.store.fleet_models import Server
from hostdeck.core.store.work_models import Account, Record, Run, Task, Zone, ZoneDeploy


def keep(task: Task, finding: Finding, now: datetime) -> None:
    """Writes one finding of a task; the caller's transaction is open."""
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
        case HealthRead(facts, error):
            state = HealthState.ERROR if error else HealthState.OK
            values: dict[str, Any] = {"health": state, "health_error": error, "collected_at": now}
            if facts:
                values["health_facts"] = facts
            Server.update(**values).where(Server.id == task.server_id).execute()
        case Quarantine(reason):
            Server.update(
                status=ServerStatus.QUARANTINED, health=HealthState.ERROR, health_error=reason, collected_at=now
            ).where(Server.id == task.server_id).execute()


def _forget_account(task: Task, user: str) -> None:
    """A terminated account gives its slot and its name back; one that a hard redeploy builds anew keeps both."""
    if task.run.kind is not RunKind.TERMINATE:
        return
    account = Account.get_or_none(
        Account.service == task.service_id, Account.server == task.server_id, Account.username == user
    )
    if account is not None:
        release_slot(account.id)
        account.delete_instance()


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
