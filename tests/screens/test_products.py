"""Products from the console: listed, tried out while they are typed, saved, edited, removed and refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.screens.seeing import command, notice, press, until
from textual.widgets import Checkbox, Select, Static

from hostdeck.core.domain.vocabulary import Mode
from hostdeck.core.store.db import connection, transaction
from hostdeck.core.store.fleet_models import Group, Server
from hostdeck.core.store.work_models import Product, Service
from hostdeck.screens.product import ProductScreen
from hostdeck.screens.product_limits import LimitRow
from hostdeck.screens.products import Products
from hostdeck.tui.app import HostdeckApp
from hostdeck.tui.widgets.dialogs import Confirm

BIG, SMALL = (120, 36), (80, 24)


async def at_products(pilot: Any) -> None:
    await command(pilot, "prod")


def product(name: str) -> Product | None:
    with connection():
        found: Product | None = Product.get_or_none(Product.name == name)
        return found


def preview(app: HostdeckApp) -> str:
    return str(app.screen.query_one("#preview-text", Static).content)


def wrong(app: HostdeckApp, field: str) -> str:
    return str(app.screen.query_one(f"#wrong-{field}", Static).content)


def shown_limits(app: HostdeckApp) -> set[str]:
    return {row.spec.key for row in app.screen.query(LimitRow) if row.display}


def add_unsold(name: str = "unsold") -> None:
    with transaction():
        Product.create(name=name, group=Group.get(), mode=Mode.SPLIT, roles=["web"], limits={"web_databases": "7"})


async def test_a_product_shows_what_it_would_make_and_is_saved(app: HostdeckApp) -> None:
    async with app.run_test(size=BIG) as pilot:
        await at_products(pilot)
        await press(pilot, "n", *"web-s")
        await until(pilot, lambda: app.screen.plan is not None)  # type: ignore[attr-defined]
        assert "3 users on 4 nodes" in preview(app)
        assert "newcustomer-com-mail" in preview(app)
        assert product("web-s") is None
        await pilot.press("ctrl+o")
        await until(pilot, lambda: isinstance(app.screen, Products))
        await until(pilot, lambda: "product 'web-s' is saved" in notice(app))
        made = product("web-s")
        assert made is not None
        assert (made.mode, set(made.roles), made.limits) == (Mode.SPLIT, {"web", "mail", "dns"}, {})


async def test_unticking_a_role_takes_its_user_and_its_limits_away(app: HostdeckApp) -> None:
    async with app.run_test(size=SMALL) as pilot:
        await at_products(pilot)
        await press(pilot, "n", *"p")
        app.screen.query_one("#preset", Select).value = "website-only"
        await until(pilot, lambda: "mail  mx01" not in preview(app) and "2 users" in preview(app))
        assert not app.screen.query_one("#role-mail", Checkbox).value
        assert "mail_accounts" not in shown_limits(app)
        app.screen.query_one("#role-mail", Checkbox).value = True
        app.screen.query_one("#role-dns", Checkbox).value = False
        await until(pilot, lambda: "ns1" not in preview(app) and "mail  mx01" in preview(app))
        assert app.screen.query_one("#preset", Select).is_blank()


async def test_a_mode_collapses_the_limits_to_its_own(app: HostdeckApp) -> None:
    async with app.run_test(size=BIG) as pilot:
        await at_products(pilot)
        await press(pilot, "n", *"p", "tab", "down", "enter")
        assert "account_backups" in shown_limits(app)
        assert "web_backups" not in shown_limits(app)
        await press(pilot, "down", "enter")
        assert all(key.startswith("vanity_") for key in shown_limits(app))


async def test_a_unified_product_is_refused_at_the_group_and_nothing_is_saved(app: HostdeckApp) -> None:
    async with app.run_test(size=BIG) as pilot:
        await at_products(pilot)
        await press(pilot, "n", *"one-s", "tab", "down", "enter")
        await until(pilot, lambda: "no active server has both Web and Mail" in wrong(app, "group"))
        assert "GRP_UNIFIED" in preview(app)
        await pilot.press("ctrl+o")
        await until(pilot, lambda: "GRP_UNIFIED" in notice(app))
        assert isinstance(app.screen, ProductScreen)
        assert product("one-s") is None


async def test_a_full_group_can_be_sold_on_later_but_not_ordered_now(app: HostdeckApp) -> None:
    with transaction():
        Server.update(max_accounts=1, accounts=1).where(Server.web).execute()
    async with app.run_test(size=SMALL) as pilot:
        await at_products(pilot)
        await press(pilot, "n", *"p")
        await until(pilot, lambda: "every active web server of 'eu' is full" in preview(app))
        await pilot.press("ctrl+o")
        await until(pilot, lambda: product("p") is not None)


async def test_what_is_wrong_with_a_limit_stands_beside_it(app: HostdeckApp) -> None:
    async with app.run_test(size=BIG) as pilot:
        await at_products(pilot)
        await press(pilot, "n", *"p")
        app.screen.query_one("#limit-web_databases").focus()
        await press(pilot, *"many")
        row = next(row for row in app.screen.query(LimitRow) if row.spec.key == "web_databases")
        await until(pilot, lambda: "whole number" in str(row.query_one(".limit-note", Static).content))
        await press(pilot, *["backspace"] * 4, "9")
        await until(pilot, lambda: "product" in str(row.query_one(".limit-note", Static).content))


async def test_what_was_ordered_keeps_its_mode_and_is_edited_for_new_orders(app: HostdeckApp) -> None:
    async with app.run_test(size=BIG) as pilot:
        await at_products(pilot)
        await press(pilot, "e")
        await until(pilot, lambda: app.screen.query_one("#mode").disabled)
        assert "locked: 3 services were ordered of it" in str(app.screen.query_one("#mode-words", Static).content)
        app.screen.query_one("#limit-web_disk_quota").focus()
        await press(pilot, *["backspace"] * 4)
        app.screen.query_one("#limit-web_databases").focus()
        await press(pilot, *"42", "ctrl+o")
        await until(pilot, lambda: isinstance(app.screen, Products))
        changed = product("basic")
        assert changed is not None
        assert changed.limits == {"web_databases": "42"}
        with connection():
            assert {service.limits["web_databases"] for service in Service.select()} == {"5"}


async def test_typing_in_the_form_outlives_what_others_change_meanwhile(app: HostdeckApp) -> None:
    async with app.run_test(size=BIG) as pilot:
        await at_products(pilot)
        await press(pilot, "e")
        app.screen.query_one("#limit-web_databases").focus()
        await press(pilot, *"42")
        with transaction():
            Product.update(limits={"mail_accounts": "3"}).execute()
        await press(pilot, "1")
        row = next(row for row in app.screen.query(LimitRow) if row.spec.key == "web_databases")
        assert row.field.value == "421"


async def test_an_unsold_product_goes_after_a_question_and_a_sold_one_stays(app: HostdeckApp) -> None:
    add_unsold()
    async with app.run_test(size=SMALL) as pilot:
        await at_products(pilot)
        await press(pilot, "delete")
        assert "'basic' is used by 3 services" in notice(app)
        await press(pilot, "down", ":", *"delete", "enter")
        assert isinstance(app.screen, Confirm)
        await press(pilot, "enter")
        assert product("unsold") is not None
        await press(pilot, "delete", "y")
        await until(pilot, lambda: product("unsold") is None)


async def test_read_only_shows_products_and_saves_none(seeded: Path, make_app: Callable[..., HostdeckApp]) -> None:
    app = make_app(read_only=True)
    async with app.run_test(size=BIG) as pilot:
        await at_products(pilot)
        await press(pilot, "n")
        assert "read-only" in notice(app)
        await press(pilot, "enter", "ctrl+o")
        assert "read-only" in notice(app)
        assert isinstance(app.screen, ProductScreen)


async def test_words_lead_to_products_and_to_one(app: HostdeckApp) -> None:
    async with app.run_test(size=BIG) as pilot:
        await command(pilot, "product basic")
        assert isinstance(app.screen, ProductScreen)
        await press(pilot, "escape", ":", *"delete", "enter")
        assert "is for what is marked under ':products'" in notice(app)


async def test_billing_fields_are_shown_where_there_are_any(app: HostdeckApp) -> None:
    with transaction():
        Service.update(meta={"invoice": "2026-117", "cycle": "monthly"}).where(
            Service.domain == "customer.com"
        ).execute()
    async with app.run_test(size=BIG) as pilot:
        await command(pilot, "svc customer.com")
        billing = app.screen.query_one("#billing", Static)
        assert billing.display
        assert "2026-117" in str(billing.content)
        await press(pilot, "4", ":", *"svc baltic-tea.eu", "enter")
        assert not app.screen.query_one("#billing", Static).display
