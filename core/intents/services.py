"""Ordering a service: check, resolve, place, name, plan, and write it all in one transaction."""

from __future__ import annotations

import secrets
from dataclasses import replace

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
from hostdeck.core.domain.order_plan import OrderPlan
from hostdeck.core.domain.pipeline import Blueprint, name_accounts, plan_hosting
from hostdeck.core.domain.placement import Node, Placement, place_split, place_unified
from hostdeck.core.domain.product import check_limits, resolve_limits
from hostdeck.core.domain.roles import enabled_roles
from hostdeck.core.domain.vanity import Slot, place_vanity
from hostdeck.core.domain.vanity_pipeline import plan_vanity
from hostdeck.core.domain.vocabulary import Mode, Role, RunKind, ServerId, ServiceId, ServiceStatus
from hostdeck.core.domain.zone_template import dkim_lines, template_of
from hostdeck.core.errors import Conflict, Invalid, NotFound
from hostdeck.core.intents.base import Door, Overtaken
from hostdeck.core.intents.forms import OrderForm
from hostdeck.core.intents.order_rows import Order, write_order
from hostdeck.core.intents.order_view import fingerprint_of, shown
from hostdeck.core.intents.vanity import SoldName, check_sold_name, is_providers
from hostdeck.core.store.capacity import take_slot
from hostdeck.core.store.db import connection
from hostdeck.core.store.fleet_models import GroupDns, Server, VanityDomain
from hostdeck.core.store.nodes import node_of
from hostdeck.core.store.work_models import (
    Account,
    Product,
    Run,
    Service,
)

PLACEMENT_TRIES = 8
"""How often a placement is drawn anew when another order took the last slot meanwhile."""


def plan_order(door: Door, form: OrderForm) -> OrderPlan:
    """What `place_order` would do now; writes nothing. Raises the same refusals."""
    with connection():
        order = _check(door, form)
        placement = _place(order)
        blueprint = _draw(ServiceId(0), order, placement)
        plan = shown(order, placement, blueprint)
        return plan.model_copy(update={"fingerprint": fingerprint_of(plan)})


def plan_unsaved(door: Door, product: Product, form: OrderForm) -> OrderPlan:
    """As `plan_order`, of a product that is no row yet."""
    with connection():
        order = _check(door, form, product)
        placement = _place(order)
        return shown(order, placement, _draw(ServiceId(0), order, placement))


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
        if planned and planned != fingerprint_of(shown(order, placement, _draw(ServiceId(0), order, placement))):
            text = "the fleet has changed since this order was planned; nothing was ordered: look at its plan again"
            raise Conflict("order", text, "PLAN_MOVED")
        waiting = dkim_lines(template_of(order.product.group.zone_template))
        run = Run.create(kind=RunKind.DEPLOY, service=service, detail={"dkim": waiting})
        service.run, service.why = run.id, list(placement.why)
        service.save()
        write_order(service, run, order, placement, blueprint)
        change.object = f"service #{service.id} {order.domain}"
        change.detail = {"product": order.product.name, "tasks": len(blueprint.tasks)}
        return int(service.id)


def _check(door: Door, form: OrderForm, product: Product | None = None) -> Order:
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
    return Order(domain, email, product, roles, limits, ticked, sold)


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


def _place(order: Order) -> Placement:
    group = order.product.group
    members = [node_of(row) for row in Server.select().where(Server.group == group)]
    attached = Server.select().join(GroupDns, on=(GroupDns.server == Server.id)).where(GroupDns.group == group)
    if order.sold is not None:
        return place_vanity(order.roles, order.sold.parent, [node_of(row) for row in attached], group.name)
    place = place_unified if order.product.mode is Mode.UNIFIED else place_split
    return place(order.roles, members, [node_of(row) for row in attached], group.name)


def _settle_place(service: ServiceId, order: Order) -> tuple[Placement, Blueprint]:
    """A placement whose slots are taken, by compare-and-add in this transaction."""
    for _ in range(PLACEMENT_TRIES):
        placement = _place(order)
        blueprint = _draw(service, order, placement)
        # Always in one order: two orders that lock each other's nodes would both wait.
        slots = (account for account in blueprint.accounts if account.takes_slot)
        wanted = sorted(slots, key=lambda account: account.server.id)
        taken: list[Node] = []
        for account in wanted:
            if not take_slot(account.server.id, account.roles):
                break
            taken.append(account.server)
        else:
            return placement, blueprint
        for node in taken:
            Server.update(accounts=Server.accounts - 1).where(Server.id == node.id).execute()
    raise Conflict("group", "other orders took the last slots; try again", "CAPACITY")


def _draw(service: ServiceId, order: Order, placement: Placement) -> Blueprint:
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
