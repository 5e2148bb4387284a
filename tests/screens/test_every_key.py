"""Every key of every screen leads to its deed; and read-only, no key and no word changes anything."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from textual.binding import Binding

from hostdeck.screens.base import DeckScreen
from hostdeck.screens.framed import Framed
from hostdeck.tui.app import HostdeckApp
from hostdeck.tui.keymap import IDS
from hostdeck.tui.screen_table import load_all
from hostdeck.tui.widgets.commands import COMMANDS, command
from hostdeck.tui.widgets.prompt import PromptLine
from hostdeck.tui.widgets.table import Table

Make = Callable[..., HostdeckApp]

# How each screen with keys of its own is opened.
SCREENS: dict[str, tuple[str, ...]] = {
    "Home": ("1",),
    "Servers": ("2",),
    "ServerScreen": ("2", "enter"),
    "Groups": ("3",),
    "GroupScreen": ("3", "enter"),
    "Services": ("4",),
    "ServiceScreen": ("4", "end", "enter"),
    "Zones": ("5",),
    "ZoneScreen": ("5", "end", "enter"),
    "Tasks": ("6",),
    "TaskScreen": ("6", "enter"),
    "Stats": ("7",),
    "AuditScreen": ("8",),
    "SettingsScreen": ("9",),
    "CommandLog": ("at",),
    "Tree": ("t",),
    "Products": ("colon", *"prod", "enter"),
    "ProductScreen": ("colon", *"prod", "enter", "enter"),
    "Tickets": ("colon", *"tick", "enter"),
    "TicketScreen": ("colon", *"tick", "enter", "enter"),
    "Certificates": ("colon", *"ssl", "enter"),
    "Doctor": ("colon", *"doctor", "enter"),
}


def own_bindings(screen: DeckScreen) -> Iterator[Binding]:
    """What the screen, and what all lists share, bind; of several keys the first."""
    seen = set()
    for kind in type(screen).__mro__:
        if not issubclass(kind, Framed):
            continue
        for binding in kind.__dict__.get("BINDINGS", ()):
            if binding.action not in seen and not binding.action.startswith("app."):
                seen.add(binding.action)
                yield binding


async def opened(pilot: Any, keys: tuple[str, ...], name: str) -> DeckScreen:
    for key in keys:
        await pilot.press(key)
        for _ in range(3):
            await pilot.app.feed.beat()
            await pilot.pause()
    while type(pilot.app.screen).__name__ != name:
        await pilot.app.feed.beat()
        await pilot.pause(0.01)
    screen = pilot.app.screen
    assert isinstance(screen, DeckScreen)
    return screen


@pytest.mark.soak
@pytest.mark.parametrize("name", SCREENS)
async def test_every_key_of_a_screen_leads_to_its_deed(
    app: HostdeckApp, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        screen = await opened(pilot, SCREENS[name], name)
        done: list[str] = []
        bindings = list(own_bindings(screen))
        for binding in bindings:
            word = binding.action.partition("(")[0]
            monkeypatch.setattr(screen, f"action_{word}", lambda *given, word=word: done.append(word))
        for binding in bindings:
            for key in binding.key.split(","):
                active = screen.active_bindings.get(key.strip())
                if active is None or active.node is not screen or active.binding.action != binding.action:
                    continue  # the panel with the focus has it; from there it is tested by the panel's own tests
                del done[:]
                await pilot.press(key.strip())
                await pilot.pause()
                assert done == [binding.action.partition("(")[0]], f"{binding.id} by {key}"
        monkeypatch.undo()


def test_every_key_has_a_name_of_its_own() -> None:
    load_all()
    names = [name for name in IDS if "." in name]
    assert len(names) > 100
    assert {"tasks.retry", "app.command", "table.mark", "services.new-order"} <= set(names)
    for name, binding in IDS.items():
        assert binding.id == name
        assert binding.description, name


def test_every_word_has_a_meaning_and_no_two_words_are_the_same() -> None:
    words = [word for entry in COMMANDS for word in entry.words]
    assert len(words) == len(set(words))
    assert all(entry.help for entry in COMMANDS)
    assert all(command(word) is not None for word in words)


def contents(home: Path) -> str:
    with sqlite3.connect(f"file:{home}/hostdeck.db?mode=ro", uri=True) as link:
        return "\n".join(link.iterdump())


WITH_WORDS = ("Services", "ServiceScreen", "Servers", "Tasks")
"""Where the words that act find something to act on."""


@pytest.mark.parametrize(
    "names",
    [
        list(WITH_WORDS),
        pytest.param(list(SCREENS)[:7], marks=pytest.mark.soak),
        pytest.param(list(SCREENS)[7:14], marks=pytest.mark.soak),
        pytest.param(list(SCREENS)[14:], marks=pytest.mark.soak),
    ],
    ids=["those with words", "1", "2", "3"],
)
async def test_read_only_no_key_and_no_word_changes_anything(make_app: Make, seeded: Path, names: list[str]) -> None:
    """Each is pressed and, where it asks something, answered with yes."""
    app = make_app(read_only=True)
    before = contents(seeded)
    async with app.run_test(size=(120, 36)) as pilot:
        for name in names:
            await app.action_go("home")
            screen = await opened(pilot, SCREENS[name], name)
            for key in [binding.key.split(",")[0].strip() for binding in own_bindings(screen)]:
                await pilot.press(key)
                await back_to(screen, pilot)
            for entry in COMMANDS if name in WITH_WORDS else ():
                if entry.deed in ("act", "wish", "server", "delete", "undo", "order"):
                    await app.run_command(entry)
                    await back_to(screen, pilot)
            for table in screen.query(Table):
                table.focus()  # a key may have led into a log, and Enter has to open the next screen
        await app.feed.beat()
    assert contents(seeded) == before


async def back_to(screen: DeckScreen, pilot: Any) -> None:
    """Says yes to whatever is asked, and comes back."""
    app = pilot.app
    await pilot.pause()
    for key in ("y", "enter"):
        if not isinstance(app.screen, DeckScreen):
            await pilot.press(key)
    while app.screen is not screen:
        await app.pop_screen()
    if (prompt := screen.query_one(PromptLine)).is_open:
        prompt.close()
