"""The one mailbox of a sold name: its row here, for as long as a password is on its way to it."""

from __future__ import annotations

from hostdeck.core.domain.action_args import SoldPasswordArgs
from hostdeck.core.domain.action_names import Action
from hostdeck.core.domain.item_specs import MailboxSpec
from hostdeck.core.domain.items import ItemKind
from hostdeck.core.domain.pipeline import PlannedTask
from hostdeck.core.domain.text import safe
from hostdeck.core.errors import NotFound
from hostdeck.core.intents.inside import begin
from hostdeck.core.intents.standing import slot_of
from hostdeck.core.store.item_models import Item
from hostdeck.core.store.work_models import Service


def sold_mailbox(row: Service, key: str) -> Item:
    """The row of the mailbox that `key` names (or that there is, where it is empty)."""
    slot = slot_of(row)
    names = {"", slot.name, slot.domain, f"{slot.name}@{slot.parent}"} if slot else set()
    if slot is None or key.strip().lower() not in names:
        raise NotFound("mailbox", f"{row.domain} has no mailbox '{safe(key)}'")
    item = Item.get_or_none(Item.service == row, Item.kind == ItemKind.MAILBOX)
    if item is None:
        spec = MailboxSpec(quota=row.limits.get("vanity_mail_quota", "unlimited"))
        item = Item.create(
            service=row, server=slot.mail_server.id, kind=ItemKind.MAILBOX, name=slot.name, ours=True,
            wanted=spec.model_dump(mode="json"),
        )  # fmt: skip
    found: Item = item
    return found


def send_password(row: Service, item: Item) -> int:
    """The one task that sets what is sealed in the row. Returns its id."""
    slot = slot_of(row)
    assert slot is not None
    args = SoldPasswordArgs(row=item.id, user=slot.mail_user, parent=slot.parent, account=slot.name)
    target = f"{item.kind} #{item.id}"
    planned = PlannedTask(f"item.{item.id}", Action.MAIL_SET_PASSWORD, target, slot.mail_server, args)
    return begin(row, (planned,))[0]
