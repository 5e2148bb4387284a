"""A service's later life from the console: the plan first, the name typed where something is destroyed."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from tests.screens.seeing import command, press, settle, until
from textual.widgets import Input, Select, Static

from hostdeck.core.domain.vocabulary import Mode, Role, ServiceStatus
from hostdeck.core.queries.plans import PlanRead
from hostdeck.core.store.db import connection
from hostdeck.core.store.fleet_models import Group
from hostdeck.core.store.work_models import Product, Service
from hostdeck.screens.order import Order
from hostdeck.screens.plan_reading import Looked, PlanReading
from hostdeck.tui.app import HostdeckApp
from hostdeck.tui.widgets.plan_dialog import Choice, PlanDialog
from hostdeck.tui.widgets.prompt import PromptLine


def statuses() -> dict[str, ServiceStatus]:
    with connection():
        return {row.domain: row.status for row in Service.select()}


async def shown(pilot: Any, kind: type) -> None:
    """Waits for a dialog that a thread's answer brings."""
    while not isinstance(pilot.app.screen, kind):
        await pilot.pause(0.02)


async def active_service(pilot: Any) -> str:
    """Opens the last service of the list, which is active."""
    await press(pilot, "4", "end", "enter")
    return str(pilot.app.screen.service.domain)


async def test_suspending_shows_its_plan_and_does_nothing_until_it_is_confirmed(app: HostdeckApp) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        domain = await active_service(pilot)
        await press(pilot, "a")
        await shown(pilot, Choice)
        await pilot.press("enter")
        await shown(pilot, PlanDialog)
        assert statuses()[domain] is ServiceStatus.ACTIVE
        await pilot.press("enter")
        await settle(pilot)
        assert statuses()[domain] is ServiceStatus.ACTIVE
        await press(pilot, "a")
        await pilot.press("enter")
        await shown(pilot, PlanDialog)
        await pilot.press("right", "enter")
        await until(pilot, lambda: statuses()[domain] is ServiceStatus.SUSPENDING)


async def test_terminating_wants_the_domain_typed(app: HostdeckApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        domain = await active_service(pilot)
        await command(pilot, "terminate")
        await shown(pilot, PlanDialog)
        await pilot.press(*"nope", "enter")
        await settle(pilot)
        assert isinstance(app.screen, PlanDialog)
        assert statuses()[domain] is ServiceStatus.ACTIVE
        await press(pilot, *["backspace"] * 4, *domain, "enter")
        await until(pilot, lambda: statuses()[domain] is ServiceStatus.TERMINATING)


async def test_a_refused_wish_says_why(app: HostdeckApp) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        domain = await active_service(pilot)
        await command(pilot, "unsuspend")
        await until(pilot, lambda: "can't unsuspend: it is active" in app.screen.query_one(PromptLine).notice)
        assert statuses()[domain] is ServiceStatus.ACTIVE


async def test_a_product_to_change_to_is_chosen_from_a_list(app: HostdeckApp) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        domain = await active_service(pilot)
        await press(pilot, "a")
        await shown(pilot, Choice)
        await press(pilot, "down", "down", "down", "down", "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, Choice) and "which product" in title(pilot))
        assert domain in title(pilot)


async def test_another_mode_is_refused_with_an_offer_to_order_it_anew_beside(app: HostdeckApp) -> None:
    with connection():
        other = Product.create(name="one", group=Group.get(), mode=Mode.UNIFIED, roles=list(Role), limits={})
    async with app.run_test(size=(120, 36)) as pilot:
        domain = await active_service(pilot)
        await press(pilot, ":", *"change-product ", *other.name, "enter")
        await shown(pilot, Choice)
        assert title(pilot) == f"The deployment mode of {domain} is fixed"
        assert "SVC_MODE" in app.screen_stack[-2].query_one(PromptLine).notice
        await pilot.press("down", "enter")
        await shown(pilot, Order)
        assert app.screen.query_one("#domain", Input).value == f"new.{domain}"
        assert statuses()[domain] is ServiceStatus.ACTIVE


def title(pilot: Any) -> str:
    return str(pilot.app.screen.query_one("#dialog-title", Static).render())


async def test_an_order_for_a_domain_opens_with_a_product_that_takes_one(app: HostdeckApp) -> None:
    with connection():
        Product.create(name="a-name", group=Group.get(), mode=Mode.VANITY, roles=list(Role), limits={})
    async with app.run_test(size=(80, 24)) as pilot:
        await command(pilot, "order shop.com")
        await shown(pilot, Order)
        product = app.screen.query_one("#product", Select)
        await until(pilot, lambda: product.value is not Select.NULL)
        assert product.value == "basic"
        assert app.screen.query_one("#domain", Input).value == "shop.com"


async def test_a_wish_without_a_service_says_where_to_find_one(app: HostdeckApp) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        await press(pilot, "2", ":", *"suspend", "enter")
        assert "is for a service" in app.screen.query_one(PromptLine).notice


@pytest.mark.parametrize(("unread", "number"), [((), 7), (("mx01", "ns01"), None)])
def test_what_is_confirmed_is_held_to_a_plan_only_where_every_node_has_told(
    unread: tuple[str, ...], number: int | None
) -> None:
    gone: list[int | None] = []
    looked = Looked("Suspend?", "Suspend", (), (), lambda: 7, lambda answer, plan: gone.append(plan))
    screen: Any = SimpleNamespace(deck=SimpleNamespace(env="", head=SimpleNamespace(pulse=None)))
    reading = PlanReading(screen, looked)
    reading._number = 7
    reading._show(PlanRead((), True, unread))
    words = "\n".join(line.plain for line in reading._lines())
    assert ("not read from mx01, ns01" in words) is bool(unread)
    assert ("exactly these commands" in words) is (not unread)
    reading._answered("")
    assert gone == [number]
