"""The door every wish comes through: who asks, whether changing is allowed at all, and one audit line a change."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from hostdeck.core.errors import Conflict, Refused


class Overtaken(Conflict):
    """Another writer was quicker; a second look gives the real reason."""

    default_code = "OVERTAKEN"


@dataclass(frozen=True, slots=True)
class Door:
    """`actor` is the SSH key's fingerprint where there is one, else the Unix user; `reserved_ok` lets the demo use
    `.test` domains."""

    actor: str
    read_only: bool = False
    reserved_ok: bool = False

    @contextmanager
    def change(self, intent: str, object: str) -> Iterator[Change]:
        """One transaction with one audit line; refused when read-only, undone whole when anything raises."""
        if self.read_only:
            raise Refused(intent, "hostdeck runs read-only here; nothing can be changed", "READ_ONLY")
        # A console has its door before it has its database, which takes longer to load than its first picture may.
        from peewee import IntegrityError

        from hostdeck.core.store.asked import asked_by
        from hostdeck.core.store.db import transaction
        from hostdeck.core.store.fleet_models import Audit

        change = Change()
        try:
            with transaction():
                line = Audit.create(actor=self.actor, intent=intent, object=object[:300])
                with asked_by(line.id):
                    yield change
                line.object = (change.object or object)[:300]
                line.result = change.result
                line.detail = change.detail
                line.save()
        except IntegrityError:
            # PostgreSQL lets two transactions look at once; its unique indexes let one of them write.
            raise Overtaken(intent, "somebody else changed the same thing just now; look again") from None


@dataclass(slots=True)
class Change:
    """What the audit line will say came of it."""

    result: str = "accepted"
    object: str = ""
    detail: dict[str, Any] = field(default_factory=dict)
