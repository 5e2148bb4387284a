"""The first minutes: no home yet, then an empty fleet, and at no time an empty table."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.screens.seeing import press, settle
from textual.widgets import Static

from hostdeck.core.domain.vocabulary import Mode
from hostdeck.core.settings import Settings, load_settings
from hostdeck.core.store.db import connection, transaction
from hostdeck.core.store.fleet_models import Group, Server
from hostdeck.core.store.work_models import Product, Service
from hostdeck.screens.home import Home
from hostdeck.screens.order import Order
from hostdeck.screens.product import ProductScreen
from hostdeck.screens.server_form import ServerFormScreen
from hostdeck.tui.app import HostdeckApp
from hostdeck.tui.cli import console
from hostdeck.tui.first_run import FirstRun
from hostdeck.tui.widgets.ask import Ask

both_sizes = pytest.mark.parametrize("size", [(80, 24), (120, 36)], ids=["80x24", "120x36"])


def place() -> FirstRun:
    return FirstRun(Path("/home/ops1/.local/share/hostdeck"), "sqlite:////home/ops1/.local/share/hostdeck/hostdeck.db")


@both_sizes
def test_where_there_is_no_home(snap_compare: Any, size: tuple[int, int]) -> None:
    assert snap_compare(place(), terminal_size=size)


@pytest.mark.parametrize(
    ("keys", "way"), [(("enter",), "make"), (("down", "enter"), "try"), (("m",), "make"), (("escape",), "leave")]
)
async def test_one_of_three_ways_is_taken(keys: tuple[str, ...], way: str) -> None:
    app = place()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press(*keys)
    assert app.return_value == way


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    done: list[str] = []
    monkeypatch.setattr(console, "run_console", lambda loaded: done.append("console") or 0)
    monkeypatch.setattr("hostdeck.tui.cli.demo.run_demo", lambda home, headless: done.append("demo") or 0)
    return done


@pytest.mark.parametrize(
    ("way", "then", "made"), [("make", ["console"], True), ("try", ["demo"], False), (None, [], False)]
)
def test_only_making_it_makes_anything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ran: list[str], way: str | None, then: list[str], made: bool
) -> None:
    monkeypatch.setattr(FirstRun, "run", lambda self: way)
    loaded = load_settings(tmp_path / "home", environ={})
    assert console.is_first_run(loaded)
    assert console.first_run(loaded) == 0
    assert ran == then
    assert (tmp_path / "home" / "hostdeck.db").exists() is made
    assert console.is_first_run(loaded) is not made


def test_read_only_and_a_database_elsewhere_are_no_first_run(tmp_path: Path) -> None:
    assert not console.is_first_run(Settings(home=tmp_path, read_only=True))
    assert not console.is_first_run(Settings(home=tmp_path, database_url="postgresql://ops@db/hostdeck"))


def some_steps(done: int) -> None:
    with transaction():
        group = Group.create(name="eu") if done > 0 else None
        if done > 1:
            Server.create(
                uuid="u", name="web01", hostname="web01.example.net", ip="192.0.2.10", web=True, group=group,
                host_key="ssh-ed25519 AAAA", credential="sealed",
            )  # fmt: skip
        if done > 2:
            Product.create(name="basic", group=group, mode=Mode.SPLIT, roles=["web"])


def guide(app: HostdeckApp) -> list[str]:
    return str(app.screen.query_one("#home-welcome", Static).visual).splitlines()


async def shown(pilot: Any) -> None:
    while not pilot.app.screen.has_class("-starting"):
        await settle(pilot)
    await settle(pilot)


@both_sizes
@pytest.mark.parametrize("done", [1, 2])
def test_home_on_the_way(
    snap_compare: Any, empty: Path, make_app: Callable[..., HostdeckApp], done: int, size: tuple[int, int]
) -> None:
    some_steps(done)
    assert snap_compare(make_app(), terminal_size=size, run_before=shown)


@pytest.mark.parametrize("done", [0, 1, 2, 3])
async def test_enter_opens_the_form_of_the_next_step_and_done_ones_are_ticked(
    empty: Path, make_app: Callable[..., HostdeckApp], done: int
) -> None:
    some_steps(done)
    app = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await shown(pilot)
        boxes = [line[:5] for line in guide(app) if "[" in line[:5]]
        assert boxes == ["  [x]"] * done + ["> [ ]"] + ["  [ ]"] * (3 - done)
        await press(pilot, "enter")
        assert isinstance(app.screen, (Ask, ServerFormScreen, ProductScreen, Order)[done])


async def test_a_group_that_is_named_there_is_ticked_at_once(empty: Path, make_app: Callable[..., HostdeckApp]) -> None:
    app = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await shown(pilot)
        await press(pilot, "enter", *"eu", "enter")
        while "[x] 1  a group" not in "\n".join(guide(app)):
            await settle(pilot)
        assert isinstance(app.screen, Home)


async def test_the_guide_goes_with_the_first_order(app: HostdeckApp) -> None:
    with connection():
        assert Service.select().exists()
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        assert not app.screen.has_class("-starting")
        assert not app.screen.query_one("#home-welcome").display


async def test_read_only_the_guide_opens_no_form(empty: Path, make_app: Callable[..., HostdeckApp]) -> None:
    app = make_app(read_only=True)
    async with app.run_test(size=(120, 36)) as pilot:
        await shown(pilot)
        await press(pilot, "enter")
        assert isinstance(app.screen, Home)
