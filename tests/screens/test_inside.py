"""The rest of the inside of a service from the console: fetching and proving a backup, what differs on the nodes, the
password of a sold name's mailbox, and choices instead of words."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from hostdeck.core.settings import Settings
from hostdeck.core.store.home import make_home
from hostdeck.screens.service import ServiceScreen
from hostdeck.tui.app import HostdeckApp
from hostdeck.tui.widgets.prompt import PromptLine

BIG, SMALL = (120, 36), (80, 24)
both_sizes = pytest.mark.parametrize("size", [SMALL, BIG], ids=["80x24", "120x36"])
Settled = Callable[[Any], Any]


async def press(pilot: Any, settled: Settled, *keys: str) -> None:
    """Each key once the one before is done with."""
    await settled(pilot)
    for key in keys:
        await pilot.press(key)
        await settled(pilot)


async def until(true: Callable[[], bool]) -> None:
    """Waits for what a thread does; the test's own time limit ends it."""
    while not true():
        await asyncio.sleep(0.02)


def notice(app: HostdeckApp) -> str:
    return app.screen.query_one(PromptLine).notice


def shown(app: HostdeckApp) -> str:
    return "\n".join(strip.text.rstrip() for strip in app.screen._compositor.render_strips())


async def open_tab(app: HostdeckApp, pilot: Any, settled: Settled, tab: str) -> ServiceScreen:
    await settled(pilot)
    app.open_service("customer.com", tab)
    await settled(pilot)
    assert isinstance(app.screen, ServiceScreen)
    return app.screen


@pytest.fixture
def app(seeded: Path, seeds: ModuleType, make_app: Callable[..., HostdeckApp]) -> HostdeckApp:
    make_home(Settings(home=seeded))
    seeds.items()
    return make_app()


# ----------------------------------------------------------------------------------------------------------- backups


FETCH = "scp root@192.0.2.10:/backup/customer-com-web.2026-03-13.tar ."


async def test_c_copies_what_fetches_a_backup_and_the_list_says_it_below(app: HostdeckApp, settled: Settled) -> None:
    async with app.run_test(size=BIG) as pilot:
        await open_tab(app, pilot, settled, "backups")
        assert "lies on web01; c copies what fetches it:" in shown(app)
        assert FETCH in shown(app)
        await press(pilot, settled, "c")
        assert app.clipboard == FETCH
        assert notice(app) == f"copied: {FETCH}"
        await press(pilot, settled, "down", "c")
        assert notice(app) == "there is no archive here that lies on a node"
        await press(pilot, settled, "left_square_bracket")
        assert " copy" not in shown(app).splitlines()[-1]
