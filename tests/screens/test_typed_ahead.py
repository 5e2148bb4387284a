"""Keys that come in one burst, as over a slow line or from a paste without brackets: none overtakes another."""

from __future__ import annotations

from tests.screens.seeing import press, settle
from tests.screens.seeing import until_done as until
from textual import events
from textual.widgets import Input, Static

from hostdeck.core.store.db import connection
from hostdeck.core.store.work_models import Product, Service
from hostdeck.screens.order import Order
from hostdeck.tui.app import HostdeckApp
from hostdeck.tui.widgets.prompt import PromptLine

BIG = (120, 36)


def burst(app: HostdeckApp, text: str, key: str) -> None:
    for letter in text:
        app.post_message(events.Key(letter, letter))
    app.post_message(events.Key(key, None))


async def test_a_server_is_saved_with_all_that_was_typed(app: HostdeckApp) -> None:
    async with app.run_test(size=BIG) as pilot:
        await press(pilot, "2", "n")
        app.screen.query_one("#can-web").value = True  # type: ignore[attr-defined]
        app.screen.query_one("#name", Input).value = "web09"
        app.screen.query_one("#host", Input).value = "192.0.2.99"
        app.screen.query_one("#key").focus()
        await settle(pilot)
        burst(app, "/nowhere/id", "ctrl+o")
        wrong = app.screen.query_one("#wrong-key", Static)
        await until(lambda: bool(str(wrong.content)))
        assert str(wrong.content) == "/nowhere/id: No such file or directory"


async def test_a_filter_is_for_the_list_that_was_asked_for_before_it(app: HostdeckApp) -> None:
    async with app.run_test(size=BIG) as pilot:
        await settle(pilot)
        for letter in "4/mail":
            app.post_message(events.Key("slash" if letter == "/" else letter, letter))
        await settle(pilot)
        assert app.current_mode == "services"
        assert app.screen.filter_text == "mail"  # type: ignore[attr-defined]


async def test_enter_means_the_first_row_of_a_list_that_is_not_read_yet(app: HostdeckApp) -> None:
    async with app.run_test(size=BIG) as pilot:
        await settle(pilot)
        burst(app, "6", "enter")
        await until(lambda: type(app.screen).__name__ == "TaskScreen")


async def test_a_product_is_saved_by_its_whole_name(app: HostdeckApp) -> None:
    async with app.run_test(size=BIG) as pilot:
        await press(pilot, ":", *"prod", "enter", "n")
        burst(app, "ahead-s", "ctrl+o")
        await until(lambda: type(app.screen).__name__ == "Products")
    with connection():
        assert Product.get_or_none(Product.name == "ahead-s") is not None


async def test_an_order_is_placed_only_as_it_is_typed_by_now(app: HostdeckApp) -> None:
    """The plan of `ahead.co` stands there when `m` and the key that places it come together."""
    async with app.run_test(size=BIG) as pilot:
        await press(pilot, "4", "n", *"ahead.co")
        screen = app.screen
        assert isinstance(screen, Order)
        await until(lambda: screen.plan is not None)
        burst(app, "m", "ctrl+o")
        await until(lambda: "no plan yet" in screen.query_one(PromptLine).notice)
        await until(lambda: screen.plan is not None and screen.plan[0].domain == "ahead.com")
    with connection():
        assert not Service.select().where(Service.domain.startswith("ahead.")).exists()


async def test_what_is_typed_after_a_backspace_does_not_overtake_it(app: HostdeckApp) -> None:
    async with app.run_test(size=BIG) as pilot:
        await press(pilot, "2", "n")
        field = app.screen.query_one("#name", Input)
        field.focus()
        await settle(pilot)
        for key, letter in (("w", "w"), ("x", "x"), ("backspace", "\x7f"), ("e", "e"), ("home", None), ("a", "a")):
            app.post_message(events.Key(key, letter))
        await settle(pilot)
        assert field.value == "awe"


async def test_a_key_that_a_field_has_nothing_to_do_for_climbs_on(app: HostdeckApp) -> None:
    """Nothing is selected in it: what copies then is the screen's."""
    async with app.run_test(size=BIG) as pilot:
        await press(pilot, "2", "n")
        field = app.screen.query_one("#name", Input)
        field.focus()
        seen: list[str] = []
        app.action_help_quit = lambda: seen.append("app")  # type: ignore[method-assign]
        await press(pilot, "ctrl+c")
        assert seen == ["app"]
        field.value = "web"
        await press(pilot, "shift+home", "ctrl+c")
        assert (seen, app.clipboard) == (["app"], "web")
