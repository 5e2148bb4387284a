"""The rows of a checked and placed order: accounts, the zone or the sold name, and the tasks."""

from __future__ import annotations

from dataclasses import dataclass

from hostdeck.core.domain.pipeline import Blueprint
from hostdeck.core.domain.placement import Placement
from hostdeck.core.domain.product import Limits
from hostdeck.core.domain.vocabulary import Role
from hostdeck.core.domain.zone import ZoneRecord, address, check_zone
from hostdeck.core.domain.zone_template import ZoneValues, render, template_of
from hostdeck.core.intents.runs import write_tasks
from hostdeck.core.intents.vanity import SoldName
from hostdeck.core.store.work_models import (
    Account,
    Product,
    Record,
    Run,
    Service,
    VanityRecord,
    VanitySlot,
    Zone,
    ZoneDeploy,
)


@dataclass(frozen=True, slots=True)
class Order:
    """A checked order, before anything is placed."""

    domain: str
    email: str | None
    product: Product
    roles: frozenset[Role]
    limits: Limits
    ticked: frozenset[Role]
    sold: SoldName | None = None


def records_of(order: Order, placement: Placement, blueprint: Blueprint) -> tuple[ZoneRecord, ...]:
    """The zone it starts with, or the one record of a sold name; without a nameserver there is none to load it, so
    nothing is checked."""
    if order.sold is not None:
        return (address(order.sold.name, placement.web.ip),) if placement.web and placement.dns else ()
    values = ZoneValues(
        order.domain,
        blueprint.nameservers,
        web_ip=placement.web.ip if placement.web else None,
        mail_ip=placement.mail.ip if placement.mail else None,
        variables=order.product.group.variables or {},
    )
    records = render(template_of(order.product.group.zone_template), values)
    return check_zone(order.domain, records) if blueprint.nameservers else records


def write_order(service: Service, run: Run, order: Order, placement: Placement, blueprint: Blueprint) -> None:
    for account in blueprint.accounts:
        Account.create(
            service=service,
            server=account.server.id,
            roles=list(account.roles),
            username=account.username,
            nonce=account.nonce,
            slot=account.takes_slot,
        )
    if order.sold is not None:
        _write_slot(service, order.sold, placement)
    else:
        _write_zone(service, order, placement, blueprint)
    write_tasks(service, run, blueprint.tasks)


def _write_slot(service: Service, sold: SoldName, placement: Placement) -> None:
    parent = sold.row
    slot = VanitySlot.create(
        service=service,
        vanity=parent,
        name=sold.name,
        mail_server=parent.mail_server_id,
        mail_user=parent.mail_user,
    )
    for node in placement.dns:
        VanityRecord.create(slot=slot, server=node.id, value=placement.web.ip if placement.web else "")


def _write_zone(service: Service, order: Order, placement: Placement, blueprint: Blueprint) -> None:
    zone = Zone.create(service=service, name=order.domain)
    for record in records_of(order, placement, blueprint):
        Record.create(
            zone=zone,
            name=record.name,
            type=record.type,
            value=record.value,
            priority=record.priority,
            ttl=record.ttl,
        )
    for node in placement.dns:
        ZoneDeploy.create(zone=zone, server=node.id)
