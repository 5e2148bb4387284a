"""Passwords: refused without ever being quoted."""

from __future__ import annotations

from hostdeck.core.domain.text import Raw, code_point, control_character, read
from hostdeck.core.errors import Invalid

SHORTEST = 12
LONGEST = 128


def check_password(raw: Raw) -> None:
    """Invalid [PWD_*] if Hestia would read it otherwise than it was meant: by its first line, or as a file's name."""
    text = read(raw, "password", "PWD_ENCODING")
    if found := control_character.search(text):
        raise Invalid("password", f"control character {code_point(found[0])}", "PWD_CONTROL")
    if text.startswith("/tmp/"):
        raise Invalid("password", "must not start with '/tmp/'", "PWD_PATH")
    if not SHORTEST <= len(text) <= LONGEST:
        raise Invalid("password", f"use {SHORTEST} to {LONGEST} characters", "PWD_LENGTH")
