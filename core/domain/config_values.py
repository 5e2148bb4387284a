"""What a key of `hestia.conf` may be set to: a check and the words that go with it (`hestia.md` 10).

`v-change-sys-config-value` looks at nothing but quotes, so a wrong value would stand there until somebody wonders.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass

UNSENDABLE = frozenset("'\"|")
"""What the node refuses in any value; control characters beside them."""

_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_LANGUAGE = re.compile(r"[a-z]{2}(?:-[a-z]{2})?")
_ADDRESS = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,63}")


@dataclass(frozen=True, slots=True)
class Values:
    """`accepts` judges a value that is not empty; `words` say what is accepted; `choices` where there are few."""

    words: str
    accepts: Callable[[str], bool]
    choices: tuple[str, ...] = ()
    empty: bool = False


def one_of(*choices: str, empty: bool = False) -> Values:
    words = ", ".join(choices) + (" or nothing" if empty else "")
    return Values(words, lambda value: value in choices, choices, empty)


def whole(low: int, high: int) -> Values:
    def within(value: str) -> bool:
        return value.isascii() and value.isdigit() and str(int(value)) == value and low <= int(value) <= high

    return Values(f"a whole number from {low} to {high}", within)


def _matching(words: str, pattern: re.Pattern[str], *, empty: bool = False) -> Values:
    return Values(words, lambda value: pattern.fullmatch(value) is not None, (), empty)


def _addresses(value: str) -> bool:
    try:
        return value == "allow-all" or all(ipaddress.ip_network(one, strict=False) for one in value.split(","))
    except ValueError:
        return False


YES_NO = one_of("yes", "no")
TRUE_FALSE = one_of("true", "false")
TEXT = Values("text of up to 200 characters", lambda value: len(value) <= 200, (), True)
NAME = _matching("a word of letters, digits, _ and -", _WORD)
LABEL = _matching("a host name's label, such as webmail", _LABEL)
LANGUAGE = _matching("a language such as en, de or pt-br", _LANGUAGE)
MAIL_ADDRESS = _matching("a mail address, or nothing for the node's own", _ADDRESS, empty=True)
ADDRESSES = Values("IP addresses with commas between them, allow-all, or nothing", _addresses, (), True)
ANY = Values("", lambda value: True, (), True)
"""For keys that are not set from here at all."""


def is_sendable(value: str) -> bool:
    """Whether Hestia would take it at all (`hestia.md` 10): no quotes, no |, one line."""
    return not set(value) & UNSENDABLE and value.isprintable()
