"""What a test sees of a console, and how it waits for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from hostdeck.tui.app import HostdeckApp
from hostdeck.tui.widgets.frame import OneLine
from hostdeck.tui.widgets.prompt import PromptLine


def notice(app: HostdeckApp) -> str:
    return app.screen.query_one(PromptLine).notice


def name(app: HostdeckApp) -> str:
    return type(app.screen).__name__


def crumbs(app: HostdeckApp) -> str:
    return app.screen.query_one("#crumbs", OneLine).text.plain


def drawn(app: HostdeckApp) -> str:
    """The uppermost screen, line by line."""
    return "\n".join(strip.text.rstrip() for strip in app.screen._compositor.render_strips())


async def until(pilot: Any, true: Callable[[], Any]) -> None:
    """Until it is so; the test's own time limit ends the wait."""
    while not true():
        await pilot.app.feed.beat()
        await pilot.pause(0.01)


async def until_done(true: Callable[[], Any]) -> None:
    """Waits for what a thread does; the test's own time limit ends it."""
    while not true():
        await asyncio.sleep(0.02)
