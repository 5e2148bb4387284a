"""Colours by meaning: every state is a word first, and has its colour only from here."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from rich.style import Style
from textual.color import Color
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
    LINE = "line"


DARK = Theme(
    name="hostdeck",
    primary="#8fb8f5",
    secondary="#5f7ba6",
    accent="#8fb8f5",
    success="#84c494",
    warning="#d6b36a",
    error="#ee7d72",
    foreground="#c3ccd9",
    background="#10141b",
    surface="#151a23",
    panel="#1b2230",
    dark=True,
    variables={
        "busy": "#6fb1e8",
        "muted": "#77849a",
        "bright": "#f1f5fa",
        "line": "#2c3648",
        "cursor": "#22304a",
        "cursor-away": "#1a2231",
        "hit": "#5a4a1e",
        "input-selection-background": "#3d5a8a",
        "input-cursor-background": "#8fb8f5",
        "scrollbar": "#2c3648",
        "scrollbar-hover": "#3d4a61",
        "scrollbar-active": "#8fb8f5",
        "scrollbar-background": "#10141b",
        "scrollbar-background-hover": "#10141b",
        "scrollbar-background-active": "#10141b",
    },
)
LIGHT = Theme(
    name="hostdeck-light",
    primary="#1d5fb8",
    secondary="#6b86ad",
    accent="#1d5fb8",
    success="#1e7a3a",
    warning="#8a5a00",
    error="#b3261e",
    foreground="#26303d",
    background="#fbfcfe",
    surface="#f1f4f8",
    panel="#e6ebf2",
    dark=False,
    variables={
        "busy": "#0f6f9c",
        "muted": "#5d6979",
        "bright": "#0b1118",
        "line": "#c2cbd8",
        "cursor": "#d3e2f8",
        "cursor-away": "#e6ecf5",
        "hit": "#ffe49a",
        "input-selection-background": "#b9d2f5",
        "input-cursor-background": "#1d5fb8",
        "input-cursor-foreground": "#fbfcfe",
        "scrollbar": "#c2cbd8",
        "scrollbar-hover": "#a9b5c6",
        "scrollbar-active": "#1d5fb8",
        "scrollbar-background": "#fbfcfe",
        "scrollbar-background-hover": "#fbfcfe",
        "scrollbar-background-active": "#fbfcfe",
    },
)
STYLE: dict[Tone, Style] = {}
"""How each tone is drawn in the theme that is worn: a terminal wears one at a time. `wear` fills it."""
BOLD = frozenset({Tone.WRONG, Tone.BRIGHT})


def variables(theme: Theme) -> dict[str, str]:
    """What our style sheet asks of a theme beyond Textual's own names, made of its colours where it does not say."""
    made = theme.to_color_system().generate()
    if theme.ansi:
        quiet = "ansi_bright_black"
        names = {"muted": quiet, "line": quiet, "bright": "ansi_bright_white" if theme.dark else "ansi_black"}
        names |= {"cursor": "ansi_blue" if theme.dark else "ansi_bright_white", "cursor-away": "ansi_default"}
        return {"busy": "ansi_cyan", "hit": "ansi_yellow", **names, **theme.variables}
    ground, text = Color.parse(made["background"]), Color.parse(made["foreground"])
    accent = Color.parse(made["accent"])
    derived = {
        "busy": made["primary"],
        "muted": text.blend(ground, 0.4).hex6,
        "bright": text.blend(Color.parse("white" if theme.dark else "black"), 0.6).hex6,
        "line": ground.blend(text, 0.2).hex6,
        "cursor": ground.blend(accent, 0.25).hex6,
        "cursor-away": ground.blend(accent, 0.1).hex6,
        "hit": ground.blend(Color.parse(made["warning"]), 0.4).hex6,
    }
    return derived | theme.variables


def wear(theme: Theme) -> None:
    """From now on words are drawn in this theme's colours."""
    made = theme.to_color_system().generate() | variables(theme)
    # As the theme says it: the colour system rounds.
    made |= {name: said for name in ("success", "warning", "error", "foreground") if (said := getattr(theme, name))}
    names = {
        Tone.OK: "success",
        Tone.BUSY: "busy",
        Tone.WAITING: "warning",
        Tone.WRONG: "error",
        Tone.MUTED: "muted",
        Tone.PLAIN: "foreground",
        Tone.BRIGHT: "bright",
        Tone.ACCENT: "accent",
        Tone.LINE: "line",
    }
    for tone, name in names.items():
        STYLE[tone] = Style(color=_for_rich(made[name]), bold=True if tone in BOLD else None)


def _for_rich(color: str) -> str:
    """Textual says `ansi_red` where Rich says `red`."""
    return color.removeprefix("ansi_") if color.startswith("ansi_") else Color.parse(color).hex6


wear(DARK)


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
    chosen: str


UNICODE = Glyphs("─", "█", "░", "━", "…", "∞", "·", "✓", "●")
ASCII = Glyphs("-", "#", ".", "=", "~", "oo", "-", "+", "o")


@cache
def glyphs() -> Glyphs:
    """ASCII where the terminal says it can't do more, or `HOSTDECK_ASCII` asks for it."""
    encoding = (getattr(sys.__stdout__, "encoding", "") or "").lower().replace("-", "")
    poor = encoding not in ("utf8", "") or os.environ.get("TERM") == "linux"
    return ASCII if poor or os.environ.get("HOSTDECK_ASCII") else UNICODE
