"""What a change of product comes to: the same mode, roles and servers with other limits, or the reason why not."""

from __future__ import annotations

from dataclasses import dataclass

from hostdeck.core.domain.modes import check_final_backup
from hostdeck.core.domain.product import LIMITS, Limits, resolve_limits
from hostdeck.core.domain.roles import enabled_roles
from hostdeck.core.domain.vocabulary import Mode, Role
from hostdeck.core.errors import Conflict, Invalid, NotFound
from hostdeck.core.store.work_models import Product, Service


@dataclass(frozen=True, slots=True)
class ProductChange:
    """`product` is its row's id; `sentences` say what becomes different."""

    product: int
    limits: Limits
    sentences: tuple[str, ...]


def change_to(service: Service, name: str) -> ProductChange:
    """What was an option of the order stays an option. Conflict where the mode [SVC_MODE], the group or the roles would
    be others: those are decided when a service is ordered."""
    if not name:
        raise Invalid("product", "is required; see 'hostdeck product list'", "PRD_EMPTY")
    product = Product.get_or_none(Product.name == name)
    if product is None:
        raise NotFound("product", f"no product is called '{name[:64]}'; see 'hostdeck product list'")
    if product.id == service.product_id:
        raise Conflict("product", f"{service.domain} is of '{product.name}' already", "PRD_SAME")
    if product.mode is not service.mode:
        raise refuse_mode(service.domain, service.mode, product.name, product.mode)
    if product.group_id != service.product.group_id:
        text = f"'{product.name}' is built on group '{product.group.name}', {service.domain} stays where it is"
        raise Conflict("product", f"{text}; order it anew beside it to move", "PRD_GROUP")
    options = {key: service.limits[key] for key, source in service.origin.items() if source == "option"}
    limits = resolve_limits(product.limits, options)
    roles = enabled_roles(frozenset(Role(role) for role in product.roles), limits, product.mode)
    held = frozenset(Role(role) for role in service.roles)
    if roles != held:
        lost, new = ", ".join(sorted(held - roles)), ", ".join(sorted(roles - held))
        what = f"would take away {lost}" if lost else f"would add {new}"
        text = f"'{product.name}' {what}; {service.domain} keeps the roles it was ordered with, order it anew beside it"
        raise Conflict("product", text, "PRD_ROLES")
    check_final_backup(product.mode, roles, limits)
    before = resolve_limits(service.limits, {}).values
    sentences = tuple(
        f"{spec.label}: {before[spec.key] or '-'} becomes {limits.values[spec.key] or '-'}"
        for spec in LIMITS
        if before[spec.key] != limits.values[spec.key]
    )
    return ProductChange(product.id, Limits(dict(limits.values), dict(limits.origin)), sentences)


def refuse_mode(domain: str, mode: Mode, product: str, other: Mode) -> Conflict:
    """With the way that is open: another service beside this one (`features.md` 16)."""
    return Conflict(
        "service",
        f"deployment mode is fixed after creation: {domain} is {mode}, '{product}' is {other}. Order it anew beside "
        f"the old one, under a name of its own: hostdeck service create NEW.{domain} --product {product} --plan; move "
        "what is in it, then terminate the old one [SVC_MODE]",
        "SVC_MODE",
    )
