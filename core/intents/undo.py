"""Taking back what one's own last wish has queued and nobody has begun. What has begun stays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hostdeck.core.domain.vocabulary import FINAL, RunKind, ServiceStatus, TaskStatus
from hostdeck.core.domain.wishes import RUN_OF
from hostdeck.core.errors import Conflict, NotFound
from hostdeck.core.intents.base import Door
from hostdeck.core.intents.runs import hold_servers, stop_run
from hostdeck.core.store import certificates, changes, items, runs
from hostdeck.core.store.capacity import release_slot
from hostdeck.core.store.db import LOCKED, is_postgres
from hostdeck.core.store.due import release
from hostdeck.core.store.fields import utcnow
from hostdeck.core.store.fleet_models import Audit
from hostdeck.core.store.undo import not_begun, queued_by, runs_of
from hostdeck.core.store.work_models import Account, Run, Service, Task, VanitySlot, Zone, ZoneDeploy

WISHES = frozenset(RUN_OF.values())
ZONE_EDITS = ("zone.edit", "zone.undo", "record.import")


@dataclass(frozen=True, slots=True)
class Undone:
    """`cancelled` are the tasks that will not run, `stays` those that had begun; `became` says what of the service."""

    cancelled: tuple[int, ...]
    stays: tuple[int, ...]
    became: str


def undo(door: Door, wish: int) -> Undone:
    """Cancels what the wish of that line of the audit has queued and has not begun. A service goes on as if nothing had
    been wished; an order of which nothing has begun is gone. Conflict [UNDO_OTHER] where it is somebody else's wish,
    [UNDO_BEGUN] where nothing is left to be taken back, [UNDO_ZONE] for edits of a zone, which have an undo of their
    own."""
    with door.change("wish.undo", f"wish #{wish}") as change:
        line = Audit.get_or_none(Audit.id == wish)
        if line is None:
            raise NotFound("undo", f"there is no wish #{wish}")
        change.object = f"{line.intent} {line.object}"
        _refuse(door, line)
        _hold(line)
        waiting = [task.id for task in Task.select(Task.id).where(queued_by(line), not_begun()).order_by(Task.id)]
        if not waiting:
            raise Conflict("undo", f"all of {line.intent} {line.object} has begun or ended already", "UNDO_BEGUN")
        began = Task.select(Task.id).where(queued_by(line), Task.id.not_in(waiting)).order_by(Task.id)
        stays = tuple(task.id for task in began)
        became = _take_back(line, waiting, stays, f"undone by {door.actor}", utcnow())
        change.result = became
        change.detail = {"tasks": waiting, "stays": list(stays)}
        return Undone(tuple(waiting), stays, became)


def _refuse(door: Door, line: Audit) -> None:
    if line.actor != door.actor[:128]:
        raise Conflict(
            "undo", f"{line.intent} {line.object} was {line.actor}'s wish; it is theirs to undo", "UNDO_OTHER"
        )
    if line.intent in ZONE_EDITS:
        text = "edits of a zone are taken back on its service's DNS tab (z), which publishes the zone as it was"
        raise Conflict("undo", text, "UNDO_ZONE")


def _hold(line: Audit) -> None:
    """All servers, then all runs, each in their order."""
    if not is_postgres():
        return
    rows = list(Task.select(Task.server_id, Task.run_id).where(queued_by(line)).tuples())
    hold_servers({server for server, _ in rows if server is not None})
    wanted = Run.select(Run.id).where(Run.id.in_({run for _, run in rows})).order_by(Run.id)
    list(wanted.for_update(LOCKED))


def _take_back(line: Audit, waiting: Sequence[int], stays: Sequence[int], why: str, now: datetime) -> str:
    rows = runs_of(line)
    wish = next((run for run in rows if run.kind in WISHES), None)
    if wish is None or stays or Service.get_by_id(wish.service_id).run != wish.id:
        _cancel(rows, waiting, why, now)
        return "cancelled what had not begun"
    service = Service.get_by_id(wish.service_id)
    if line.intent == "service.create":
        return _forget_order(service, why, now)
    if "before" not in (wish.detail or {}):
        _cancel(rows, waiting, why, now)
        return f"{service.domain} waits for another wish"
    _mark_cancelled(waiting, why, now)
    runs.close_run(wish.id, now)
    changes.take_back(wish, now)
    items.give_back(waiting, wish.detail.get("items", {}), why)
    runs.refresh_service(service.id)
    return f"{service.domain} is {Service.get_by_id(service.id).status} as before"


def _mark_cancelled(waiting: Sequence[int], why: str, now: datetime) -> None:
    Task.update(status=TaskStatus.CANCELLED, error=why, finished_at=now).where(Task.id.in_(waiting)).execute()


def _cancel(rows: Sequence[Run], waiting: Sequence[int], why: str, now: datetime) -> None:
    """Each on its own, with all that follows from it. Without `rows` the tasks were there before the wish, and so were
    their items."""
    before: dict[str, Any] = {}
    for run in rows:
        before |= (run.detail or {}).get("items", {})
        if run.kind is RunKind.BULK:
            Run.update(detail=run.detail | {"undone": True}).where(Run.id == run.id).execute()
    _mark_cancelled(waiting, why, now)
    for number in waiting:
        runs.follow(Task.get_by_id(number), now)
    if rows:
        items.give_back(waiting, before, why)
    for run in {Task.get_by_id(number).run_id for number in waiting}:
        release(run)


def _forget_order(service: Service, why: str, now: datetime) -> str:
    """Nothing of it is on any node, so nothing has to be removed there: its places and its name are free again."""
    moving = Task.select(Task.run).where(Task.service == service, Task.status.not_in(list(FINAL)))
    for run in sorted({task.run_id for task in moving}):
        stop_run(run)
    mine = Task.service == service, Task.status == TaskStatus.CANCELLED
    Task.update(error=why).where(*mine).execute()
    for account in Account.select().where(Account.service == service):
        certificates.gone(service.id, account.server_id, for_good=True)
        release_slot(account.id)
        account.delete_instance()
    ZoneDeploy.delete().where(ZoneDeploy.zone.in_(Zone.select(Zone.id).where(Zone.service == service))).execute()
    VanitySlot.delete().where(VanitySlot.service == service).execute()
    items.terminated(service.id)
    Service.update(status=ServiceStatus.TERMINATED, error=None).where(Service.id == service.id).execute()
    return f"the order of {service.domain} is gone; its name is free"
