"""Ordering a service: check, resolve, place, name, plan, and write it all in one transaction."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from hostdeck.core.domain.actions import label
from hostdeck.core.domain.inputs import (
    check_domain,
    check_email,
    parents_of,
    refuse_node,
    refuse_parent_taken,
    refuse_taken,
)
from hostdeck.core.domain.modes import check_final_backup
from hostdeck.core.domain.naming import package_name
from hostdeck.core.domain.order_plan import AccountView, OrderPlan, PlannedTaskView, RecordView, RoleOff
from hostdeck.core.domain.pipeline import Blueprint, name_accounts, plan_hosting
from hostdeck.core.domain.placement import Node, Placement, place_split, place_unified
from hostdeck.core.domain.product import Limits, check_limits, resolve_limits
from hostdeck.core.domain.roles import enabled_roles, why_off
from hostdeck.core.domain.vocabulary import Mode, Role, RunKind, ServerId, ServiceId, ServiceStatus
from hostdeck.core.domain.zone import ZoneRecord, check_zone
from hostdeck.core.domain.zone_template import ZoneValues, dkim_lines, render, template_of
from hostdeck.core.errors import Conflict, Invalid, NotFound, Refused
from hostdeck.core.intents.base import Door, Overtaken
from hostdeck.core.intents.forms import OrderForm
from hostdeck.core.intents.runs import write_tasks
from hostdeck.core.store.capacity import take_slot
from hostdeck.core.store.db import connection
from hostdeck.core.store.fleet_models import GroupDns, Server
from hostdeck.core.store.nodes import node_of
from hostdeck.core.store.work_models import (
    Account,
    Product,
    Record,
    Run,
    Service,
    Zone,
    ZoneDeploy,
)

PLACEMENT_TRIES = 8
"""How often a placement is drawn anew when another order took the last slot meanwhile."""


@dataclass(frozen=True, slots=True)
class _Order:
    """A checked order, before anything is placed."""

    domain: str
    email: str | None
    product: Product
    roles: frozenset[Role]
    limits: Limits
    ticked: frozenset[Role]


def plan_order(door: Door, form: OrderForm) -> OrderPlan:
    """What `place_order` would do now; writes nothing. Raises the same refusals."""
    with connection():
        order = _check(door, form)
        placement = _place(order)
        blueprint = _draw(ServiceId(0), order, placement)
        return _show(order, placement, blueprint)


def plan_unsaved(door: Door, product: Product, form: OrderForm) -> OrderPlan:
    """As `plan_order`, of a product that is no row yet."""
    with connection():
        order = _check(door, form, product)
        placement = _place(order)
        return _show(order, placement, _draw(ServiceId(0), order, placement))


def place_order(door: Door, form: OrderForm) -> int:
    """Writes service, accounts, zone, run and tasks, and takes the slots, or refuses and leaves no row behind.

    Returns the service's id at once; the worker does the rest. The commit itself is what wakes the worker.
    """
    try:
        return _write_order(door, form)
    except Overtaken:
        with connection():
            _check(door, form)
        raise


def _write_order(door: Door, form: OrderForm) -> int:
    with door.change("service.create", form.domain) as change:
        order = _check(door, form)
        service = Service.create(
            domain=order.domain,
            product=order.product,
            mode=order.product.mode,
            roles=sorted(order.roles),
            limits=dict(order.limits.values),
            origin=dict(order.limits.origin),
            email=order.email,
            meta=dict(form.meta),
        )
        placement, blueprint = _settle_place(ServiceId(service.id), order)
        waiting = dkim_lines(template_of(order.product.group.zone_template))
        run = Run.create(kind=RunKind.DEPLOY, service=service, detail={"dkim": waiting})
        service.run, service.why = run.id, list(placement.why)
        service.save()
        _write(service, run, order, placement, blueprint)
        change.object = f"service #{service.id} {order.domain}"
        change.detail = {"product": order.product.name, "tasks": len(blueprint.tasks)}
        return int(service.id)


def _check(door: Door, form: OrderForm, product: Product | None = None) -> _Order:
    domain = check_domain(form.domain, reserved_ok=door.reserved_ok)
    email = check_email(form.email) if form.email else None
    _refuse_known_names(domain)
    product = product or Product.get_or_none(Product.name == form.product)
    if product is None:
        raise NotFound("product", f"no product is called '{form.product[:64]}'; see 'hostdeck product list'")
    if product.mode is Mode.VANITY:
        raise Refused(
            "product", f"'{product.name}' is sold in {product.mode} mode, which this version can't build yet", "MODE"
        )
    limits = resolve_limits(product.limits, check_limits(form.options, "option"))
    ticked = frozenset(Role(role) for role in product.roles)
    roles = enabled_roles(ticked, limits)
    if not roles & {Role.WEB, Role.MAIL}:
        raise Invalid("product", "tick at least one of Web and Mail", "PRD_NO_ROLE")
    check_final_backup(product.mode, roles, limits)
    return _Order(domain, email, product, roles, limits, ticked)


def _refuse_known_names(domain: str) -> None:
    """The refusals that need our own rows: a node's own name, a domain in use, a child of somebody's domain."""
    server = Server.get_or_none((Server.hostname == domain) | (Server.name == domain))
    if server is not None:
        raise refuse_node(server.name)
    live = Service.status != ServiceStatus.TERMINATED
    taken = Service.get_or_none(Service.domain == domain, live)
    if taken is not None:
        raise refuse_taken(domain, taken.id)
    parent = Service.get_or_none(Service.domain.in_(list(parents_of(domain))), live)
    if parent is not None:
        raise refuse_parent_taken(parent.domain, parent.id)


def _place(order: _Order) -> Placement:
    group = order.product.group
    members = [node_of(row) for row in Server.select().where(Server.group == group)]
    attached = Server.select().join(GroupDns, on=(GroupDns.server == Server.id)).where(GroupDns.group == group)
    place = place_unified if order.product.mode is Mode.UNIFIED else place_split
    return place(order.roles, members, [node_of(row) for row in attached], group.name)


def _settle_place(service: ServiceId, order: _Order) -> tuple[Placement, Blueprint]:
    """A placement whose slots are taken, by compare-and-add in this transaction."""
    for _ in range(PLACEMENT_TRIES):
        placement = _place(order)
        blueprint = _draw(service, order, placement)
        # Always in one order: two orders that lock each other's nodes would both wait.
        slots = (account.server for account in blueprint.accounts if account.takes_slot)
        wanted = sorted(slots, key=lambda node: node.id)
        taken: list[Node] = []
        for node in wanted:
            if not take_slot(node.id):
                break
            taken.append(node)
        else:
            return placement, blueprint
        for node in taken:
            Server.update(accounts=Server.accounts - 1).where(Server.id == node.id).execute()
    raise Conflict("group", "other orders took the last slots; try again", "CAPACITY")


def _draw(service: ServiceId, order: _Order, placement: Placement) -> Blueprint:
    def taken(server: ServerId, name: str) -> bool:
        return Account.select().where(Account.server == server, Account.username == name).exists()

    mode = order.product.mode
    accounts = name_accounts(order.domain, placement, taken, lambda: secrets.token_hex(4), mode)
    return plan_hosting(service, order.domain, order.email, order.limits, placement, accounts)


def _records(order: _Order, placement: Placement, blueprint: Blueprint) -> tuple[ZoneRecord, ...]:
    """The zone it starts with; without a nameserver there is none to load it, so nothing is checked."""
    values = ZoneValues(
        order.domain,
        blueprint.nameservers,
        web_ip=placement.web.ip if placement.web else None,
        mail_ip=placement.mail.ip if placement.mail else None,
    )
    records = render(template_of(order.product.group.zone_template), values)
    return check_zone(order.domain, records) if blueprint.nameservers else records


def _write(service: Service, run: Run, order: _Order, placement: Placement, blueprint: Blueprint) -> None:
    for account in blueprint.accounts:
        Account.create(
            service=service,
            server=account.server.id,
            roles=list(account.roles),
            username=account.username,
            nonce=account.nonce,
            slot=account.takes_slot,
        )
    zone = Zone.create(service=service, name=order.domain)
    for record in _records(order, placement, blueprint):
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
    write_tasks(service, run, blueprint.tasks)


def _show(order: _Order, placement: Placement, blueprint: Blueprint) -> OrderPlan:
    accounts = tuple(
        AccountView(role=role, server=account.server.name, username=account.username)
        for account in blueprint.accounts
        for role in account.roles
    )
    no_users = tuple(
        AccountView(role=Role.DNS, server=node.name, username=None)
        for node in placement.dns
        if node.id not in {account.server.id for account in blueprint.accounts}
    )
    position = {task.key: number for number, task in enumerate(blueprint.tasks, 1)}
    return OrderPlan(
        domain=order.domain,
        product=order.product.name,
        mode=order.product.mode,
        roles=tuple(sorted(order.roles)),
        roles_off=tuple(
            RoleOff(role=role, why=why) for role in Role if (why := why_off(role, order.ticked, order.limits))
        ),
        accounts=accounts + no_users,
        why=placement.why,
        limits=dict(order.limits.values),
        origin=dict(order.limits.origin),
        records=tuple(
            RecordView(name=r.name, type=r.type, value=r.value, priority=r.priority, ttl=r.ttl)
            for r in _records(order, placement, blueprint)
        ),
        tasks=tuple(
            PlannedTaskView(
                position=position[task.key],
                action=task.action,
                label=label(task.action),
                target=task.target.replace(package_name(ServiceId(0), None)[:10], "hdk-######"),
                server=task.server.name,
                after=tuple(position[key] for key in task.after),
                follow_up=task.follow_up,
            )
            for task in blueprint.tasks
        ),
    )
