"""What the last reading of a service showed to differ."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from hostdeck.core.domain.items import ItemKind
from hostdeck.core.domain.order_plan import View
from hostdeck.core.domain.resync import Verdict, differences
from hostdeck.core.queries.services import service_id
from hostdeck.core.store.db import connection
from hostdeck.core.store.inside import last_reading, passed_over, standing_items


class DifferenceView(View):
    kind: ItemKind
    name: str
    verdict: Verdict
    item: int | None
    wanted: dict[str, Any]
    found: dict[str, Any]
    words: str


class ResyncView(View):
    """`read_at` None: never read; then nothing is known to differ."""

    service: int
    read_at: datetime | None
    differences: tuple[DifferenceView, ...]


def resync_view(key: int | str) -> ResyncView:
    """The rows of now against the newest whole reading."""
    with connection():
        number = service_id(key)
        reading = last_reading(number)
        if reading is None:
            return ResyncView(service=number, read_at=None, differences=())
        told = differences(standing_items(number), reading[0], passed_over(number))
        views = tuple(
            DifferenceView(
                kind=one.kind, name=one.name, verdict=one.verdict, item=one.item, wanted=dict(one.wanted),
                found=dict(one.found), words=one.words,
            )
            for one in told
        )  # fmt: skip
        return ResyncView(service=number, read_at=reading[1], differences=views)
