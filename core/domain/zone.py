"""The records of a zone, and what a nameserver would refuse.

Values are kept in presentation form: targets end in a dot, TXT without quotes, MX and SRV with their priority apart.
"""

from __future__ import annotations

import ipaddress
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from hostdeck.core.domain.vocabulary import RecordType
from hostdeck.core.errors import Invalid

DEFAULT_TTL = 3600
NAME = re.compile(r"^(@|\*|(\*\.)?[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*)$")
TARGET = re.compile(r"^([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)+$")
CAA = re.compile(r'^\d{1,3} (issue|issuewild|iodef) "[^"\\\']*"$')
SRV = re.compile(r"^\d{1,5} \d{1,5} (?P<target>\S+)$")


@dataclass(frozen=True, slots=True, order=True)
class ZoneRecord:
    """One record of a zone; `name` is relative (`@` is the apex), `priority` is None but for MX and SRV."""

    name: str
    type: RecordType
    value: str
    priority: int | None = None
    ttl: int = DEFAULT_TTL


@dataclass(frozen=True, slots=True)
class Nameserver:
    """One attached DNS node: the name that NS records carry, and its address for glue inside the zone."""

    name: str
    ip: str


def nameserver_of(server_name: str, hostname: str, ip: str, domain: str) -> Nameserver:
    """The SSH host name if it is a name, else the server's own name if it is one, else `NAME.DOMAIN` with glue."""
    for candidate in (hostname, server_name):
        if TARGET.match(f"{candidate}.") and "." in candidate and not _is_ip(candidate):
            return Nameserver(f"{candidate}.", ip)
    label = re.sub(r"[^a-z0-9-]", "-", server_name.lower()).strip("-")
    return Nameserver(f"{label}.{domain}.", ip)


def address(name: str, ip: str) -> ZoneRecord:
    """A or AAAA, by what the address is."""
    kind = RecordType.AAAA if ipaddress.ip_address(ip).version == 6 else RecordType.A
    return ZoneRecord(name, kind, ip)


def check_zone(domain: str, records: Iterable[ZoneRecord]) -> tuple[ZoneRecord, ...]:
    """The same records, sorted, if a nameserver would load them as meant; else Invalid [ZONE_*].

    Hestia's whole-zone swap checks nothing: a CNAME beside an A makes named keep the old zone until it restarts, and
    a relative target is completed with the zone's name in silence (`hestia-recipes.md` 3.4).
    """
    records = tuple(sorted(records))
    for record in records:
        check_record(domain, record)
    for (name, kind, _), times in Counter((r.name, r.type, r.value) for r in records).items():
        if times > 1:
            raise _bad(domain, f"{name} {kind} stands {times} times", "ZONE_DOUBLE")
    names = Counter(record.name for record in records)
    for record in records:
        if record.type is RecordType.CNAME and names[record.name] > 1:
            raise _bad(domain, f"{record.name} has a CNAME beside other records", "ZONE_CNAME")
        if record.type is RecordType.CNAME and record.name == "@":
            raise _bad(domain, "the apex can't be a CNAME", "ZONE_CNAME")
    apex = {record.type for record in records if record.name == "@"}
    if RecordType.NS not in apex:
        raise _bad(domain, "no NS record at the apex", "ZONE_NS")
    if not apex & {RecordType.A, RecordType.AAAA}:
        raise _bad(domain, "no address at the apex", "ZONE_APEX")
    return records


TARGETED = "a full name with its final dot"
TAKES = {
    RecordType.A: "an IPv4 address",
    RecordType.AAAA: "an IPv6 address",
    RecordType.NS: TARGETED,
    RecordType.CNAME: TARGETED,
    RecordType.MX: f"{TARGETED}, with a priority from 0 to 65535",
    RecordType.SRV: f"WEIGHT PORT and {TARGETED}, with a priority from 0 to 65535",
    RecordType.TXT: "a text without quotes and backslashes",
    RecordType.CAA: """FLAG, TAG and a value in quotes, such as 0 issue "letsencrypt.org\"""",
}


def check_record(domain: str, record: ZoneRecord) -> None:
    """One record alone, as `check_zone` sees it."""
    where = f"{record.name} {record.type}"
    value = record.value
    if not NAME.match(record.name):
        raise _bad(domain, f"name '{record.name[:64]}' is not a record name", "ZONE_NAME")
    if not 60 <= record.ttl <= 604800:
        raise _bad(domain, f"{where}: TTL {record.ttl} is not within 60 to 604800", "ZONE_TTL")
    if any(ord(c) < 32 or ord(c) > 126 for c in value) or not value:
        said = "is not plain ASCII" if value else "is missing"
        raise _bad(domain, f"{where}: its value {said}; it takes {TAKES[record.type]}", "ZONE_VALUE")
    match record.type:
        case RecordType.A | RecordType.AAAA:
            version = 4 if record.type is RecordType.A else 6
            good = _is_ip(value) and ipaddress.ip_address(value).version == version
        case RecordType.NS | RecordType.CNAME:
            good = bool(TARGET.match(value))
        case RecordType.MX:
            good = bool(TARGET.match(value)) and _is_priority(record.priority)
        case RecordType.SRV:
            match_ = SRV.match(value)
            good = bool(match_ and TARGET.match(match_["target"])) and _is_priority(record.priority)
        case RecordType.TXT:
            # The listing loses backslashes and Hestia stores ' as %quote%: such a value never compares equal again.
            good = not set(value) & set("\"\\'")
        case RecordType.CAA:
            good = bool(CAA.match(value))
    if not good:
        raise _bad(domain, f"{where}: '{value[:64]}' is not {TAKES[record.type]}", "ZONE_VALUE")


def _is_priority(value: int | None) -> bool:
    return value is not None and 0 <= value <= 65535


def _is_ip(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _bad(domain: str, text: str, code: str) -> Invalid:
    return Invalid("zone", f"{domain}: {text}", code)
