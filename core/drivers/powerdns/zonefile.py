"""Records as the zone file that `load-zone` reads, and back from what `list-zone` prints (`hestia.md` 12). Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from hostdeck.core.domain.vocabulary import RecordType
from hostdeck.core.domain.zone import ZoneRecord

TXT_PART = 255
TIMES = "10800 3600 604800 3600"
"""Refresh, retry, expire and negative caching of the SOA, in seconds."""

_QUOTED = re.compile(r'"([^"]*)"')


def zone_lines(domain: str, records: Sequence[ZoneRecord], serial: int) -> tuple[str, ...]:
    """SOA first: a file without one loads with exit 0 and leaves a dead zone. Its primary is the first nameserver."""
    primary = min((r.value for r in records if r.type is RecordType.NS and r.name == "@"), default=f"ns1.{domain}.")
    soa = f"{domain}. 3600 IN SOA {primary} hostmaster.{domain}. {serial} {TIMES}"
    return (soa, *(f"{_full(r.name, domain)} {r.ttl} IN {r.type} {_content(r)}" for r in sorted(records)))


def _full(name: str, domain: str) -> str:
    return f"{domain}." if name == "@" else f"{name}.{domain}."


def _content(record: ZoneRecord) -> str:
    if record.type is RecordType.TXT:
        text = record.value
        parts = [text[at : at + TXT_PART] for at in range(0, len(text), TXT_PART)] or [""]
        return " ".join(f'"{part}"' for part in parts)
    return record.value if record.priority is None else f"{record.priority} {record.value}"


def read_zone(domain: str, text: str) -> tuple[frozenset[ZoneRecord], str | None]:
    """Records and the serial, None where there is no SOA. A type we do not keep stays under a name that never equals a
    wanted one."""
    records, serial = set(), None
    for line in text.splitlines():
        fields = line.split("\t", 4)
        if len(fields) != 5:
            continue
        name, ttl, _, kind, content = fields
        if kind == "SOA":
            serial = content.split()[2]
        else:
            records.add(_record(_relative(name, domain), int(ttl), kind, content))
    return frozenset(records), serial


def _relative(name: str, domain: str) -> str:
    return "@" if name == domain else name.removesuffix(f".{domain}")


def _record(name: str, ttl: int, kind: str, content: str) -> ZoneRecord:
    try:
        known = RecordType(kind)
    except ValueError:
        return ZoneRecord(f"{name} ({kind})", RecordType.TXT, content, None, ttl)
    if known is RecordType.TXT:
        return ZoneRecord(name, known, "".join(_QUOTED.findall(content)), None, ttl)
    if known in (RecordType.MX, RecordType.SRV):
        priority, _, value = content.partition(" ")
        return ZoneRecord(name, known, value, int(priority), ttl)
    return ZoneRecord(name, known, content, None, ttl)


def next_serial(current: str | None, today: str) -> int:
    """Above what is there, and at least the day's first (`today` as YYYYMMDD)."""
    return max(int(current or 0) + 1, int(f"{today}00"))
