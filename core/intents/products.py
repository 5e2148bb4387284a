"""Wishes about what is sold."""

from __future__ import annotations

from hostdeck.core.domain.inputs import check_name
from hostdeck.core.domain.modes import check_final_backup
from hostdeck.core.domain.order_plan import OrderPlan
from hostdeck.core.domain.placement import nodes_for_unified
from hostdeck.core.domain.product import check_limits, check_product_roles, resolve_limits
from hostdeck.core.domain.roles import enabled_roles
from hostdeck.core.domain.vocabulary import Mode, Role
from hostdeck.core.errors import Conflict, Invalid, NotFound
from hostdeck.core.intents.base import Door
from hostdeck.core.intents.forms import OrderForm, ProductChange, ProductForm
from hostdeck.core.intents.services import plan_unsaved
from hostdeck.core.store.db import connection
from hostdeck.core.store.fleet_models import Group, Server, VanityDomain
from hostdeck.core.store.nodes import node_of
from hostdeck.core.store.work_models import Product, Service

EXAMPLE = "newcustomer.com"
"""Whom a product is tried out on; nothing is ever written for it."""


def plan_product(door: Door, form: ProductForm) -> OrderPlan:
    """What an order of this product would make now, on an example customer; writes nothing. Raises what saving it (but
    for its name) and what ordering it would raise."""
    values = _values(form)
    with connection():
        product = Product(name=form.name or "new product", group=_group_for(form.group, values), **values)
        return plan_unsaved(door, product, _example(product))


def _example(product: Product) -> OrderForm:
    """An order such as a customer would place it; a name is tried on the first domain that the group sells names of."""
    if product.mode is not Mode.VANITY:
        return OrderForm(EXAMPLE, product.name)
    sold = VanityDomain.select().where(VanityDomain.group == product.group).order_by(VanityDomain.domain).first()
    named = not product.limits.get("vanity_domain") and sold is not None
    options = {"vanity_domain": sold.domain} if named else {}
    return OrderForm("", product.name, options=options, fields={"vanity_name": EXAMPLE.partition(".")[0]})


def add_product(door: Door, form: ProductForm) -> int:
    name = check_name(form.name, "name", what="product")
    values = _values(form)
    with door.change("product.add", name):
        if Product.get_or_none(Product.name == name):
            raise Conflict("product", f"'{name}' exists already", "PRD_TAKEN")
        return int(Product.create(name=name, group=_group_for(form.group, values), **values).id)


def edit_product(door: Door, name: str, change: ProductChange) -> None:
    """For orders from now on: a service keeps the limits it was ordered with. The mode is locked once there is a
    service (`features.md` 15)."""
    with door.change("product.edit", name) as line:
        row = _product(name)
        kept = {key: value for key, value in row.limits.items() if key not in change.unset}
        form = ProductForm(
            name=name,
            group=change.group or row.group.name,
            mode=change.mode or row.mode,
            roles=tuple(row.roles) if change.roles is None else change.roles,
            limits=kept | change.limits,
        )
        values = _values(form)
        ordered = Service.select().where(Service.product == row).count()
        if values["mode"] is not row.mode and ordered:
            raise Conflict(
                "mode",
                f"'{name}' is {row.mode} and has been ordered {ordered} times, so its mode is locked; sell "
                f"{form.mode} as a product of its own: hostdeck product add",
                "PRD_LOCKED",
            )
        line.detail = {"before": {"mode": row.mode, "roles": row.roles, "limits": row.limits}}
        Product.update(group=_group_for(form.group, values), **values).where(Product.id == row.id).execute()


def remove_product(door: Door, name: str) -> None:
    """Refused while any service, a terminated one too, tells its story by it."""
    with door.change("product.remove", name):
        row = _product(name)
        ordered = Service.select().where(Service.product == row).count()
        if ordered:
            raise Conflict("product", f"'{name}' is used by {ordered} services; it can't be removed", "PRD_USED")
        row.delete_instance()


def _values(form: ProductForm) -> dict[str, object]:
    try:
        mode = Mode(form.mode)
    except ValueError:
        raise Invalid("mode", f"use {', '.join(Mode)}", "PRD_MODE") from None
    try:
        roles = frozenset(Role(word) for word in form.roles)
    except ValueError:
        raise Invalid("roles", f"use {', '.join(Role)}", "PRD_ROLES") from None
    limits = check_limits(form.limits, "set")
    check_product_roles(roles, limits, mode)
    resolved = resolve_limits(limits, {})
    check_final_backup(mode, enabled_roles(roles, resolved, mode), resolved)
    return {"mode": mode, "roles": sorted(roles), "limits": limits}


def _product(name: str) -> Product:
    row = Product.get_or_none(Product.name == name)
    if row is None:
        raise NotFound("product", f"no product is called '{name[:64]}'; see 'hostdeck product list'")
    return row


def _group_for(name: str, values: dict[str, object]) -> Group:
    """The group, if a product of that mode could be built there at all (`features.md` 11)."""
    group = _group(name)
    if values["mode"] is Mode.UNIFIED:
        nodes_for_unified(node_of(row) for row in Server.select().where(Server.group == group))
    return group


def _group(name: str) -> Group:
    row = Group.get_or_none(Group.name == name)
    if row is None:
        raise NotFound("group", f"no group is called '{name[:64]}'; add it: hostdeck group add NAME")
    return row
