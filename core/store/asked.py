"""Whose wish a run was: the line of the audit in whose transaction it is written. What hostdeck begins by itself is
nobody's.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from hostdeck.core.domain.askers import AskedBy
from hostdeck.core.store.fleet_models import Audit

_line: ContextVar[int | None] = ContextVar("asked", default=None)


def asked() -> int | None:
    """The id of the audit line of the wish that is being carried out, if one is."""
    return _line.get()


@contextmanager
def asked_by(line: int) -> Iterator[None]:
    """Runs that are written from here on are that line's; a wish within a wish is the outer one's."""
    if _line.get() is not None:
        yield
        return
    token = _line.set(line)
    try:
        yield
    finally:
        _line.reset(token)


def asker(line: int | None) -> AskedBy | None:
    """Who that line is of; None for what nobody asked for."""
    row = None if line is None else Audit.get_or_none(Audit.id == line)
    return row and AskedBy(actor=row.actor, intent=row.intent, at=row.at)
