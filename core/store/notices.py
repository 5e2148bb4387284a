"""The outbox of messages about tickets: who may send which one, and what became of it.

A message is delivered at least once to each address: a worker takes it by compare-and-set and holds it for HOLD
seconds; should it die in between, another sends it again after that time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from hostdeck.core.domain.tickets import Event
from hostdeck.core.store.db import transaction
from hostdeck.core.store.work_models import Notice

HOLD = 300.0
"""Seconds for which a message is the sender's alone: longer than any address takes to answer or to time out."""

KEPT = 24 * 3600.0
"""Seconds after which a message is old news and stays unsent: addresses that are named later tell nobody of last
month."""

LIMIT = 1000


@dataclass(frozen=True, slots=True)
class TakenNotice:
    """One message for one address, to be sent now by whoever holds this. `place` counts from 1 in the settings'
    `notify`; `attempt` too, and is the fence of what is written afterwards."""

    id: int
    attempt: int
    place: int
    event: Event
    title: str
    body: str


def address(places: int, now: datetime) -> None:
    """Makes of each fresh message one row for each address, so that one that fails is tried again alone: the row of
    `opened` becomes `opened:1`, `opened:2`, …"""
    for notice in _live(now, ~Notice.event.contains(":")):
        with transaction():
            first = Notice.update(event=f"{notice.event}:1")
            if not first.where(Notice.id == notice.id, Notice.event == notice.event).execute():
                continue  # another worker has done it
            for place in range(2, places + 1):
                Notice.create(
                    ticket=notice.ticket_id, event=f"{notice.event}:{place}", title=notice.title, body=notice.body,
                    created_at=notice.created_at,
                )  # fmt: skip


def take(attempts: int, now: datetime) -> TakenNotice | None:
    """The oldest due message, which is then this caller's for HOLD seconds; None when nothing is due. `attempts` is
    how often a message is tried. To one address the messages about one ticket go in their order."""
    seen: set[tuple[int, str]] = set()
    for notice in _live(now, Notice.event.contains(":") & (Notice.attempts < attempts)):
        event, _, place = notice.event.partition(":")
        first = (notice.ticket_id, place) not in seen
        seen.add((notice.ticket_id, place))
        if not first or not _is_due(notice, now):
            continue
        taking = Notice.update(attempts=Notice.attempts + 1, not_before=now + timedelta(seconds=HOLD))
        fence = (Notice.id == notice.id) & (Notice.attempts == notice.attempts) & Notice.sent_at.is_null()
        if taking.where(fence).execute():
            number = notice.attempts + 1
            return TakenNotice(notice.id, number, int(place), Event(event), notice.title, notice.body)
    return None


def sent(held: TakenNotice, now: datetime) -> bool:
    """False when somebody else has taken it meanwhile; then nothing was written."""
    return _write(held, sent_at=now, not_before=None, error=None)


def failed(held: TakenNotice, error: str, again: datetime | None) -> bool:
    """`again` None: it is given up, and the error stays in the row."""
    return _write(held, not_before=again, error=error)


def _write(held: TakenNotice, **values: object) -> bool:
    fence = (Notice.id == held.id) & (Notice.attempts == held.attempt) & Notice.sent_at.is_null()
    return bool(Notice.update(**values).where(fence).execute())


def _live(now: datetime, which: Any) -> list[Notice]:
    # A list: a write while rows are still being read fails at once on SQLite when another has written in between.
    young = Notice.created_at > now - timedelta(seconds=KEPT)
    return list(Notice.select().where(Notice.sent_at.is_null(), young, which).order_by(Notice.id).limit(LIMIT))


def _is_due(notice: Notice, now: datetime) -> bool:
    # Further ahead than any wait: somebody has moved the clock.
    far = now + timedelta(seconds=KEPT)
    return notice.not_before is None or notice.not_before <= now or notice.not_before > far
