"""Colours by meaning: every state is a word first, and has its colour only from here."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from rich.style import Style
from textual.theme import Theme


class Tone(StrEnum):
    """What a colour says."""

    OK = "ok"
    BUSY = "busy"
    WAITING = "waiting"
    WRONG = "wrong"
    MUTED = "muted"
    PLAIN = "plain"
    BRIGHT = "bright"
    ACCENT = "accent"


COLOR: dict[Tone, str] = {
    Tone.OK: "#84c494",
    Tone.BUSY: "#6fb1e8",
    Tone.WAITING: "#d6b36a",
    Tone.WRONG: "#ee7d72",
    Tone.MUTED: "#77849a",
    Tone.PLAIN: "#c3ccd9",
    Tone.BRIGHT: "#f1f5fa",
    Tone.ACCENT: "#8fb8f5",
}
STYLE: dict[Tone, Style] = {tone: Style(color=color) for tone, color in COLOR.items()} | {
    Tone.WRONG: Style(color=COLOR[Tone.WRONG], bold=True),
    Tone.BRIGHT: Style(color=COLOR[Tone.BRIGHT], bold=True),
}

THEME = Theme(
    name="hostdeck",
    primary=COLOR[Tone.ACCENT],
    secondary="#5f7ba6",
    accent=COLOR[Tone.ACCENT],
    success=COLOR[Tone.OK],
    warning=COLOR[Tone.WAITING],
    error=COLOR[Tone.WRONG],
    foreground=COLOR[Tone.PLAIN],
    background="#10141b",
    surface="#151a23",
    panel="#1b2230",
    dark=True,
    variables={
        "muted": COLOR[Tone.MUTED],
        "bright": COLOR[Tone.BRIGHT],
        "line": "#2c3648",
        "cursor": "#22304a",
        "cursor-away": "#1a2231",
        "input-selection-background": "#3d5a8a",
        "input-cursor-background": COLOR[Tone.ACCENT],
        "scrollbar": "#2c3648",
        "scrollbar-hover": "#3d4a61",
        "scrollbar-active": COLOR[Tone.ACCENT],
        "scrollbar-background": "#10141b",
        "scrollbar-background-hover": "#10141b",
        "scrollbar-background-active": "#10141b",
    },
)


@dataclass(frozen=True, slots=True)
class Glyphs:
    """The few characters that are not letters, in two kinds."""

    line: str
    full: str
    empty: str
    bar: str
    more: str
    endless: str
    dot: str
    done: str


UNICODE = Glyphs("─", "█", "░", "━", "…", "∞", "·", "✓")
ASCII = Glyphs("-", "#", ".", "=", "~", "oo", "-", "+")


@cache
def glyphs() -> Glyphs:
    """ASCII where the terminal says it can't do more, or `HOSTDECK_ASCII` asks for it."""
    encoding = (getattr(sys.__stdout__, "encoding", "") or "").lower().replace("-", "")
    poor = encoding not in ("utf8", "") or os.environ.get("TERM") == "linux"
    return ASCII if poor or os.environ.get("HOSTDECK_ASCII") else UNICODE
