"""The README's pictures: `python -m bench.pictures` draws them anew into `snapshots/readme/`, from the same console and
the same seed as the snapshots. The same screens give the same bytes on every machine.
"""

from __future__ import annotations

import asyncio
import math
import os
import re
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any

from tests.screens import seed

from hostdeck.core.intents.base import Door
from hostdeck.core.queries.reader import Reader
from hostdeck.core.store.db import close_store, connection, transaction
from hostdeck.core.store.figure_models import HealthSample
from hostdeck.core.store.fleet_models import Server
from hostdeck.screens.order import Order
from hostdeck.screens.wall import Wall
from hostdeck.screens.wall_pages import PAGES
from hostdeck.tui.app import HostdeckApp
from hostdeck.tui.theme import UNICODE, glyphs
from hostdeck.tui.wall import WallApp

FOLDER = Path(__file__).resolve().parents[1] / "snapshots" / "readme"
SIZE = (120, 36)
ROUNDS = 400
"""How often at most a picture is looked at until it is at rest."""

DECIDES = ("NO_COLOR", "HOSTDECK_ASCII", "TEXTUAL_COLOR_SYSTEM", "COLUMNS", "LINES")
"""Variables that would change a picture."""

Steps = Callable[[Any], Awaitable[None]]


async def _home(pilot: Any) -> None:
    await _rest(pilot)


async def _order(pilot: Any) -> None:
    await _press(pilot, "n", *"green-apple.org")
    assert isinstance(pilot.app.screen, Order)
    while pilot.app.screen.plan is None:
        await pilot.pause(0.05)
    await _rest(pilot)


async def _deploy(pilot: Any) -> None:
    await _press(pilot, "4", "down", "enter")


async def _log(pilot: Any) -> None:
    await _press(pilot, "4", "down", "enter", *"jjjjjl")


async def _tasks(pilot: Any) -> None:
    await _press(pilot, "6", *"jjjjj")


async def _wall(pilot: Any) -> None:
    while not (isinstance(pilot.app.screen, Wall) and pilot.app.screen.is_mounted):
        await pilot.pause(0.02)
    await _rest(pilot)


CONSOLE: dict[str, Steps] = {"home": _home, "order": _order, "deploy": _deploy, "log": _log, "tasks": _tasks}


async def _press(pilot: Any, *keys: str) -> None:
    await _rest(pilot)
    for key in keys:
        await pilot.press(key)
        await _rest(pilot)


async def _rest(pilot: Any) -> None:
    """Until everything asked for is drawn: the same picture thrice."""
    seen, same = "", 0
    for _ in range(ROUNDS):
        await pilot.app.feed.beat()
        await pilot.pause()
        shown = pilot.app.export_screenshot()
        same = same + 1 if shown == seen and pilot.app.feed.answered else 0
        if same == 2:
            return
        seen = shown
    raise RuntimeError(f"the picture of {pilot.app.screen} does not come to rest")


def draw() -> dict[str, str]:
    """Every picture by its name, as SVG."""
    found = {name: _drawn(_console, steps) for name, steps in CONSOLE.items()}
    return found | {"wall": _drawn(_wall_app, _wall)}


def _drawn(make: Callable[[Reader, Path], Any], steps: Steps) -> str:
    with tempfile.TemporaryDirectory(prefix="hostdeck-pictures-") as home, _plain_environment():
        seed.seed(Path(home))
        _load_of_a_day()
        close_store()
        reader = Reader()

        async def run() -> str:
            app = make(reader, Path(home))
            async with app.run_test(size=SIZE) as pilot:
                await steps(pilot)
                return without_fonts(app.export_screenshot())

        try:
            return asyncio.run(run())
        finally:
            reader.close()
            close_store()


def _console(reader: Reader, home: Path) -> HostdeckApp:
    door = Door("ops1", reserved_ok=True)
    return HostdeckApp(reader, door, env="prod", clock=lambda: seed.NOW, zone=UTC, host="mgmt01", home=home)


def _wall_app(reader: Reader, home: Path) -> WallApp:
    return WallApp(reader, 0, PAGES, "prod", lambda: seed.NOW, zone=UTC, home=home)


def _load_of_a_day() -> None:
    """Busy in the evening, and backups at three in the morning."""
    with connection(), transaction():
        for server in Server.select():
            rows = []
            for at in (seed.NOW - timedelta(minutes=5 * back) for back in range(288)):
                hour = at.hour + at.minute / 60
                load = 18 + 14 * math.sin((hour - 13) / 24 * 2 * math.pi) + (34 if 3 <= hour < 4 else 0)
                load += (at.minute * (7 + server.id)) % 9
                rows.append({"server": server, "at": at, "load": round(load / (1 if server.web else 2), 1)})
            HealthSample.insert_many(rows).execute()


@contextmanager
def _plain_environment() -> Iterator[None]:
    before = {name: os.environ.pop(name) for name in DECIDES if name in os.environ}
    glyphs.cache_clear()
    try:
        if glyphs() is not UNICODE:
            raise RuntimeError("this terminal is none for UTF-8; try: LANG=C.UTF-8 make pictures")
        yield
    finally:
        os.environ |= before
        glyphs.cache_clear()


def without_fonts(svg: str) -> str:
    """The picture with the reader's own fonts: a picture in a page loads none from elsewhere anyway."""
    return re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL).replace(
        "Fira Code, monospace", "ui-monospace, Menlo, Consolas, DejaVu Sans Mono, monospace"
    )


def main() -> int:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, svg in draw().items():
        path = FOLDER / f"{name}.svg"
        path.write_text(svg, "utf-8")
        sys.stdout.write(f"{path.relative_to(FOLDER.parents[1])}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
