"""A task's lines on their way to its log: buffered, cleared of secrets, written in batches by the claim's holder."""

from __future__ import annotations

import base64
import threading
from collections import deque
from datetime import datetime
from urllib.parse import quote

from peewee import OperationalError

from hostdeck.core.domain.vocabulary import Stream
from hostdeck.core.store import logbook
from hostdeck.core.store.fields import utcnow
from hostdeck.core.store.logbook import Entry
from hostdeck.core.store.tasks import Claim

HIDDEN = "•••"
SHORTEST = 4
"""Shorter secrets are not looked for: striking out every `a` would hide the log, not the secret."""

WEIGHT = 100
"""What a waiting line weighs beside its characters, so that a flood of empty lines has a bound too."""


class LeaseLost(Exception):
    """Another worker holds the task now; whatever this one still wanted to write is dropped."""


class LogSink:
    """`add` may be called from any thread, `flush` only from the one that holds a database connection.

    What waits is bounded by the log's cap: a node that writes faster than the database loses its oldest waiting output,
    never a command's line or a note, and one note says how much.
    """

    def __init__(self, held: Claim, attempt: int, cap: int) -> None:
        self._held = held
        self._attempt = attempt
        self._cap = cap
        self._lock = threading.Lock()
        self._waiting: deque[Entry] = deque()
        self._weight = 0
        self._spared: list[Entry] = []
        self._dropped = 0
        self._secrets: tuple[str, ...] = ()
        self._kept = logbook.size(held.task)

    def hide(self, secret: str) -> None:
        """From now on the secret, in the clear or in the usual encodings, shows as dots."""
        if len(secret) >= SHORTEST:
            raw = secret.encode()
            forms = {secret, quote(secret), base64.b64encode(raw).decode().rstrip("="), raw.hex()}
            self._secrets = tuple(sorted({*self._secrets, *forms}, key=len, reverse=True))

    def clear(self, text: str) -> str:
        """The text without any known secret."""
        for secret in self._secrets:
            text = text.replace(secret, HIDDEN)
        return text

    def add(self, stream: Stream, text: str, at: datetime | None = None) -> None:
        entry = Entry(at or utcnow(), stream, self.clear(text))
        with self._lock:
            self._waiting.append(entry)
            self._weight += len(entry.text) + WEIGHT
            while self._weight > self._cap and len(self._waiting) > 1:
                self._drop(self._waiting.popleft())

    def _drop(self, oldest: Entry) -> None:
        self._weight -= len(oldest.text) + WEIGHT
        if oldest.stream in (Stream.STDOUT, Stream.STDERR):
            self._dropped += 1
        else:
            self._spared.append(oldest)

    def _notice(self) -> list[Entry]:
        if not self._dropped:
            return []
        text = f"-- {self._dropped} lines were dropped here: they came faster than they could be written --"
        return [Entry(utcnow(), Stream.NOTE, text)]

    def flush(self) -> None:
        """Writes what has come; raises LeaseLost when the claim has passed on."""
        with self._lock:
            entries = [*self._spared, *self._notice(), *self._waiting]
            self._spared, self._dropped, self._weight = [], 0, 0
            self._waiting.clear()
        if not entries:
            return
        try:
            if not logbook.append(self._held, self._attempt, entries):
                raise LeaseLost
        except OperationalError:
            with self._lock:
                self._waiting.extendleft(reversed(entries))
                self._weight += sum(len(entry.text) + WEIGHT for entry in entries)
            raise
        self._kept += sum(len(entry.text) + 1 for entry in entries)
        if self._kept > self._cap:
            logbook.trim(self._held, self._cap * 7 // 8, utcnow())
            self._kept = logbook.size(self._held.task)
