"""The tasks of items: one each, on the account that its kind belongs to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from hostdeck.core.domain.action_args import ItemArgs
from hostdeck.core.domain.action_names import Action
from hostdeck.core.domain.items import KINDS, ItemKind, action_on
from hostdeck.core.domain.naming import mark_name
from hostdeck.core.domain.pipeline import PlannedAccount, PlannedTask
from hostdeck.core.domain.vocabulary import Role, ServiceId


@dataclass(frozen=True, slots=True)
class PlacedItem:
    """An item that a service has, and the role whose account it stands in."""

    id: int
    kind: ItemKind
    role: Role


REBUILT = frozenset(ItemKind) - {ItemKind.BACKUP, ItemKind.RECORD}
"""What a deployment brings back; a backup is nothing that could be made anew."""


def item_task(
    service: ServiceId, domain: str, account: PlannedAccount, item: PlacedItem, action: Action, after: tuple[str, ...]
) -> PlannedTask:
    """`after` are the keys it waits for. A follow-up: what is wrong with one thing inside is said there, and holds up
    no service."""
    args = ItemArgs(
        item=item.id,
        kind=item.kind,
        user=account.username,
        mark=mark_name(service, account.nonce),
        domain=domain,
    )
    done = action_on(action, item.role)
    target = f"{item.kind} #{item.id}"
    return PlannedTask(f"item.{item.id}", done, target, account.server, args, after, follow_up=True)


def item_tasks(
    service: ServiceId,
    domain: str,
    accounts: Iterable[PlannedAccount],
    items: Iterable[PlacedItem],
    tasks: Iterable[PlannedTask],
) -> Iterator[PlannedTask]:
    """For a whole deployment: each waits for the domain of its role; a role that is off has no items."""
    holding = {role: account for account in accounts for role in account.roles}
    keys = {task.key for task in tasks}
    for item in items:
        account, domain_key = holding.get(item.role), f"{item.role}.domain"
        if account is not None and domain_key in keys and item.kind in REBUILT:
            yield item_task(service, domain, account, item, KINDS[item.kind].add, (domain_key,))
