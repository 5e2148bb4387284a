"""A service as the decisions see it: where its parts stand, by its rows."""

from __future__ import annotations

from hostdeck.core.domain.item_tasks import PlacedItem
from hostdeck.core.domain.items import KINDS, ItemKind, ItemStatus
from hostdeck.core.domain.life import Standing
from hostdeck.core.domain.pipeline import PlannedAccount, is_combined
from hostdeck.core.domain.placement import Placement
from hostdeck.core.domain.product import Limits, resolve_limits
from hostdeck.core.domain.trials import TRY
from hostdeck.core.domain.vanity import Slot
from hostdeck.core.domain.vocabulary import Role, ServiceId, TaskStatus
from hostdeck.core.store.fields import utcnow
from hostdeck.core.store.fleet_models import Server
from hostdeck.core.store.item_models import Item
from hostdeck.core.store.nodes import node_of
from hostdeck.core.store.work_models import Account, Service, Task, VanityRecord, VanitySlot, Zone, ZoneDeploy


def servers_of(service: Service) -> list[Server]:
    """Every server that a part of it stands on."""
    hosting = Server.select().join(Account, on=(Account.server == Server.id)).where(Account.service == service)
    mail = Server.select().join(VanitySlot, on=(VanitySlot.mail_server == Server.id))
    return [*hosting, *mail.where(VanitySlot.service == service), *_nameservers(service)]


def _nameservers(service: Service) -> list[Server]:
    records = Server.select().join(VanityRecord, on=(VanityRecord.server == Server.id)).join(VanitySlot)
    if sold := list(records.where(VanitySlot.service == service).order_by(Server.id)):
        return sold
    deploys = Server.select().join(ZoneDeploy, on=(ZoneDeploy.server == Server.id)).join(Zone)
    return list(deploys.where(Zone.service == service, Zone.name == service.domain).order_by(Server.id))


def standing_of(service: Service) -> Standing:
    """The service as its rows have it now."""
    rows = list(Account.select().where(Account.service == service).order_by(Account.id))
    accounts = []
    for row in rows:
        roles = tuple(role for role in Role if role in row.roles)
        combined = is_combined(service.mode, roles)
        accounts.append(PlannedAccount(node_of(row.server), roles, row.username, row.nonce, row.slot, combined))

    def holding(role: Role) -> PlannedAccount | None:
        return next((account for account in accounts if role in account.roles), None)

    held_roles = frozenset(Role(role) for role in service.roles)
    web, mail = holding(Role.WEB), holding(Role.MAIL)
    placement = Placement(
        web.server if web else None,
        mail.server if mail else None,
        tuple(node_of(row) for row in _nameservers(service)),
        tuple(service.why),
    )
    filled = resolve_limits(service.limits, {})
    limits = Limits({**filled.values, **_chosen_php(service)}, service.origin)
    number = ServiceId(service.id)
    slot = slot_of(service)
    now = int(utcnow().timestamp())
    return Standing(
        number, service.domain, service.email, limits, placement, tuple(accounts), held_roles, slot, now,
        items_of(service), _left_by_trials(service),
    )  # fmt: skip


def _left_by_trials(service: Service) -> frozenset[str]:
    """Those that have not ended well: only after one that has, its node has surely nothing left of it."""
    tried = Task.action.in_([action.value for action in TRY.values()])
    rows = Task.select(Task.args).where(Task.service == service, tried, Task.status != TaskStatus.SUCCESS)
    return frozenset(row.args["trial"] for row in rows)


def _chosen_php(service: Service) -> dict[str, str]:
    """The PHP version that was chosen later than the order, where one was: a deployment must not undo it."""
    row = Item.get_or_none(Item.service == service, Item.kind == ItemKind.WEBSITE)
    php = row.wanted.get("php") if row else None
    return {} if php is None else {"web_php": php}


def role_of(row: Item) -> Role:
    """The role whose account an item stands in: its own where its kind is of either tier."""
    return Role(row.wanted.get("role", KINDS[row.kind].role))


def items_of(service: Service) -> tuple[PlacedItem, ...]:
    """What is inside it and shall stay, in the order it was wished."""
    rows = Item.select().where(Item.service == service, Item.status != ItemStatus.REMOVING).order_by(Item.id)
    return tuple(PlacedItem(row.id, row.kind, role_of(row)) for row in rows)


def slot_of(service: Service) -> Slot | None:
    """The name it was sold, where one was."""
    row = VanitySlot.get_or_none(VanitySlot.service == service)
    if row is None:
        return None
    records = list(VanityRecord.select().where(VanityRecord.slot == row).order_by(VanityRecord.server))
    value = records[0].value if records else ""
    nameservers = tuple(node_of(record.server) for record in records)
    return Slot(row.name, row.vanity.domain, node_of(row.mail_server), row.mail_user, value, nameservers)
