"""Certificates of one's own that run out: nobody renews them but their owner."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from hostdeck.core.domain.items import ItemKind, ItemStatus
from hostdeck.core.domain.vocabulary import ServiceStatus
from hostdeck.core.queries.views import Attention
from hostdeck.core.store.item_models import Item
from hostdeck.core.store.work_models import Service

SOON = timedelta(days=14)
ALERT_LIMIT = 100


def running_out(now: datetime) -> Iterator[Attention]:
    """Installed ones with a fortnight left or less, the nearest to its end first."""
    rows = (
        Item.select(Item.name, Item.known, Service.id, Service.domain)
        .join(Service)
        .where(
            Item.kind == ItemKind.CERTIFICATE.value,
            Item.status == ItemStatus.ACTIVE,
            Service.status != ServiceStatus.TERMINATED,
        )
    )
    ends = [(datetime.fromisoformat(row.known["not_after"]), row) for row in rows if row.known.get("not_after")]
    near = sorted((one for one in ends if one[0] - now < SOON), key=lambda one: one[0])
    for not_after, row in near[:ALERT_LIMIT]:
        when = f"ran out on {not_after:%Y-%m-%d}" if not_after <= now else f"runs out on {not_after:%Y-%m-%d}"
        domain = row.service.domain
        text = f"its own certificate for {row.name} {when}; add a newer one: hostdeck service add certificate {domain}"
        yield Attention(level="WARN", kind="service", id=row.service.id, what=domain, text=text, since=not_after - SOON)
