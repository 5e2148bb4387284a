"""Tasks, their logs, and the settings."""

from __future__ import annotations

from datetime import datetime

from peewee import fn

from hostdeck.core.domain.offers import Failed, offers
from hostdeck.core.domain.settings_keys import PER_ACTION, SETTING_KEYS
from hostdeck.core.domain.vocabulary import DONE, FINAL, TaskStatus
from hostdeck.core.errors import NotFound
from hostdeck.core.queries.rows import actions_labelled, like, task_fields, task_query, task_rows, utc
from hostdeck.core.queries.views import LogLine, LogPage, SettingRow, TaskDetail, TaskRow
from hostdeck.core.store.asked import asker
from hostdeck.core.store.fleet_models import Server, Setting
from hostdeck.core.store.work_models import Run, Service, Task, TaskAfter, TaskLog


def tasks(
    service: int | None = None,
    server: str | None = None,
    status: TaskStatus | str | None = None,
    search: str = "",
    limit: int = 500,
    *,
    now: datetime | None = None,
) -> tuple[TaskRow, ...]:
    """Newest first; `search` is found in target, action, label, domain, server and error, as it is."""
    query = task_query()
    if service is not None:
        query = query.where(Task.service == service)
    if server is not None:
        query = query.where(Server.name == server)
    if status is not None:
        query = query.where(Task.status == TaskStatus(status))
    if search:
        columns = (Task.target, Task.action, Service.domain, Server.name, Task.error)
        found = Task.action.in_(actions_labelled(search))
        for column in columns:
            found = found | like(column, search)
        query = query.where(found)
    return task_rows(query.order_by(Task.id.desc()).limit(limit), utc(now))


def task(n: int, *, now: datetime | None = None) -> TaskDetail:
    row = task_query().where(Task.id == n).dicts().first()
    if row is None:
        raise _missing(n)
    needed = (
        TaskAfter.select(TaskAfter.needs)
        .join(Task, on=(TaskAfter.needs == Task.id))
        .where(TaskAfter.task == n, Task.status.not_in(DONE))
        .order_by(TaskAfter.needs)
    )
    shown = task_fields(row, utc(now))
    failed = Failed(task=n, **{key: shown[key] for key in ("action", "target", "service", "domain", "server")})
    return TaskDetail(
        **shown,
        offers=offers(failed, shown["status"], shown["error"]),
        asked=asker(Run.select(Run.asked).where(Run.id == row["run"]).scalar()),
        run=row["run"],
        waits_for=tuple(needs for (needs,) in needed.tuples()),
        log_lines=TaskLog.select(fn.COUNT(TaskLog.seq)).where(TaskLog.task == n).scalar(),
    )


def timeline(service_id: int, *, now: datetime | None = None) -> tuple[TaskRow, ...]:
    """Every task the service ever had, oldest first."""
    return task_rows(task_query().where(Task.service == service_id).order_by(Task.id), utc(now))


def log_after(task_id: int, last: int, limit: int = 500) -> LogPage:
    """The lines that follow line `last`. A page shorter than `limit` of an ended task is the last one."""
    # The status first: a task that ends between the two reads has then written all the lines that the second sees.
    status = Task.select(Task.status).where(Task.id == task_id).scalar()
    if status is None:
        raise _missing(task_id)
    query = TaskLog.select().where(TaskLog.task == task_id, TaskLog.seq > last).order_by(TaskLog.seq).limit(limit)
    lines = tuple(
        LogLine(seq=line.seq, attempt=line.attempt, at=line.at, stream=line.stream, text=line.text) for line in query
    )
    return LogPage(lines=lines, final=TaskStatus(status) in FINAL and len(lines) < limit)


def settings() -> tuple[SettingRow, ...]:
    """Every setting, and after each what is set for one action alone."""
    stored = dict(Setting.select(Setting.key, Setting.value).tuples())
    rows = []
    for spec in SETTING_KEYS:
        value = stored.get(spec.key, spec.default)
        rows.append(SettingRow(key=spec.key, value=value, default=spec.default, hint=spec.hint))
        if spec.key in PER_ACTION:
            rows += [
                SettingRow(key=key, value=own, default="", hint="for this action alone")
                for key, own in sorted(stored.items())
                if key.startswith(f"{spec.key}.")
            ]
    return tuple(rows)


def _missing(task_id: int) -> NotFound:
    return NotFound("task", f"there is no task {task_id}; see 'hostdeck task list'")
