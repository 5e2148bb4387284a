"""What a test sees of a console, and how it waits for it."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Any

from textual import events
from textual.keys import _character_to_key
from textual.widgets import Input

from hostdeck.tui.app import HostdeckApp
from hostdeck.tui.widgets.frame import OneLine
from hostdeck.tui.widgets.prompt import PromptLine

PATIENCE = 60.0


def notice(app: HostdeckApp) -> str:
    return app.screen.query_one(PromptLine).notice


def name(app: HostdeckApp) -> str:
    return type(app.screen).__name__


def crumbs(app: HostdeckApp) -> str:
    return app.screen.query_one("#crumbs", OneLine).text.plain


def drawn(app: HostdeckApp) -> str:
    """The uppermost screen, line by line."""
    return "\n".join(strip.text.rstrip() for strip in app.screen._compositor.render_strips())


def _screens(app: Any) -> tuple[Any, ...]:
    return (*app._background_screens, app.screen)


def _is_due(screen: Any) -> bool:
    """Whether it will ask by itself in a moment: a form shows its plan once its fields have been left alone."""
    timers = [timer for timer in screen._timers if timer._repeat == 0 and timer._interval < 1]
    return any(timer._task is not None and not timer._task.done() for timer in timers)


def _is_asking(app: Any) -> bool:
    """Whether something that was asked on another thread has not been answered. The pulse alone goes on for ever."""
    if any(not worker.is_finished for worker in app.workers if worker.name != "feed"):
        return True
    return any(_is_due(screen) for screen in _screens(app))


def _is_busy(app: Any) -> bool:
    """Whether a message waits for anything that is on a screen. Whether the process is idle says nothing on a machine
    that gives it no time."""
    seen = (app, *_screens(app), *(widget for screen in _screens(app) for widget in screen.walk_children()))
    return any(one.message_queue_size for one in seen)


async def settle(pilot: Any) -> None:
    """Until the feed has been round with nothing left to ask, and what it brought is drawn: the same picture twice."""
    app, seen, end = pilot.app, None, monotonic() + PATIENCE
    while monotonic() < end:
        while _is_asking(app) and monotonic() < end:
            await asyncio.sleep(0.005)
        await app.feed.beat()
        await pilot.pause()
        if app.feed.answered and not _is_asking(app) and not _is_busy(app):
            shown = [screen._compositor.render_strips() for screen in _screens(app)]
            if shown == seen:
                return
            seen = shown
        else:
            seen = None
    raise AssertionError(f"still not at rest: {[worker for worker in app.workers if not worker.is_finished]}")


async def press(pilot: Any, *keys: str) -> None:
    """Each key once the one before is done with. Letters that are typed into a field come in one burst, and are looked
    at when all of them are there."""
    await settle(pilot)
    left = deque(keys)
    while left:
        if isinstance(pilot.app.focused, Input) and len(left[0]) == 1:
            while left and len(left[0]) == 1:
                letter = left.popleft()
                pilot.app.post_message(events.Key(_character_to_key(letter), letter))
        else:
            await pilot.press(left.popleft())
        await settle(pilot)


def pressing(*keys: str) -> Callable[[Any], Awaitable[None]]:
    """What is done before a picture."""
    return lambda pilot: press(pilot, *keys)


async def command(pilot: Any, text: str) -> None:
    await press(pilot, ":", *text, "enter")


async def until(pilot: Any, true: Callable[[], Any]) -> None:
    """Until it is so; who waits in vain sees the screen."""
    end = monotonic() + PATIENCE
    while not true():
        assert monotonic() < end, drawn(pilot.app)
        await pilot.app.feed.beat()
        await pilot.pause(0.01)


async def until_done(true: Callable[[], Any]) -> None:
    """Waits for what a thread does; the test's own time limit ends it."""
    while not true():
        await asyncio.sleep(0.02)
