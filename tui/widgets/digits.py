"""Numbers that can be read from the other end of a room."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, repeat

from hostdeck.tui.theme import UNICODE, glyphs

DRAWN = {
    "0": ("┏━┓", "┃ ┃", "┗━┛"), "1": ("╺┓ ", " ┃ ", "╺┻╸"), "2": ("╺━┓", "┏━┛", "┗━╸"), "3": ("╺━┓", " ━┫", "╺━┛"),
    "4": ("╻ ╻", "┗━┫", "  ╹"), "5": ("┏━╸", "┗━┓", "╺━┛"), "6": ("┏━╸", "┣━┓", "┗━┛"), "7": ("╺━┓", "  ┃", "  ╹"),
    "8": ("┏━┓", "┣━┫", "┗━┛"), "9": ("┏━┓", "┗━┫", "╺━┛"), ":": (" ╻ ", "   ", " ╹ "),
}  # fmt: skip
PLAIN = {
    "0": (" _ ", "| |", "|_|"), "1": ("   ", "  |", "  |"), "2": (" _ ", " _|", "|_ "), "3": (" _ ", " _|", " _|"),
    "4": ("   ", "|_|", "  |"), "5": (" _ ", "|_ ", " _|"), "6": (" _ ", "|_ ", "|_|"), "7": (" _ ", "  |", "  |"),
    "8": (" _ ", "|_|", "|_|"), "9": (" _ ", "|_|", " _|"), ":": ("   ", " . ", " . "),
}  # fmt: skip
DOTS = {
    "0": "111 101 101 101 111", "1": "010 110 010 010 111", "2": "111 001 111 100 111", "3": "111 001 111 001 111",
    "4": "101 101 111 001 001", "5": "111 100 111 001 111", "6": "111 100 111 101 111", "7": "111 001 001 001 001",
    "8": "111 101 111 101 111", "9": "111 101 111 001 111", ":": "000 010 000 010 000",
}  # fmt: skip

ROWS = (1, 3, 5, 10)
"""How high a number of each size is, in rows."""


def digits(text: str, size: int) -> list[str]:
    """`text` of digits and colons in rows of equal width; size 0 is the text itself."""
    if size == 0:
        return [text]
    if size == 1:
        shapes = DRAWN if glyphs() is UNICODE else PLAIN
        return [" ".join(row) for row in zip(*(shapes[sign] for sign in text), strict=True)]
    scale = ROWS[size] // ROWS[2]
    rows = ((" " * 2 * scale).join(_dots(sign, y, scale) for sign in text) for y in range(ROWS[2]))
    return list(chain.from_iterable(repeat(row, scale) for row in rows))


def _dots(sign: str, y: int, scale: int) -> str:
    return "".join((glyphs().full if dot == "1" else " ") * 2 * scale for dot in DOTS[sign].split()[y])


def largest(numbers: Sequence[str], size: int, width: int) -> int:
    """The largest size up to `size` in which each of them is at most `width` cells wide; 0 where none is."""
    return next((one for one in range(size, 0, -1) if all(len(digits(n, one)[0]) <= width for n in numbers)), 0)
