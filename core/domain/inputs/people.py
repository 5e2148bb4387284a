"""People: an address to write to, and a name."""

from __future__ import annotations

import re
import unicodedata

from hostdeck.core.domain.text import Raw, invisible_character, read
from hostdeck.core.errors import Invalid

NAME_LIMIT = 64
EMAIL_LIMIT = 254

# Narrower than the standard and than Hestia: no '%', which its scripts expand, no '&' and '/', which they refuse.
_email = re.compile(
    r"(?=[^@]{1,64}@)[a-z0-9_+-]+(?:\.[a-z0-9_+-]+)*"
    r"@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}",
    re.IGNORECASE | re.ASCII,
)
_name_marks = frozenset(" '’.,-")


def check_email(raw: Raw) -> str:
    """The address in lower case; Invalid [EML_INVALID] otherwise."""
    text = read(raw, "contact", "EML_INVALID")
    if len(text) > EMAIL_LIMIT or not _email.fullmatch(text) or text.startswith("-"):
        raise Invalid("contact", "not a valid address", "EML_INVALID")
    return text.lower()


def check_person_name(raw: Raw) -> str:
    """The name as typed: letters of any script, digits, space and `' ’ . , -`."""
    name = read(raw, "name", "NAM_CHAR")
    if not name.strip(" "):
        raise Invalid("name", "is required", "NAM_EMPTY")
    if not all(char in _name_marks or _is_letter(char) for char in name):
        raise Invalid("name", "character not allowed", "NAM_CHAR")
    if len(name) > NAME_LIMIT:
        raise Invalid("name", f"longer than {NAME_LIMIT} characters ({len(name)})", "NAM_LENGTH")
    return name


def person_name_for_hestia(name: str) -> str:
    """The name as Hestia takes it: it refuses the ASCII apostrophe."""
    return name.replace("'", "\u2019")


def _is_letter(char: str) -> bool:
    """A letter, a combining mark or a decimal digit that shows: fillers and selectors are in these classes too."""
    return unicodedata.category(char) in _LETTER_CLASSES and not invisible_character.match(char)


_LETTER_CLASSES = frozenset({"Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Nd"})
