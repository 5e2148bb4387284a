"""A checked and placed order as people are shown it before anything is written."""

from __future__ import annotations

import hashlib
import re

from hostdeck.core.domain.order_plan import AccountView, OrderPlan, PlannedTaskView, RecordView, RoleOff
from hostdeck.core.domain.pipeline import Blueprint
from hostdeck.core.domain.placement import Placement
from hostdeck.core.domain.roles import why_off
from hostdeck.core.domain.vocabulary import Driver, Role
from hostdeck.core.domain.wishes import task_views
from hostdeck.core.intents.order_rows import Order, records_of


def shown(order: Order, placement: Placement, blueprint: Blueprint) -> OrderPlan:
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

    records = records_of(order, placement, blueprint)
    told = plan_fresh(blueprint.tasks, records)
    return OrderPlan(
        domain=order.domain,
        product=order.product.name,
        mode=order.product.mode,
        roles=tuple(sorted(order.roles)),
        roles_off=_roles_off(order),
        accounts=accounts + no_users,
        why=placement.why,
        limits=dict(order.limits.values),
        origin=dict(order.limits.origin),
        records=tuple(
            RecordView(name=r.name, type=r.type, value=r.value, priority=r.priority, ttl=r.ttl) for r in records
        ),
        tasks=tuple(map(_unnumbered, task_views(blueprint.tasks, told))),
    )


def _roles_off(order: Order) -> tuple[RoleOff, ...]:
    reasons = ((role, why_off(role, order.ticked, order.limits, order.product.mode)) for role in Role)
    return tuple(RoleOff(role=role, why=why) for role, why in reasons if why)


def _shared_accounts(order: Order, placement: Placement) -> tuple[AccountView, ...]:
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


def _unnumbered(task: PlannedTaskView) -> PlannedTaskView:
    """Number and mark are drawn when the order is placed; a plan shows where they will stand."""

    def blank(text: str) -> str:
        text = text.replace("hdk-000000-", "hdk-######-")
        return re.sub(r"hdk([- ])0([. ])[0-9a-f]{8}", r"hdk\1#\2########", text)

    commands = tuple(map(blank, task.commands or ()))
    return task.model_copy(update={"target": blank(task.target), "commands": commands})


def fingerprint_of(plan: OrderPlan) -> str:
    """Of all that matters: how full a server is may change without another plan coming of it."""
    told = plan.model_dump_json(exclude={"why", "fingerprint"})
    return hashlib.sha256(told.encode()).hexdigest()[:16]
