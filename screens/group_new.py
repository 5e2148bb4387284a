"""A new group: its name is all there is to ask."""

from __future__ import annotations

from hostdeck.core.domain.inputs import check_name
from hostdeck.core.errors import Invalid
from hostdeck.core.intents.fleet import add_group
from hostdeck.screens.base import DeckScreen
from hostdeck.tui.widgets.ask import Ask


def ask_name(screen: DeckScreen) -> None:
    if not screen.may_change():
        return

    def named(name: str | None) -> None:
        if name is not None:
            screen.ask(lambda: add_group(screen.deck.door, name), lambda _: screen.say(f"group '{name}' is there"))

    screen.app.push_screen(Ask("New group", ("Its name: letters, digits, . _ and -",), wrong=_wrong), named)


def _wrong(text: str) -> str:
    try:
        check_name(text, "name", what="group")
    except Invalid as error:
        return str(error)
    return ""
