"""The statistics from the console: the fullest first, every column within reach, a file to take along."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.screens.seeing import command, notice, press, settle

from hostdeck.core.domain.action_names import Action
from hostdeck.core.store.db import connection
from hostdeck.core.store.fleet_models import Server
from hostdeck.core.store.work_models import Task
from hostdeck.screens.service import ServiceScreen
from hostdeck.screens.stats import LETTERS, Stats
from hostdeck.tui.app import HostdeckApp
from hostdeck.tui.widgets.table import Table

SIZES = [(80, 24), (120, 36)]


@pytest.fixture
def app(seeded: Path, seeds: Any, make_app: Callable[..., HostdeckApp]) -> HostdeckApp:
    seeds.usage()
    return make_app()


def lines(app: HostdeckApp) -> list[str]:
    return [strip.text for strip in app.screen._compositor.render_strips()]


def text(app: HostdeckApp) -> str:
    return "\n".join(lines(app))


def order(app: HostdeckApp) -> list[str]:
    return [row.domain for row in app.screen.query_one(Table).rows.shown]


@pytest.mark.parametrize("keys", [("7",), (":", *"stat", "enter"), (":", *"stats", "enter")])
async def test_the_key_and_the_words_lead_here(app: HostdeckApp, keys: tuple[str, ...]) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        await press(pilot, *keys)
        assert isinstance(app.screen, Stats)


async def test_the_fullest_comes_first_and_what_is_over_is_said_in_words(app: HostdeckApp) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        await press(pilot, "7")
        assert order(app) == ["customer.com", "baltic-tea.eu", "north-sail.net"]
        shown = text(app)
        assert "9/5 180%!" in shown
        assert "customer.com: dbs 9 of 5, 180 %, over by 4" in shown
        assert "1 over a limit" in shown


async def test_the_service_under_the_cursor_has_its_gauges_where_there_is_room(app: HostdeckApp) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        await press(pilot, "7")
        assert "18 of 25, 72 %" in text(app)
        await press(pilot, "down")
        assert "4.8G of 5G, 96 %" in text(app)
        await pilot.resize_terminal(80, 24)
        await settle(pilot)
        assert not app.screen.query_one("#gauges").display


async def test_a_letter_sorts_by_its_column_and_again_turns_it_around(app: HostdeckApp) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        await press(pilot, "7", "W")
        assert order(app)[0] == "baltic-tea.eu"
        await press(pilot, "D")
        assert order(app) == sorted(order(app))


def test_every_column_has_a_letter_of_its_own() -> None:
    letters = [*LETTERS.values(), "D", "S", "E"]
    assert len(letters) == len(set(letters))
    assert not set(letters) & {"G", "R"}


@pytest.mark.parametrize("size", SIZES)
async def test_the_arrows_bring_every_column_and_the_domain_stays(app: HostdeckApp, size: tuple[int, int]) -> None:
    async with app.run_test(size=size) as pilot:
        await press(pilot, "7")
        seen = set()
        for _ in range(12):
            head = next(line for line in lines(app) if "DOMAIN" in line)
            assert "STATUS" in head
            seen |= {title for title in ("WEB DISK", "CRON", "MAIL ACCTS", "MAIL BACKUPS", "UPDATED") if title in head}
            await press(pilot, "right")
        assert len(seen) == 5
        await press(pilot, *["left"] * 12)
        assert "WEB DISK" in text(app)


async def test_the_filter_narrows_and_enter_opens_the_service(app: HostdeckApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "7", "slash", *"baltic", "enter", "enter")
        assert isinstance(app.screen, ServiceScreen)
        assert app.screen.crumb == "baltic-tea.eu"


async def test_ctrl_s_saves_what_is_shown_and_says_where(app: HostdeckApp, tmp_path: Path) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        await press(pilot, "7", "slash", *"customer", "enter", "ctrl+s")
        path = tmp_path / "export" / "stats-20260314-211245.csv"
        assert str(path) in notice(app)
        assert [row["domain"] for row in csv.DictReader(path.read_text().splitlines())] == ["customer.com"]
        assert json.loads(path.with_suffix(".json").read_text())[0]["use"]["databases"]["over"] == 4
        assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)


async def test_a_folder_that_is_no_folder_is_said(app: HostdeckApp, tmp_path: Path) -> None:
    (tmp_path / "export").write_text("")
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "7", "ctrl+s")
        assert "can't be saved" in notice(app)


async def test_a_capital_r_has_every_hestia_node_read(app: HostdeckApp) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        await press(pilot, "7", "R")
        while "will be asked" not in notice(app):
            await pilot.pause(0.02)
    with connection():
        asked = Task.select(Server.name).join(Server).where(Task.action == Action.SERVER_SYNC_USAGE)
        assert {name for (name,) in asked.tuples()} == {"web01", "web02", "mx01", "mx02", "ns1"}


async def test_read_only_refuses_to_ask_the_nodes(seeded: Path, make_app: Callable[..., HostdeckApp]) -> None:
    app = make_app(read_only=True)
    async with app.run_test(size=(120, 36)) as pilot:
        await press(pilot, "7", "R")
        assert notice(app) == "hostdeck runs read-only here; nothing can be changed"


async def test_an_empty_fleet_says_what_brings_something(empty: Path, make_app: Callable[..., HostdeckApp]) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "7")
        assert "no services yet" in text(app)
        await press(pilot, "R")
        while "no server that knows users" not in notice(app):
            await pilot.pause(0.02)


async def test_the_overview_shows_the_same_as_gauges(app: HostdeckApp) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        await command(pilot, "svc customer.com")
        shown = text(app)
        assert "9 of 5, 180 %, over by 4" in shown
        assert "3.5G of unlimited" in shown
        assert "640M of 5G, 12 %" in shown


async def test_home_lists_a_service_that_is_over_a_limit(app: HostdeckApp) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        assert "Databases: 9 of 5 (180 %), over by 4" in text(app)


@pytest.mark.parametrize("size", SIZES, ids=["80x24", "120x36"])
@pytest.mark.parametrize("case", ["stats", "shifted", "overview"])
def test_picture(snap_compare: Any, app: HostdeckApp, case: str, size: tuple[int, int]) -> None:
    keys = {"stats": ("7",), "shifted": ("7", *["right"] * 9), "overview": ("4", "end", "enter")}[case]

    async def before(pilot: Any) -> None:
        await press(pilot, *keys)

    assert snap_compare(app, terminal_size=size, run_before=before)
