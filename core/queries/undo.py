"""What undoing would take back, to be read before it is done."""

from __future__ import annotations

from datetime import datetime

from hostdeck.core.domain.order_plan import View
from hostdeck.core.queries.rows import task_query, task_rows, utc
from hostdeck.core.queries.views import TaskRow
from hostdeck.core.store.db import connection
from hostdeck.core.store.fleet_models import Audit
from hostdeck.core.store.undo import last_wish, not_begun, queued_by
from hostdeck.core.store.work_models import Task

SHOWN = 200


class Undoable(View):
    """A wish, by its line of the audit. `cancels` have not begun, `stays` have; of many the first."""

    wish: int
    actor: str
    intent: str
    object: str
    at: datetime
    cancels: tuple[TaskRow, ...]
    stays: tuple[TaskRow, ...]
    count: int


def undoable(actor: str, *, wish: int | None = None, now: datetime | None = None) -> Undoable | None:
    """Their last wish, or the one of that number, whoever's; None where there is none. `count` is 0 where all of it has
    begun."""
    with connection():
        line = last_wish(actor) if wish is None else Audit.get_or_none(Audit.id == wish)
        if line is None:
            return None
        moment, mine, fresh = utc(now), queued_by(line), not_begun()
        cancels = task_query().where(mine, fresh).order_by(Task.id).limit(SHOWN)
        stays = task_query().where(mine, ~fresh).order_by(Task.id).limit(SHOWN)
        return Undoable(
            wish=line.id,
            actor=line.actor,
            intent=line.intent,
            object=line.object,
            at=line.at,
            cancels=task_rows(cancels, moment),
            stays=task_rows(stays, moment),
            count=Task.select().where(mine, fresh).count(),
        )
