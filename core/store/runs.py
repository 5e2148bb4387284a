"""What follows from the tasks of a run: the run's end, its follow-ups, and the status of its service.

A service's status is never set by hand; it is computed here, inside the transaction that moved a task.
"""

from __future__ import annotations

from datetime import datetime

from hostdeck.core.domain.action_names import Action
from hostdeck.core.domain.actions import label
from hostdeck.core.domain.lifecycle import TaskFacts, become_follow_ups, service_status
from hostdeck.core.domain.vocabulary import FINAL, Role, RunKind, ServerStatus, ServiceStatus, TaskId, TaskStatus
from hostdeck.core.store import bulk, certificates, items
from hostdeck.core.store.changes import settle_change
from hostdeck.core.store.db import LOCKED, is_postgres
from hostdeck.core.store.fleet_models import Server
from hostdeck.core.store.kept import Kept
from hostdeck.core.store.work_models import Run, Service, Task, VanitySlot

TROUBLED = (TaskStatus.RETRYING, TaskStatus.FAILED, TaskStatus.CANCELLED)


FOREIGN = "[OWN_FOREIGN]"
"""Somebody else's records on one nameserver are no outage of it: resolvers would be told either."""


def lock(task_id: int) -> None:
    """First thing in a transaction that moves a task: from here on nobody else moves a task of its run, or claims one
    on its server. SQLite's write lock covers it; on PostgreSQL two transactions would each see the other's task as
    it was before, and what waits for both would wait for ever. Always the server first, then the run."""
    if not is_postgres():
        return
    row = Task.select(Task.server_id, Task.run_id).where(Task.id == task_id).tuples().first()
    if row is not None:
        list(Server.select(Server.id).where(Server.id == row[0]).for_update(LOCKED))
        list(Run.select(Run.id).where(Run.id == row[1]).for_update(LOCKED))


def follow(task: Task, now: datetime) -> None:
    """Everything that follows from a task's new status, inside the transaction that gave it."""
    run = Run.get_by_id(task.run_id)
    settle_change(run, now)
    bulk.follow(run, now)
    close_run(task.run_id, now)
    if task.action == Action.SSL_SEED:
        certificates.follow(task.id, now)
    items.follow(task.id)
    if task.action == Action.WEB_CHANGE_SETTINGS and task.status in FINAL and task.service_id is not None:
        # The names of its site may be others now.
        certificates.look_again(task.service_id, Role.WEB, refused=False)
    if task.service_id is not None:
        demote(task.run_id)
        refresh_service(task.service_id)


def close_run(run_id: int, now: datetime) -> None:
    """A run has ended when none of its tasks will move again."""
    left = _LEFT.first(run=run_id) is not None
    _CLOSE.changed(run=run_id, at=None if left else Run.finished_at.db_value(now))


_LEFT = Kept(lambda run: Task.select(Task.id).where(Task.run == run, Task.status.not_in(list(FINAL))).limit(1))
_CLOSE = Kept(lambda run, at: Run.update(finished_at=at).where(Run.id == run))


def _facts(run_id: int) -> list[TaskFacts]:
    shut = {row.id for row in Server.select(Server.id).where(Server.status == ServerStatus.QUARANTINED)}
    return [
        TaskFacts(
            id=TaskId(row.id),
            action=Action(row.action),
            status=row.status,
            follow_up=row.follow_up,
            lane=row.lane,
            troubled=_is_troubled(row) or row.server_id in shut,
        )
        for row in Task.select().where(Task.run == run_id)
    ]


def _is_troubled(task: Task) -> bool:
    """A task that is taken up again because its worker died says nothing about its node."""
    lapsed = task.status is TaskStatus.RETRYING and not task.error
    return task.status in TROUBLED and not lapsed and FOREIGN not in (task.error or "")


def demote(run_id: int) -> None:
    """Lanes of nameservers in trouble become follow-ups once another nameserver answers."""
    if ids := become_follow_ups(_facts(run_id)):
        Task.update(follow_up=True).where(Task.id.in_(list(ids))).execute()


def refresh_service(service_id: int | None) -> None:
    """The service's status and error follow from the tasks of its current run; inside the caller's transaction."""
    if service_id is None:
        return
    service = Service.get_by_id(service_id)
    run = Run.get_or_none(Run.id == service.run)
    if run is None:
        return
    status = service_status(service.status, RunKind(run.kind), _facts(run.id))
    error = _first_error(run.id) if status is ServiceStatus.ERROR else None
    if (status, error) != (service.status, service.error):
        Service.update(status=status, error=error).where(Service.id == service_id).execute()
    if status is ServiceStatus.TERMINATED:
        # A sold name is free again once nothing of it is left anywhere.
        VanitySlot.delete().where(VanitySlot.service == service_id).execute()
        items.terminated(service_id)


def _first_error(run_id: int) -> str | None:
    """The failing step's own words."""
    bad = [TaskStatus.FAILED, TaskStatus.CANCELLED]
    task = (
        Task.select()
        .where(Task.run == run_id, Task.status.in_(bad), ~Task.follow_up)
        .order_by(Task.status.desc(), Task.finished_at)
        .first()
    )
    if task is None:
        return None
    server = Server.get_or_none(Server.id == task.server_id)
    where = f" on {server.name}" if server else ""
    return f"{label(task.action)}{where}: {task.error}"
