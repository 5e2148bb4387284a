"""The Huey instance: it carries an integer from the doorbell to a worker thread, nothing else.

Messages are JSON, never pickle: whoever can write the queue's file can't make the worker run code.
"""

from __future__ import annotations

import json
from typing import Any

from huey import Huey, PostgresHuey, RedisHuey, SqliteHuey
from huey.registry import Message
from huey.serializer import Serializer

from hostdeck.core.errors import Invalid
from hostdeck.core.settings import Settings, sqlite_path

IDLE_DELAY = 0.02
"""Seconds between two looks into an idle SQLite queue; 10 to 20 ms from wake to start at about 1 % of a core."""


class JsonMessages(Serializer):
    """A message is its id, its name and its arguments; every other field of Huey's is left at its default."""

    def _serialize(self, data: Any) -> bytes:
        if not isinstance(data, Message):
            raise TypeError("only wake-ups travel through the queue")
        return json.dumps({"id": data.id, "name": data.name, "args": list(data.args)}).encode()

    def _deserialize(self, data: bytes) -> Message:
        said = json.loads(data)
        return Message(
            str(said["id"]), str(said["name"]), retries=0, retry_delay=0, args=tuple(said["args"]), kwargs={}
        )


def make_huey(settings: Settings) -> Huey:
    """Huey's own storage on the queue's address; on SQLite in a file of its own, because its tables have our names."""
    url = settings.queue
    common: dict[str, Any] = {"results": False, "serializer": JsonMessages()}
    path = sqlite_path(url)
    if path is not None:
        return SqliteHuey("hostdeck", filename=str(path), fsync=False, strict_fifo=True, **common)
    if url.startswith(("postgresql://", "postgres://")):
        return PostgresHuey("hostdeck", dsn=url, **common)
    if url.startswith(("redis://", "rediss://")):
        return RedisHuey("hostdeck", url=url, **common)
    raise Invalid("queue_url", "use sqlite:///PATH, postgresql://… or redis://…", "SET_URL")
