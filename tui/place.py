"""Where somebody is in the console, as a short text for an address: `services`, `services/customer.com`."""

from __future__ import annotations

import os
import re
from typing import Any

from textual.screen import Screen

from hostdeck.screens.base import DeckScreen

VARIABLE = "HOSTDECK_PLACE"
"""What a console that is started for a browser is told to open."""

SECTIONS = ("home", "servers", "groups", "services", "zones", "tasks", "products", "stats", "audit", "settings")
ONE_OF = ("servers", "groups", "services", "zones", "tasks")
"""Sections whose `:` word opens one object by its name."""

SHAPE = re.compile(rf"({'|'.join(SECTIONS)})(?:/([A-Za-z0-9][A-Za-z0-9._-]{{0,252}}))?")


def place_of(section: str, screen: Screen[Any]) -> str:
    """The place of what is on the screen; of the section alone where what lies over it has no name."""
    if isinstance(screen, DeckScreen) and screen.SECTION in ONE_OF and screen.crumb:
        place = f"{screen.SECTION}/{screen.crumb.removeprefix('#')}"
        return place if SHAPE.fullmatch(place) else screen.SECTION
    return section


def place_words(place: str) -> tuple[str, str] | None:
    """The `:` word that leads there, and what is typed after it; None for what is no place."""
    found = SHAPE.fullmatch(place)
    if found is None or (found[2] and found[1] not in ONE_OF):
        return None
    return found[1], found[2] or ""


def place_asked() -> tuple[str, str] | None:
    """What this process was told to open."""
    return place_words(os.environ.get(VARIABLE, ""))
