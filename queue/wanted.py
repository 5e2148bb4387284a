"""An item's row as its step sees it, with what is sealed in it opened."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from hostdeck.core.domain.item_specs import spec_of
from hostdeck.core.domain.items import ItemStatus
from hostdeck.core.domain.vocabulary import ServiceStatus
from hostdeck.core.steps.base import WantedItem
from hostdeck.core.store.item_models import Item
from hostdeck.core.store.seal import unseal
from hostdeck.core.transport.base import Secret

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey


def wanted_item(
    number: int, service: int | None, private: X25519PrivateKey, hide: Callable[[str], None]
) -> WantedItem | None:
    """None where the row has gone, or is another service's; `hide` keeps what was sealed out of the log."""
    row = Item.get_or_none(Item.id == number, Item.service == service)
    if row is None:
        return None
    opened = unseal(private, "item", row.uuid, "secret", row.secret) if row.secret else None
    if opened is not None:
        hide(opened)
    return WantedItem(
        id=row.id,
        kind=row.kind,
        name=row.name,
        wanted=spec_of(row.kind, row.wanted),
        known=row.known,
        ours=row.ours,
        removing=row.status is ItemStatus.REMOVING,
        password=None if opened is None else Secret(opened),
        sealed=row.secret,
        closed=row.service.status in (ServiceStatus.SUSPENDING, ServiceStatus.SUSPENDED),
    )
