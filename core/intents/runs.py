"""A service's next run: what is left of the one before it is stopped, and the new tasks are written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from hostdeck.core.domain.action_args import CertificateArgs, ItemArgs, SoldPasswordArgs
from hostdeck.core.domain.actions import ACTIONS
from hostdeck.core.domain.pipeline import PlannedTask
from hostdeck.core.domain.settings_keys import SETTING_BY_KEY
from hostdeck.core.domain.vocabulary import PENDING, RunKind, TaskStatus
from hostdeck.core.store import certificates, changes, items, runs
from hostdeck.core.store.db import LOCKED, is_postgres
from hostdeck.core.store.due import release
from hostdeck.core.store.fields import utcnow
from hostdeck.core.store.fleet_models import Server, Setting
from hostdeck.core.store.work_models import Run, Service, Task, TaskAfter

Expects = Mapping[str, list[str]]


def hold_servers(servers: Iterable[int]) -> None:
    """All that will be held, at once and in their order: whoever takes some and then others waits for ever for somebody
    who does so the other way round."""
    if is_postgres():
        wanted = Server.select(Server.id).where(Server.id.in_(sorted(servers)))
        list(wanted.order_by(Server.id).for_update(LOCKED))


def hold(service: Service, servers: Iterable[int]) -> Service:
    """From here on nobody else moves a task of the service's current run, or begins another. Servers first, then the
    run, as whoever settles a task does; SQLite's write lock covers it. Returns the service as it then is: another may
    have begun a run of it meanwhile."""
    if not is_postgres():
        return service
    hold_servers(servers)
    now: Service = Service.get_by_id(service.id)
    list(Run.select(Run.id).where(Run.id == now.run).for_update(LOCKED))
    return now


def stop_run(run_id: int | None) -> int:
    """Cancels what has not begun; what runs on a node ends its command and stops there. Returns how many."""
    if run_id is None:
        return 0
    left = Task.run == run_id
    stopped = (
        Task.update(status=TaskStatus.CANCELLED, error="another run took its place", finished_at=utcnow())
        .where(left, Task.status.in_(list(PENDING)))
        .execute()
    )
    certificates.stopped(run_id, utcnow())
    items.stopped(run_id)
    release(run_id)
    changes.overtake(run_id)
    running = Task.update(cancel_asked=True).where(left, Task.status == TaskStatus.RUNNING).execute()
    runs.close_run(run_id, utcnow())
    return int(stopped) + int(running)


def begin_run(
    service: Service,
    kind: RunKind,
    tasks: Sequence[PlannedTask],
    expects: Expects | None = None,
    detail: dict[str, Any] | None = None,
) -> int:
    """Makes a new run the service's current one, and its status what follows. `expects`: the commands of the plan it
    was accepted with, by key; `detail` is what the run has to know besides. Returns the run's id."""
    run = Run.create(kind=kind, service=service, detail=detail)
    Service.update(run=run.id).where(Service.id == service.id).execute()
    write_tasks(service, run, tasks, expects)
    runs.refresh_service(service.id)
    return int(run.id)


def write_tasks(
    service: Service, run: Run, tasks: Sequence[PlannedTask], expects: Expects | None = None, *, edits: bool = False
) -> None:
    """`edits`: what is there may be changed again before these have run."""
    attempts = _attempts()
    ids: dict[str, int] = {}
    for planned in tasks:
        spec = ACTIONS[planned.action]
        task = Task.create(
            run=run,
            service=service,
            server=planned.server.id,
            action=planned.action,
            target=planned.target,
            args=planned.args.model_dump(mode="json"),
            expects=(expects or {}).get(planned.key),
            changing=spec.changing,
            follow_up=planned.follow_up,
            lane=planned.lane,
            edition=run.id if edits else 0,
            status=TaskStatus.WAITING if planned.after else TaskStatus.QUEUED,
            max_attempts=attempts(planned),
        )
        ids[planned.key] = task.id
        if isinstance(planned.args, CertificateArgs):
            certificates.expect(service.id, planned.server.id, planned.args)
        if isinstance(planned.args, ItemArgs):
            items.expect(planned.args.item, task.id)
        if isinstance(planned.args, SoldPasswordArgs):
            items.expect(planned.args.row, task.id)
        for key in planned.after:
            TaskAfter.create(task=task, needs=ids[key])


def _attempts() -> Callable[[PlannedTask], int]:
    """What is set for the action alone, else a follow-up's own number, else what is set for all."""
    key = "retry.attempts"
    rows = Setting.select().where(Setting.key.startswith(key))
    given = {row.key: int(float(row.value)) for row in rows}
    general = given.get(key, int(SETTING_BY_KEY[key].default))

    def of(planned: PlannedTask) -> int:
        own = ACTIONS[planned.action].max_attempts if planned.follow_up else general
        return given.get(f"{key}.{planned.action}", own)

    return of
