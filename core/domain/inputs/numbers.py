"""Numbers, in ASCII digits only: `int()` also reads other scripts' digits, signs, spaces and underscores."""

from __future__ import annotations

import re
from typing import Literal

from hostdeck.core.domain.text import Raw, read
from hostdeck.core.errors import Invalid

QUOTA_LIMIT = 10_485_760
PORT_LIMIT = 65_535

_digits = re.compile(r"[0-9]{1,10}")


def parse_quota(raw: Raw, field: str = "quota", *, unlimited_ok: bool = True) -> int | Literal["unlimited"]:
    """A whole number of MB (or pieces), or the word `unlimited`; Invalid [QTA_RANGE] otherwise."""
    text = read(raw, field, "QTA_RANGE")
    if unlimited_ok and text.lower() == "unlimited":
        return "unlimited"
    number = _number(text)
    if number is None or number > QUOTA_LIMIT:
        raise Invalid(field, f"use a whole number from 0 to {QUOTA_LIMIT} MB", "QTA_RANGE")
    return number


def check_port(raw: Raw | int) -> int:
    """A TCP port; Invalid [SRV_PORT] otherwise."""
    number = raw if isinstance(raw, int) else _number(read(raw, "port", "SRV_PORT"))
    if number is None or not 1 <= number <= PORT_LIMIT:
        raise Invalid("port", f"use 1 to {PORT_LIMIT}", "SRV_PORT")
    return number


def _number(text: str) -> int | None:
    return int(text) if _digits.fullmatch(text) else None
