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
    """The newest tasks' commands, the newest first."""
    columns = (TaskLog.task, TaskLog.seq, TaskLog.at, TaskLog.stream, TaskLog.text, Server.name.alias("server"))
    lines = TaskLog.select(*columns).join(Task).join(Server, JOIN.LEFT_OUTER, on=(Task.server == Server.id))
    telling = (TaskLog.stream == Stream.COMMAND) | ((TaskLog.stream == Stream.NOTE) & TaskLog.text.startswith("exit "))
    newest = lines.where(telling).order_by(TaskLog.task.desc(), TaskLog.seq.desc()).limit(2 * limit).dicts()
    found, ends = [], {}
    for line in newest:
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
    return tuple(sorted(found[:limit], key=lambda sent: (sent.at, sent.task, sent.seq), reverse=True))
