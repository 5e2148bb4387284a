"""`also here: ops2`, on the screens of what two people may want to change at once."""

from __future__ import annotations

from hostdeck.core.queries.presence import also_here
from hostdeck.screens.base import DeckScreen

EVERY = 15.0
"""Seconds: who has gone without a word is noticed by the clock alone."""


def watch(screen: DeckScreen) -> None:
    """Keeps who else looks at the object of the screen in its second line."""
    deck = screen.deck

    def asked() -> tuple[str, ...]:
        return also_here(screen.place, deck.seat, deck.door.actor, deck.clock())

    def show(names: tuple[str, ...]) -> None:
        screen.company = names
        screen.draw_crumbs()

    screen.follow(asked, show, every=lambda: EVERY)
