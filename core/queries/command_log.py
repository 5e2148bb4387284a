"""Every command that was sent to a node, across all tasks: what, where, and how it ended."""

from __future__ import annotations

import re
from datetime import datetime

from peewee import JOIN

from hostdeck.core.domain.order_plan import View
from hostdeck.core.domain.vocabulary import Stream
from hostdeck.core.store.fleet_models import Server
from hostdeck.core.store.work_models import Task, TaskLog

END = re.compile(r"exit (?P<exit>\d+) after (?P<seconds>[0-9.]+) s")
"""What the guard notes when a command has ended."""


class SentCommand(View):
    """`exit` and `seconds` are None while it runs, or where its end was never learnt; secrets were masked when it was
    logged."""

    task: int
    seq: int
    at: datetime
    server: str | None
    text: str
    exit: int | None = None
    seconds: float | None = None


def commands(limit: int = 500) -> tuple[SentCommand, ...]:
    """The commands of the tasks that are under way or ended last, the newest first. An old task that was retried just
    now is one of these, whatever its number."""
    begun = Task.select(Task.id).where(Task.started_at.is_null(False))
    under_way = begun.where(Task.finished_at.is_null()).order_by(Task.started_at.desc()).limit(limit)
    ended = begun.where(Task.finished_at.is_null(False)).order_by(Task.finished_at.desc()).limit(limit)
    tasks = [number for query in (under_way, ended) for (number,) in query.tuples()]
    columns = (TaskLog.task, TaskLog.seq, TaskLog.at, TaskLog.stream, TaskLog.text, Server.name.alias("server"))
    lines = TaskLog.select(*columns).join(Task).join(Server, JOIN.LEFT_OUTER, on=(Task.server == Server.id))
    telling = (TaskLog.stream == Stream.COMMAND) | ((TaskLog.stream == Stream.NOTE) & TaskLog.text.startswith("exit "))
    newest = lines.where(TaskLog.task.in_(tasks), telling).order_by(TaskLog.at.desc(), TaskLog.seq.desc())
    found, ends = [], {}
    # By number, whatever the clock did: an end belongs to the command before it.
    for line in sorted(newest.limit(2 * limit).dicts(), key=lambda line: (line["task"], line["seq"]), reverse=True):
        if line["stream"] is Stream.NOTE:
            ends[line["task"]] = END.fullmatch(line["text"])
            continue
        end = ends.pop(line["task"], None)
        found.append(
            SentCommand(
                task=line["task"],
                seq=line["seq"],
                at=line["at"],
                server=line["server"],
                text=line["text"],
                exit=int(end["exit"]) if end else None,
                seconds=float(end["seconds"]) if end else None,
            )
        )
    return tuple(sorted(found, key=lambda sent: (sent.at, sent.task, sent.seq), reverse=True)[:limit])
