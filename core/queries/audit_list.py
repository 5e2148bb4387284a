"""Who wanted what, by windows."""

from __future__ import annotations

from datetime import datetime
from functools import cache

from hostdeck.core.domain.windows import Asked, Window
from hostdeck.core.queries.narrowed import Listed, all_of, any_of, holds
from hostdeck.core.queries.rows import utc
from hostdeck.core.queries.views import AuditRow
from hostdeck.core.store.fleet_models import Audit


def audit_window(asked: Asked, *, now: datetime | None = None) -> Window[AuditRow]:
    """`by: wish: object: result:` and `age:` are its qualifiers; the newest stands first."""
    conditions = _audit().conditions(asked.text, utc(now))
    kept = Audit.select().where(all_of(conditions)) if conditions else Audit.select()
    lines = kept.order_by(*_audit().order(asked.order)).limit(asked.limit).offset(asked.first)
    total = Audit.select().count()
    rows = tuple(
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
    return Window(rows, asked, kept.count() if conditions else total, total, keys=_audit().qualifiers)


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
