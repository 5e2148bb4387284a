"""Tickets from the console: found by a word, closed after a question, and the way to task and service."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.screens.seeing import command, name, press

from hostdeck.core.queries.tickets import ticket
from hostdeck.core.store.db import connection
from hostdeck.tui.app import HostdeckApp
from hostdeck.tui.widgets.dialogs import Confirm
from hostdeck.tui.widgets.prompt import PromptLine
from hostdeck.tui.widgets.table import Table


def state() -> tuple[str, str | None]:
    with connection():
        found = ticket(2)
    return found.status, found.closed_by


@pytest.mark.parametrize("size", [(80, 24), (120, 36)], ids=["80x24", "120x36"])
async def test_closing_asks_and_its_first_button_keeps(app: HostdeckApp, size: tuple[int, int]) -> None:
    async with app.run_test(size=size) as pilot:
        await command(pilot, "tick")
        await press(pilot, "a")
        assert isinstance(app.screen, Confirm)
        await press(pilot, "enter")
        assert state() == ("open", None)
        await press(pilot, "a", "y")
        while state()[0] == "open":
            await pilot.pause(0.02)
        assert state() == ("closed", "ops1")
        await press(pilot, "a")
        assert app.screen.query_one(PromptLine).notice.startswith("#2 is closed")


async def test_enter_leads_from_the_list_to_the_ticket_and_on_to_its_task(app: HostdeckApp) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        await command(pilot, "tickets")
        assert [row.id for row in app.screen.query_one(Table).rows.shown] == [2, 1]
        await press(pilot, "enter")
        assert name(app) == "TicketScreen"
        await press(pilot, "enter")
        assert name(app) == "TaskScreen"
        await press(pilot, "escape", "o")
        assert name(app) == "ServiceScreen"
        await press(pilot, "escape", "escape", "escape")
        assert name(app) == "Home"


async def test_the_task_of_an_entry_is_retried_from_its_ticket(app: HostdeckApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await command(pilot, "tick 2")
        await press(pilot, "r")
        while "queued again" not in app.screen.query_one(PromptLine).notice:
            await pilot.pause(0.02)
        assert state() == ("open", None)


async def test_the_whole_text_of_the_entry_under_the_cursor_is_shown(app: HostdeckApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await command(pilot, "tick 2")
        text = "\n".join(strip.text for strip in app.screen._compositor.render_strips())
        assert "owned by user 'olduser'" in text


async def test_a_filter_can_follow_the_word(app: HostdeckApp) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        await command(pilot, "tick /north")
        assert [row.id for row in app.screen.query_one(Table).rows.shown] == [2]


async def test_a_ticket_that_is_not_there_says_so(app: HostdeckApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await command(pilot, "tick 99")
        text = "\n".join(strip.text for strip in app.screen._compositor.render_strips())
        assert "there is no ticket 99" in text


async def test_read_only_closes_none(seeded: Path, make_app: Any) -> None:
    app = make_app(read_only=True)
    async with app.run_test(size=(120, 36)) as pilot:
        await command(pilot, "tick")
        await press(pilot, "a")
        assert name(app) == "Tickets"
        assert "read-only" in app.screen.query_one(PromptLine).notice
        assert state() == ("open", None)
