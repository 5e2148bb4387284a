"""What people type of a record, and a zone's text as they read it.

Names are taken as they are said: `www`, `www.customer.com` and `www.customer.com.` are one. A target without a dot is
below the domain, any other is a full name; Hestia completes a relative one in silence (`hestia-recipes.md` 3.4).
"""

from __future__ import annotations

from collections.abc import Iterable

from hostdeck.core.domain.text import safe
from hostdeck.core.domain.vocabulary import RecordType
from hostdeck.core.domain.zone import DEFAULT_TTL, ZoneRecord, check_record
from hostdeck.core.errors import Invalid

TARGETS = frozenset({RecordType.CNAME, RecordType.MX, RecordType.NS, RecordType.SRV})
DEFAULT_PRIORITY = 10
TXT_PART = 255
"""Octets of one string of a TXT record (RFC 1035, 3.3.14)."""


def read_record(
    domain: str, name: str, kind: str, value: str, priority: str | int | None = None, ttl: str | int | None = None
) -> ZoneRecord:
    """A record as it is kept; Invalid [ZONE_*] otherwise."""
    try:
        type_ = RecordType(kind.upper())
    except ValueError:
        accepted = " ".join(RecordType)
        raise Invalid("type", f"'{safe(kind)}' is no type that is kept here; use {accepted}", "ZONE_TYPE") from None
    number = _number("priority", priority)
    text, found = _value(domain, type_, value.strip())
    if number is None:
        number = found
    if number is None and type_ in (RecordType.MX, RecordType.SRV):
        number = DEFAULT_PRIORITY
    seconds = _number("ttl", ttl)
    record = ZoneRecord(
        name=relative(domain, name),
        type=type_,
        value=text,
        priority=number if type_ in (RecordType.MX, RecordType.SRV) else None,
        ttl=DEFAULT_TTL if seconds is None else seconds,
    )
    check_record(domain, record)
    return record


def _number(field: str, value: str | int | None) -> int | None:
    text = "" if value is None else str(value).strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 10):
        raise Invalid(field, f"'{safe(text)}' is not a whole number", "ZONE_NUMBER")
    return int(text)


def relative(domain: str, name: str) -> str:
    """A name below the domain as records keep it; `@` is the domain itself."""
    bare = _ascii(name.strip().rstrip(".")).lower()
    if bare in ("", "@", domain):
        return "@"
    return bare.removesuffix(f".{domain}")


def _ascii(name: str) -> str:
    """IDNA, label by label: underscores and wildcards are no host names, and stay."""
    import idna

    labels = []
    for label in name.split("."):
        try:
            labels.append(label if label.isascii() else idna.encode(label.lower(), uts46=True).decode())
        except idna.IDNAError:
            raise Invalid("name", f"label '{safe(label)}' is not valid IDNA", "ZONE_IDNA") from None
    return ".".join(labels)


def _value(domain: str, kind: RecordType, text: str) -> tuple[str, int | None]:
    """The value, and the priority where it stood before it."""
    priority = None
    if kind is RecordType.TXT:
        return _unquoted(text), None
    if kind is RecordType.CAA:
        return _caa(text), None
    words = text.split()
    if kind is RecordType.MX and len(words) == 2 and words[0].isdigit():
        priority, words = int(words[0]), words[1:]
    if kind is RecordType.SRV and len(words) == 4 and words[0].isdigit():
        priority, words = int(words[0]), words[1:]
    if kind in TARGETS and words:
        words[-1] = _target(domain, words[-1])
    return " ".join(words), priority


def _target(domain: str, name: str) -> str:
    if name == "@":
        return f"{domain}."
    full = _ascii(name.rstrip(".")).lower()
    return f"{full}." if name.endswith(".") or "." in full else f"{full}.{domain}."


def _unquoted(text: str) -> str:
    """One text, however it was split or quoted."""
    if len(text) >= 2 and text[0] == text[-1] == '"':
        return "".join(text[1:-1].replace('" "', '""').split('""'))
    return text


def _caa(text: str) -> str:
    words = text.split(None, 2)
    if len(words) == 3 and not words[2].startswith('"'):
        return f'{words[0]} {words[1].lower()} "{words[2]}"'
    return text


def txt_parts(value: str) -> str:
    """A text in its quotes, in parts that each fit into one string."""
    parts = [value[at : at + TXT_PART] for at in range(0, len(value), TXT_PART)] or [""]
    return " ".join(f'"{part}"' for part in parts)


def zone_lines(records: Iterable[ZoneRecord]) -> tuple[str, ...]:
    """The records as a zone file has them, without SOA: its serial is each nameserver's own."""
    lines = []
    for record in sorted(records):
        value = txt_parts(record.value) if record.type is RecordType.TXT else record.value
        before = "" if record.priority is None else f"{record.priority} "
        lines.append(f"{record.name:<24} {record.ttl:>6} IN {record.type:<5} {before}{value}")
    return tuple(lines)


def zone_difference(old: Iterable[ZoneRecord], new: Iterable[ZoneRecord]) -> tuple[str, ...]:
    """What goes (`-`) and what comes (`+`), line by line."""
    before, after = frozenset(old), frozenset(new)
    gone = [f"- {line}" for line in zone_lines(before - after)]
    return (*gone, *(f"+ {line}" for line in zone_lines(after - before)))
