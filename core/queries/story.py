"""What all tasks of one service have written, as one log: lines of every server in the order they came."""

from __future__ import annotations

from datetime import datetime

from hostdeck.core.domain.order_plan import View
from hostdeck.core.domain.vocabulary import Stream
from hostdeck.core.queries.services import service_id
from hostdeck.core.store.db import connection
from hostdeck.core.store.fleet_models import Server
from hostdeck.core.store.work_models import Task, TaskLog

TASKS = 60
"""The newest tasks whose lines are looked at: older ones have logs of their own."""


class StoryLine(View):
    """`seq` counts within its task; a task of no server has none."""

    task: int
    seq: int
    at: datetime
    server: str | None
    stream: Stream
    text: str


def story(key: int | str, limit: int = 500) -> tuple[StoryLine, ...]:
    """The last lines, oldest first."""
    with connection():
        mine = Task.select(Task.id).where(Task.service == service_id(key)).order_by(Task.id.desc()).limit(TASKS)
        ids = [task.id for task in mine]
        columns = (TaskLog.task, TaskLog.seq, TaskLog.at, TaskLog.stream, TaskLog.text)
        query = TaskLog.select(*columns, Server.name.alias("server")).join(Task).left_outer_join(Server)
        newest = query.where(TaskLog.task.in_(ids)).order_by(TaskLog.at.desc(), TaskLog.task.desc(), TaskLog.seq.desc())
        lines = [StoryLine(**line) for line in newest.limit(limit).dicts()]
    return tuple(reversed(lines))
