"""How far a new fleet has come on its way to the first service."""

from __future__ import annotations

from hostdeck.core.domain.order_plan import View
from hostdeck.core.store.fleet_models import Group, Server
from hostdeck.core.store.work_models import Product, Service


class FirstSteps(View):
    """Which of them are done; an order that was undone or terminated since was one all the same."""

    group: bool
    server: bool
    product: bool
    order: bool


def first_steps() -> FirstSteps:
    return FirstSteps(
        group=Group.select().exists(),
        server=Server.select().exists(),
        product=Product.select().exists(),
        order=Service.select().exists(),
    )
