"""Reading what is inside a service on its nodes, and settling what differs: taken into the rows, or put right."""

from __future__ import annotations

from hostdeck.core.domain.action_args import ResyncArgs
from hostdeck.core.domain.action_names import Action
from hostdeck.core.domain.item_specs import spec_of
from hostdeck.core.domain.items import KINDS, ItemKind, ItemStatus
from hostdeck.core.domain.naming import mark_name
from hostdeck.core.domain.pipeline import PlannedTask
from hostdeck.core.domain.resync import Difference, Verdict, differences
from hostdeck.core.domain.text import safe
from hostdeck.core.domain.vocabulary import Role, ServiceId
from hostdeck.core.errors import Conflict
from hostdeck.core.intents.base import Change, Door
from hostdeck.core.intents.inside import BUILDING, begin, held
from hostdeck.core.intents.items import account_for, see_to
from hostdeck.core.intents.standing import standing_of
from hostdeck.core.store.fields import utcnow
from hostdeck.core.store.inside import last_reading, passed_over, standing_items
from hostdeck.core.store.item_models import Item
from hostdeck.core.store.work_models import Service

READ_ROLES = (Role.WEB, Role.MAIL)


def resync(door: Door, service: int) -> tuple[int, ...]:
    """One reading task an account with a website or mailboxes. Returns their ids; nothing is changed by them."""
    with door.change("service.resync", f"service #{service}") as change:
        row = held(service, also=BUILDING)
        tasks = tuple(_readings(row))
        if not tasks:
            raise Conflict("service", f"{row.domain} has neither website nor mailboxes of its own", "ITEM_ROLE_OFF")
        change.object = f"service #{row.id} {row.domain}"
        return begin(row, tasks)


def _readings(row: Service) -> list[PlannedTask]:
    tasks = []
    for account in standing_of(row).accounts:
        roles = tuple(role for role in account.roles if role in READ_ROLES)
        if roles:
            mark = mark_name(ServiceId(row.id), account.nonce)
            args = ResyncArgs(user=account.username, mark=mark, domain=row.domain, roles=roles)
            key = f"resync@{account.server.name}"
            tasks.append(PlannedTask(key, Action.SERVICE_RESYNC, account.username, account.server, args))
    return tasks


def settle(
    door: Door, service: int, *, adopt: bool, only: tuple[ItemKind, str, Verdict] | None = None
) -> tuple[Difference, ...]:
    """Settles every difference that the last reading showed, or `only` the one of that kind and name, if it still
    differs in the way that was looked at. `adopt`: the node
    is right, and the rows learn from it; else the rows are right: what is missing is made, what differs changed. What
    was made on the node alone is left there, unless it is adopted. Returns what was settled; Conflict [SYNC_NONE] where
    nothing was read, or where `only` does not differ any more."""
    with door.change("service.adopt" if adopt else "service.mend", f"service #{service}") as change:
        row = held(service, also=BUILDING)
        reading = last_reading(row.id)
        if reading is None:
            raise Conflict("service", f"{row.domain} was not read yet: hostdeck service resync {row.id}", "SYNC_NONE")
        settled = []
        for one in differences(standing_items(row.id), reading[0], passed_over(row.id, reading[1])):
            if only is not None and (one.kind, one.name, one.verdict) != only:
                continue
            if _adopt(row, one) if adopt else _mend(change, row, one):
                settled.append(one)
        if only is not None and not settled:
            text = f"{only[0]} {safe(only[1])} of {row.domain} does not differ as it did; look again, and read it again"
            raise Conflict("resync", text, "SYNC_NONE")
        change.object, change.detail = f"service #{row.id} {row.domain}", {"settled": len(settled)}
        return tuple(settled)


def _adopt(row: Service, one: Difference) -> bool:
    now = utcnow()
    if not one.adoptable:
        return False
    if one.verdict is Verdict.FOREIGN:
        spec = spec_of(one.kind, dict(one.found))
        account = account_for(row, one.kind, KINDS[one.kind].role)
        Item.create(
            service=row, server=account.server.id, kind=one.kind, name=one.name, ours=True, seen_at=now,
            wanted=spec.model_dump(mode="json"), status=ItemStatus.ACTIVE,
        )  # fmt: skip
    elif one.verdict is Verdict.DIFFERS:
        item = Item.get_by_id(one.item)
        item.wanted = spec_of(one.kind, item.wanted | dict(one.found)).model_dump(mode="json")
        item.ours, item.status, item.error, item.seen_at = True, ItemStatus.ACTIVE, None, now
        item.save()
    else:
        Item.delete().where(Item.id == one.item).execute()
    return True


def _mend(change: Change, row: Service, one: Difference) -> bool:
    if one.item is None:
        return False
    item = Item.get_by_id(one.item)
    account = account_for(row, one.kind, KINDS[one.kind].role)
    if one.verdict is Verdict.MISSING:
        # The node has been read without it: what is made there now is ours.
        Item.update(ours=False).where(Item.id == item.id).execute()
    see_to(change, row, account, item, KINDS[one.kind].change)
    return True
