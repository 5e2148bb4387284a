"""How the console is to look on this terminal. What Textual reads of the environment it reads as it is loaded: all of
this comes before that.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hostdeck.core.settings import ConsoleSettings, Settings
    from hostdeck.tui.face import Looks

SYSTEMS = {"truecolor": "truecolor", "256": "256", "16": "standard"}
SLOW_FPS = "8"
"""Frames a second at most, on a slow line; otherwise Textual's own 60."""
FEW_COLORS = "ansi-dark"
"""The theme of a terminal with sixteen colours: its own, so that nothing is guessed."""


def set_up(console: ConsoleSettings) -> None:
    """Tells Textual and our own marks by the environment."""
    if console.color == "none":
        os.environ["NO_COLOR"] = "1"
    elif console.color in SYSTEMS:
        # Who names a number of colours wants them, whatever the environment says of all programs.
        os.environ.pop("NO_COLOR", None)
        os.environ["TEXTUAL_COLOR_SYSTEM"] = SYSTEMS[console.color]
    if console.ascii:
        os.environ["HOSTDECK_ASCII"] = "1"
    if console.slow:
        os.environ["TEXTUAL_FPS"] = SLOW_FPS


def few_colors(console: ConsoleSettings) -> bool:
    """Whether the terminal has sixteen colours and no more: it was said so, or its name says it."""
    if console.color != "auto":
        return console.color == "16"
    name = os.environ.get("TERM", "")
    return not os.environ.get("COLORTERM") and name in ("linux", "xterm-color", "ansi", "vt100", "screen")


def theme_of(console: ConsoleSettings) -> str:
    return console.theme or (FEW_COLORS if few_colors(console) else "")


def looks_of(loaded: Settings) -> Looks:
    from hostdeck.tui.face import Looks

    console = loaded.console
    return Looks(theme=theme_of(console), keys=loaded.keys, bell=console.bell, slow=console.slow)
