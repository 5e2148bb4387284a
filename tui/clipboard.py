"""The way to a clipboard that is not on this machine, and how much goes by it.

OSC 52 asks the terminal to take the text. tmux stands in between: it takes the request itself where `set-clipboard`
is on, and hands it through, wrapped, where `allow-passthrough` is on; else the text would be lost without a word, and
goes into a file instead (tmux(1)).
"""

from __future__ import annotations

import base64
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass

LIMIT = 74_000
"""Bytes of text that go by OSC 52: terminals cut a request at 100,000 characters, and four of it carry three."""

PATIENCE = 2.0
"""Seconds that tmux has to answer."""


@dataclass(frozen=True, slots=True)
class Way:
    """`sequence` is what the terminal gets; empty where a file has to do, and then `why` says it."""

    words: str
    sequence: str = ""
    why: str = ""

    @property
    def wrapped(self) -> bool:
        """Whether it is not the plain request, which any program sends."""
        return self.sequence.startswith("\x1bP")


def tmux_option(*words: str) -> str:
    """What tmux says that an option is; empty where it does not know it, or does not answer."""
    try:
        asked = subprocess.run(
            ["tmux", "show-options", *words], capture_output=True, text=True, timeout=PATIENCE, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return asked.stdout.strip()


def way(text: str, environ: Mapping[str, str], option: Callable[..., str] = tmux_option) -> Way:
    """By which way the text goes from here; may ask tmux, and then blocks for a moment."""
    size = len(text.encode())
    if size > LIMIT:
        return Way("file", why=f"terminals take {LIMIT:,} bytes, these are {size:,}")
    request = f"\x1b]52;c;{base64.b64encode(text.encode()).decode()}\a"
    if not environ.get("TMUX"):
        return Way("OSC 52", request)
    if option("-sv", "set-clipboard") == "on":
        return Way("OSC 52, by tmux", request)
    if option("-Awv", "allow-passthrough") in ("on", "all"):
        escaped = request.replace("\x1b", "\x1b\x1b")
        return Way("OSC 52, through tmux", f"\x1bPtmux;{escaped}\x1b\\")
    return Way("file", why="tmux has neither set-clipboard nor allow-passthrough on")
