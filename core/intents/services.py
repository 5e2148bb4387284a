"""Ordering a service: check, resolve, place, name, plan, and write it all in one transaction."""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass, replace

from hostdeck.core.domain.inputs import (
    check_domain,
    check_email,
    parents_of,
    refuse_node,
    refuse_parent_taken,
    refuse_taken,
    refuse_vanity_parent,
)
from hostdeck.core.domain.modes import check_final_backup
from hostdeck.core.domain.order_plan import AccountView, OrderPlan, PlannedTaskView, RecordView, RoleOff
from hostdeck.core.domain.pipeline import Blueprint, name_accounts, plan_hosting
from hostdeck.core.domain.placement import Node, Placement, place_split, place_unified
from hostdeck.core.domain.product import Limits, check_limits, resolve_limits
from hostdeck.core.domain.roles import enabled_roles, why_off
from hostdeck.core.domain.vanity import Slot, place_vanity
from hostdeck.core.domain.vanity_pipeline import plan_vanity
from hostdeck.core.domain.vocabulary import Driver, Mode, Role, RunKind, ServerId, ServiceId, ServiceStatus
from hostdeck.core.domain.wishes import task_views
from hostdeck.core.domain.zone import ZoneRecord, address, check_zone
from hostdeck.core.domain.zone_template import ZoneValues, dkim_lines, render, template_of
from hostdeck.core.errors import Conflict, Invalid, NotFound
from hostdeck.core.intents.base import Door, Overtaken
from hostdeck.core.intents.forms import OrderForm
from hostdeck.core.intents.runs import write_tasks
from hostdeck.core.intents.vanity import SoldName, check_sold_name, is_providers
from hostdeck.core.store.capacity import take_slot
from hostdeck.core.store.db import connection
from hostdeck.core.store.fleet_models import GroupDns, Server, VanityDomain
from hostdeck.core.store.nodes import node_of
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
    sold: SoldName | None = None


def plan_order(door: Door, form: OrderForm) -> OrderPlan:
    """What `place_order` would do now; writes nothing. Raises the same refusals."""
    with connection():
        order = _check(door, form)
        placement = _place(order)
        blueprint = _draw(ServiceId(0), order, placement)
        plan = _show(order, placement, blueprint)
        return plan.model_copy(update={"fingerprint": _fingerprint(plan)})


def plan_unsaved(door: Door, product: Product, form: OrderForm) -> OrderPlan:
    """As `plan_order`, of a product that is no row yet."""
    with connection():
        order = _check(door, form, product)
        placement = _place(order)
        return _show(order, placement, _draw(ServiceId(0), order, placement))


def place_order(door: Door, form: OrderForm, planned: str = "") -> int:
    """Writes service, accounts, zone, run and tasks, and takes the slots, or refuses and leaves no row behind.

    Returns the service's id at once; the worker does the rest. The commit itself is what wakes the worker. `planned` is
    the fingerprint of the plan that was looked at: Conflict [PLAN_MOVED] where it would be another by now.
    """
    try:
        return _write_order(door, form, planned)
    except Overtaken:
        with connection():
            _check(door, form)
        raise


def _write_order(door: Door, form: OrderForm, planned: str) -> int:
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
        if planned and planned != _fingerprint(_show(order, placement, _draw(ServiceId(0), order, placement))):
            text = "the fleet has changed since this order was planned; nothing was ordered: look at its plan again"
            raise Conflict("order", text, "PLAN_MOVED")
        waiting = dkim_lines(template_of(order.product.group.zone_template))
        run = Run.create(kind=RunKind.DEPLOY, service=service, detail={"dkim": waiting})
        service.run, service.why = run.id, list(placement.why)
        service.save()
        _write(service, run, order, placement, blueprint)
        change.object = f"service #{service.id} {order.domain}"
        change.detail = {"product": order.product.name, "tasks": len(blueprint.tasks)}
        return int(service.id)


def _check(door: Door, form: OrderForm, product: Product | None = None) -> _Order:
    product = product or Product.get_or_none(Product.name == form.product)
    vanity = product is not None and product.mode is Mode.VANITY
    domain = "" if vanity else check_domain(form.domain, reserved_ok=door.reserved_ok)
    if vanity and form.domain:
        text = "leave it out: it is made of --field vanity_name and --option vanity_domain"
        raise Invalid("domain", text, "VAN_DOMAIN")
    email = check_email(form.email) if form.email else None
    if domain:
        _refuse_known_names(domain)
    if product is None:
        raise NotFound("product", f"no product is called '{form.product[:64]}'; see 'hostdeck product list'")
    limits = resolve_limits(product.limits, check_limits(form.options, "option"))
    ticked = frozenset(Role(role) for role in product.roles)
    roles = enabled_roles(ticked, limits, product.mode)
    if not roles & {Role.WEB, Role.MAIL}:
        raise Invalid("product", "tick at least one of Web and Mail", "PRD_NO_ROLE")
    check_final_backup(product.mode, roles, limits)
    sold = None
    if vanity:
        name = form.fields.get("vanity_name", "")
        sold = check_sold_name(product.group, limits.text("vanity_domain"), name)
        domain = sold.domain
    return _Order(domain, email, product, roles, limits, ticked, sold)


def _refuse_known_names(domain: str) -> None:
    """The refusals that need our own rows: a node's own name, a domain in use, a child of somebody's domain."""
    server = Server.get_or_none((Server.hostname == domain) | (Server.name == domain))
    if server is not None:
        raise refuse_node(server.name)
    sold = VanityDomain.get_or_none(VanityDomain.domain.in_([domain, *parents_of(domain)]))
    if sold is not None:
        raise refuse_vanity_parent(domain, sold.domain)
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
    if order.sold is not None:
        return place_vanity(order.roles, order.sold.parent, [node_of(row) for row in attached], group.name)
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
        known = Account.select().where(Account.server == server, Account.username == name).exists()
        return known or is_providers(name)

    if order.sold is not None:
        accounts = name_accounts(order.domain, _own_part(placement), taken, _nonce)
        slot = _slot(order.sold, placement)
        return plan_vanity(service, order.email, order.limits, slot, next(iter(accounts), None), order.roles)
    mode = order.product.mode
    accounts = name_accounts(order.domain, placement, taken, _nonce, mode)
    return plan_hosting(service, order.domain, order.email, order.limits, placement, accounts)


def _nonce() -> str:
    return secrets.token_hex(4)


def _own_part(placement: Placement) -> Placement:
    """Of a sold name only the site has an account of its own."""
    return replace(placement, mail=None, dns=())


def _slot(sold: SoldName, placement: Placement) -> Slot:
    value = placement.web.ip if placement.web else ""
    parent = sold.parent
    return Slot(sold.name, parent.domain, parent.mail_server, parent.mail_user, value, placement.dns)


def _records(order: _Order, placement: Placement, blueprint: Blueprint) -> tuple[ZoneRecord, ...]:
    """The zone it starts with, or the one record of a sold name; without a nameserver there is none to load it, so
    nothing is checked."""
    if order.sold is not None:
        return (address(order.sold.name, placement.web.ip),) if placement.web and placement.dns else ()
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


def _write_zone(service: Service, order: _Order, placement: Placement, blueprint: Blueprint) -> None:
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


def _shared_accounts(order: _Order, placement: Placement) -> tuple[AccountView, ...]:
    """What of a sold name stands in the provider's own accounts."""
    if order.sold is None:
        return ()
    user = order.sold.parent.mail_user
    places = [(Role.MAIL, placement.mail)] if placement.mail else []
    places += [(Role.DNS, node) for node in placement.dns]
    return tuple(
        AccountView(role=role, server=node.name, username=user if node.driver is Driver.HESTIA else None, shared=True)
        for role, node in places
    )


def _roles_off(order: _Order) -> tuple[RoleOff, ...]:
    reasons = ((role, why_off(role, order.ticked, order.limits, order.product.mode)) for role in Role)
    return tuple(RoleOff(role=role, why=why) for role, why in reasons if why)


def _show(order: _Order, placement: Placement, blueprint: Blueprint) -> OrderPlan:
    accounts = tuple(
        AccountView(role=role, server=account.server.name, username=account.username)
        for account in blueprint.accounts
        for role in account.roles
    )
    if order.sold is not None:
        accounts += _shared_accounts(order, placement)
    no_users = tuple(
        AccountView(role=Role.DNS, server=node.name, username=None)
        for node in placement.dns
        if order.sold is None and node.id not in {account.server.id for account in blueprint.accounts}
    )
    # Only a plan is told in commands: placing an order loads no driver.
    from hostdeck.core.plans.fresh import plan_fresh

    records = _records(order, placement, blueprint)
    told = plan_fresh(blueprint.tasks, records)
    return OrderPlan(
        domain=order.domain,
        product=order.product.name,
        mode=order.product.mode,
        roles=tuple(sorted(order.roles)),
        roles_off=tuple(
            RoleOff(role=role, why=why)
            for role in Role
            if (why := why_off(role, order.ticked, order.limits, order.product.mode))
        ),
        accounts=accounts + no_users,
        why=placement.why,
        limits=dict(order.limits.values),
        origin=dict(order.limits.origin),
        records=tuple(
            RecordView(name=r.name, type=r.type, value=r.value, priority=r.priority, ttl=r.ttl) for r in records
        ),
        tasks=tuple(map(_unnumbered, task_views(blueprint.tasks, told))),
    )


def _unnumbered(task: PlannedTaskView) -> PlannedTaskView:
    """Number and mark are drawn when the order is placed; a plan shows where they will stand."""

    def blank(text: str) -> str:
        text = text.replace("hdk-000000-", "hdk-######-")
        return re.sub(r"hdk([- ])0([. ])[0-9a-f]{8}", r"hdk\1#\2########", text)

    commands = tuple(map(blank, task.commands or ()))
    return task.model_copy(update={"target": blank(task.target), "commands": commands})


def _fingerprint(plan: OrderPlan) -> str:
    """Of all that matters: how full a server is may change without another plan coming of it."""
    told = plan.model_dump_json(exclude={"why", "fingerprint"})
    return hashlib.sha256(told.encode()).hexdigest()[:16]
