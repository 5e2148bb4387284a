"""Taking back what was asked last."""

from __future__ import annotations

from hostdeck.screens.base import DeckScreen
from hostdeck.tui.theme import Tone


def offer(screen: DeckScreen) -> None:
    screen.say("nothing of yours waits to be taken back", Tone.WAITING)
