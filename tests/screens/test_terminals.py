"""The screens one lives in, on every kind of terminal: the largest and the smallest, with few colours, with none,
light, and without a character beyond ASCII.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.screens.seeing import press, pressing, settle

from hostdeck.tui import theme
from hostdeck.tui.app import HostdeckApp
from hostdeck.tui.face import Looks
from hostdeck.tui.theme import DARK, glyphs, wear

Make = Callable[..., HostdeckApp]

DIALOGS: dict[str, tuple[str, ...]] = {"order": ("4", "n"), "confirm": ("6", "x"), "help": ("question_mark",)}
LIVED_IN: dict[str, tuple[str, ...]] = {"home": (), "service": ("4", "enter"), "tasks": ("6",)}
MORE: dict[str, tuple[str, ...]] = {
    "audit": ("8",),
    "settings": ("9",),
    "setting": ("9", "e"),
    "commands": ("at",),
    "events": (":", *"nonsense", "enter", ":", *"events", "enter"),
    "describe": ("2", "d"),
    "json": ("2", "y"),
    "columns": ("6", ":", *"columns", "enter", "down", "space"),
    "keys": ("6", ":", *"keys", "enter", "r"),
    "marks": ("6", "space", "v", "down", "down"),
    "narrowed": ("6", "slash", *"state:fail", "enter"),
    "frozen": ("6", "p"),
}
both_sizes = pytest.mark.parametrize("size", [(80, 24), (120, 36)], ids=["80x24", "120x36"])
lived_in = pytest.mark.parametrize("case", LIVED_IN)


@pytest.fixture(autouse=True)
def own_colours() -> Iterator[None]:
    """A theme worn in one test is not worn in the next, and neither are its marks."""
    yield
    wear(DARK)
    glyphs.cache_clear()


@both_sizes
@pytest.mark.parametrize("case", MORE)
def test_screen(snap_compare: Any, app: HostdeckApp, case: str, size: tuple[int, int]) -> None:
    assert snap_compare(app, terminal_size=size, run_before=pressing(*MORE[case]))


@lived_in
@pytest.mark.parametrize("size", [(300, 80), (60, 16)], ids=["300x80", "60x16"])
def test_largest_and_smallest(snap_compare: Any, app: HostdeckApp, case: str, size: tuple[int, int]) -> None:
    assert snap_compare(app, terminal_size=size, run_before=pressing(*LIVED_IN[case]))


@lived_in
def test_without_colour(
    snap_compare: Any, make_app: Make, seeded: Path, case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert snap_compare(make_app(), terminal_size=(120, 36), run_before=pressing(*LIVED_IN[case]))


@lived_in
@pytest.mark.parametrize("name", ["hostdeck-light", "ansi-dark"])
def test_in_another_theme(snap_compare: Any, make_app: Make, seeded: Path, case: str, name: str) -> None:
    app = make_app(looks=Looks(theme=name))
    assert snap_compare(app, terminal_size=(120, 36), run_before=pressing(*LIVED_IN[case]))


@pytest.mark.parametrize("case", [*LIVED_IN, *DIALOGS])
async def test_nothing_beyond_ascii_is_drawn_where_that_was_asked_for(
    make_app: Make, seeded: Path, case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOSTDECK_ASCII", "1")
    theme.glyphs.cache_clear()
    app = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await press(pilot, *(LIVED_IN | DIALOGS)[case])
        drawn = "\n".join(strip.text for strip in app.screen._compositor.render_strips())
    assert drawn.strip()
    foreign = {letter for letter in drawn if not letter.isascii()}
    assert foreign <= {"•"}, foreign  # a masked secret, as the log keeps it


async def test_a_resize_keeps_cursor_filter_and_scroll(app: HostdeckApp) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        await press(pilot, "6", "slash", *"mail", "enter", "end")
        table = app.screen.query_one("#tasks")
        row = table.row  # type: ignore[attr-defined]
        for width, height in ((60, 16), (300, 80), (80, 24), (120, 36)):
            await pilot.resize_terminal(width, height)
            await settle(pilot)
            assert table.row == row  # type: ignore[attr-defined]
            assert table.cursor_in_sight()  # type: ignore[attr-defined]
            assert table.rows.filter_text == "mail"  # type: ignore[attr-defined]
