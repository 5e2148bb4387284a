"""Passwords that are made for customers: letters and digits that nobody takes for one another."""

from __future__ import annotations

from collections.abc import Callable, Sequence

LETTERS = "abcdefghijkmnpqrstuvwxyz"
CAPITALS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
DIGITS = "23456789"
SYMBOLS = "-_.+="


def make_password(length: int, symbols: bool, choose: Callable[[Sequence[str]], str]) -> str:
    """At least one of each kind; `choose` must be a cryptographic one (`secrets.choice`)."""
    kinds = [LETTERS, CAPITALS, DIGITS, *([SYMBOLS] if symbols else [])]
    while True:
        text = "".join(choose("".join(kinds)) for _ in range(length))
        if all(set(text) & set(kind) for kind in kinds) and text[0] not in SYMBOLS:
            return text
