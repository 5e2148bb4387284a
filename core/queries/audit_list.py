"""Who wanted what: the newest lines, and all of them by windows."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import cache

from hostdeck.core.domain.windows import Asked, Window
from hostdeck.core.queries.narrowed import Listed, any_of, holds, read_window
from hostdeck.core.queries.rows import utc
from hostdeck.core.queries.views import AuditRow
from hostdeck.core.store.fleet_models import Audit


def audit_window(asked: Asked, *, now: datetime | None = None) -> Window[AuditRow]:
    """`by: wish: object: result:` and `age:` are its qualifiers; the newest stands first."""
    return read_window(
        _audit(),
        Audit.select(Audit.id),
        asked,
        lambda ids: _rows(Audit.select().where(Audit.id.in_(ids))),
        now=utc(now),
        total=Audit.select().count(),
    )


def audit(limit: int = 200) -> tuple[AuditRow, ...]:
    """Newest first."""
    return _rows(Audit.select().order_by(Audit.id.desc()).limit(limit))


def _rows(lines: Iterable[Audit]) -> tuple[AuditRow, ...]:
    return tuple(
        AuditRow(
            id=line.id,
            at=line.at,
            actor=line.actor,
            intent=line.intent,
            object=line.object,
            result=line.result,
            detail=line.detail,
        )
        for line in lines
    )


@cache
def _audit() -> Listed:
    actor, intent, thing, result = (
        holds(Audit.actor),
        holds(Audit.intent),
        holds(Audit.object),
        holds(Audit.result),
    )
    return Listed(
        anywhere=any_of([actor, intent, thing, result]),
        keys={"by": actor, "wish": intent, "object": thing, "result": result},
        born=Audit.at,
        orders={"id": Audit.id, "at": Audit.id, "by": Audit.actor, "wish": Audit.intent, "object": Audit.object},
    )
