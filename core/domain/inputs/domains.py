"""Domain names. The only repairs are lower case and IDNA 2008; the first thing wrong is the one that is told."""

from __future__ import annotations

import ipaddress
import re

from hostdeck.core.domain.inputs.scripts import latin_lookalike, mixed_scripts
from hostdeck.core.domain.inputs.suffixes import is_suffix
from hostdeck.core.domain.text import (
    Raw,
    code_point,
    control_character,
    invisible_character,
    quoted,
    read,
    safe,
)
from hostdeck.core.errors import Invalid

FIELD = "domain"
NAME_LIMIT = 253
LABEL_LIMIT = 63
RESERVED = frozenset({"test", "example", "invalid", "localhost", "local", "onion", "internal", "home.arpa", "alt"})

_other_dot = re.compile("[\u3002\uff0e\uff61]")
_url = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_refused = re.compile(r"[^a-z0-9.\-\u0080-\U0010ffff]|\s")
_number = re.compile(r"\d+|0x[0-9a-f]*", re.ASCII)


def check_domain(raw: Raw, *, reserved_ok: bool = False, confusable_ok: bool = False) -> str:
    """The name in lower-case ASCII; Invalid [DOM_*] otherwise."""
    text = read(raw, FIELD, "DOM_ENCODING")
    _check_characters(text)
    name = _lower(text)
    if found := _refused.search(name):
        raise _bad(f"character {quoted(found[0])} not allowed", "DOM_CHAR")
    _check_shape(name)
    ascii_name = _check_labels(name, confusable_ok=confusable_ok)
    if is_suffix(ascii_name):
        raise _bad("is a public suffix", "DOM_SUFFIX")
    if not reserved_ok and (top := _reserved_top(ascii_name)):
        raise _bad(f"'.{top}' is reserved", "DOM_RESERVED")
    return ascii_name


def unicode_form(domain: str) -> str:
    """The name as its owner reads it; for display only. Labels that are not proper IDNA stay as they are."""
    shown = [_decoded(label) for label in domain.split(".")]
    return domain if any(invisible_character.search(label) for label in shown) else ".".join(shown)


def is_ip(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def is_number(label: str) -> bool:
    """Whether a browser would take a name that ends in this label for an IPv4 address."""
    return _number.fullmatch(label) is not None


def refuse_node(server_name: str) -> Invalid:
    return _bad(f"is the hostname of server {safe(server_name)}", "DOM_NODE")


def refuse_vanity_parent(domain: str, parent: str) -> Invalid:
    """For a domain whose names are sold, and for any name below it: those are sold by name alone."""
    if domain == parent:
        return _bad("is a vanity parent domain", "DOM_PARENT")
    return _bad(f"'{parent}' is a vanity parent domain; names on it are ordered of a vanity product", "DOM_PARENT")


def refuse_taken(domain: str, service_id: int) -> Invalid:
    """`domain` is not in the text: it is what the person has just typed."""
    return _bad(f"already used by service #{service_id}", "DOM_TAKEN")


def refuse_parent_taken(parent: str, service_id: int) -> Invalid:
    return _bad(f"parent '{safe(parent)}' belongs to service #{service_id}", "DOM_PARENT_TAKEN")


def _bad(text: str, code: str) -> Invalid:
    return Invalid(FIELD, text, code)


def _lower(text: str) -> str:
    """Lower case; composed too, as IDNA wants it. Both can turn a character into an ASCII one: U+037E into ';'."""
    if text.isascii():
        return text.lower()
    import unicodedata

    return unicodedata.normalize("NFC", text.lower())


def _check_characters(text: str) -> None:
    """What can be told of the text as it was typed."""
    if not text.strip(" "):
        raise _bad("is required", "DOM_EMPTY")
    if found := control_character.search(text):
        raise _bad(f"control character {code_point(found[0])}", "DOM_CONTROL")
    _check_visible(text)
    if found := _other_dot.search(text):
        raise _bad(f"use '.' between labels, not {code_point(found[0])}", "DOM_DOT")
    if text != text.strip():
        raise _bad("leading or trailing space", "DOM_SPACE")
    if found := _url.match(text):
        raise _bad(f"give the name only, without '{safe(found[0])}'", "DOM_URL")
    if is_ip(text):
        raise _bad("is an IP address", "DOM_IP")


def _check_visible(text: str) -> None:
    if found := invisible_character.search(text):
        raise _bad(f"invisible or direction character {code_point(found[0])}", "DOM_INVISIBLE")


def _check_shape(name: str) -> None:
    labels = name.split(".")
    if name.endswith("."):
        raise _bad("remove the trailing dot", "DOM_TRAILING_DOT")
    if "" in labels:
        raise _bad("empty label", "DOM_LABEL_EMPTY")
    for label in labels:
        if label.startswith("-") or label.endswith("-"):
            raise _bad(f"label '{safe(label)}' starts or ends with '-'", "DOM_HYPHEN")
    _check_length(name)
    if len(labels) < 2:
        raise _bad("needs at least two labels", "DOM_SINGLE")
    if is_number(labels[-1]):
        raise _bad("last label must not be numeric", "DOM_TLD")
    if labels[0] == "www" and len(labels) > 2:
        raise _bad("leave out 'www.'; it is added as alias", "DOM_WWW")


def _check_length(name: str) -> None:
    if len(name) > NAME_LIMIT:
        raise _bad(f"longer than {NAME_LIMIT} characters ({len(name)})", "DOM_LONG")
    for label in name.split("."):
        if len(label) > LABEL_LIMIT:
            raise _bad(f"label longer than {LABEL_LIMIT} characters ({len(label)})", "DOM_LABEL_LONG")


def _check_labels(name: str, *, confusable_ok: bool) -> str:
    """IDNA, scripts, look-alike: nothing to do for a name of plain ASCII labels."""
    if name.isascii() and "xn--" not in name:
        return name
    labels = [_to_ascii(label) for label in name.split(".")]
    ascii_name = ".".join(labels)
    _check_length(ascii_name)
    shown = [_decoded(label) for label in labels]
    for label in shown:
        _check_visible(label)
        if scripts := mixed_scripts(label):
            raise _bad(f"label '{safe(label)}' mixes scripts {', '.join(scripts)}", "DOM_MIXED")
    if not confusable_ok and (latin := latin_lookalike(".".join(shown))):
        raise _bad(f"looks like '{safe(latin)}'; an admin must confirm", "DOM_CONFUSABLE")
    return ascii_name


def _to_ascii(label: str) -> str:
    """The A-label; one that is too long is left to the length check, where it is told as such."""
    if label.isascii() and not label.startswith("xn--"):
        return label
    import idna

    try:
        if not label.isascii() and len(long := f"xn--{label.encode('punycode').decode()}") > LABEL_LIMIT:
            return long
        return idna.alabel(label).decode()
    except UnicodeError:
        raise _bad(f"label '{safe(label)}' is not valid IDNA", "DOM_IDNA") from None


def _decoded(label: str) -> str:
    if not label.startswith("xn--"):
        return label
    import idna

    try:
        return idna.ulabel(label)
    except UnicodeError:
        return label


def _reserved_top(name: str) -> str | None:
    labels = name.split(".")
    return next((top for top in (labels[-1], ".".join(labels[-2:])) if top in RESERVED), None)
