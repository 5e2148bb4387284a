"""The zones of a pretend PowerDNS node: records, the file `load-zone` reads and the text `list-zone` prints."""

from __future__ import annotations

import ipaddress
import shlex
from dataclasses import dataclass, field

_TARGETS = {"NS": 0, "CNAME": 0, "PTR": 0, "MX": 1, "SRV": 3}  # which word of the content is a name
_TYPES = {*_TARGETS, "SOA", "A", "AAAA", "TXT", "CAA"}


class BadZone(ValueError):
    """What pdnsutil refuses; nothing was changed."""


@dataclass(frozen=True, slots=True)
class Record:
    name: str  # lower case, without the final dot
    ttl: int
    type: str
    content: str

    def line(self) -> str:
        return f"{self.name}\t{self.ttl}\tIN\t{self.type}\t{self.content}"


@dataclass(slots=True)
class Zone:
    name: str
    records: list[Record] = field(default_factory=list)
    kind: str = "native"
    account: str = ""
    meta: dict[str, tuple[str, ...]] = field(default_factory=dict)
    signed: bool = False

    @property
    def has_soa(self) -> bool:
        return any(record.type == "SOA" for record in self.records)

    def full(self, name: str) -> str:
        """Names are relative, always: `www.example.org.` becomes `www.example.org.example.org`."""
        name = name.rstrip(".").lower()
        return self.name if name in ("", "@") else f"{name}.{self.name}"

    def rrset(self, name: str, kind: str) -> list[Record]:
        return [record for record in self.records if (record.name, record.type) == (name, kind)]

    def drop(self, name: str, kind: str) -> None:
        self.records = [record for record in self.records if (record.name, record.type) != (name, kind)]

    def replace(self, name: str, kind: str, ttl: int, contents: list[str]) -> None:
        new = [Record(name, ttl, kind, content(kind, text, self.name)) for text in contents]
        others = {record.type for record in self.records if record.name == name} - {kind}
        if others and ("CNAME" in others or kind == "CNAME"):
            raise BadZone(f"Attempting to add {kind} to {name}, which already has a CNAME or other records")
        self.drop(name, kind)
        self.records += new

    def increase_serial(self) -> int:
        at = next(i for i, record in enumerate(self.records) if record.type == "SOA")
        words = self.records[at].content.split()
        words[2] = str(int(words[2]) + 1)
        old = self.records[at]
        self.records[at] = Record(old.name, old.ttl, old.type, " ".join(words))
        return int(words[2])

    def errors(self) -> list[str]:
        found = []
        if not self.has_soa:
            found.append(f"No SOA record present, or active, in zone '{self.name}'")
        if not self.rrset(self.name, "NS"):
            found.append(f"No NS record at zone apex in zone '{self.name}'")
        aliases = {record.name for record in self.records if record.type == "CNAME"}
        found += [f"CNAME {name} found, but other records with same label exist." for name in sorted(aliases)
                  if sum(record.name == name for record in self.records) > 1]  # fmt: skip
        return found

    def ordered(self) -> list[Record]:
        """As the database gives them: by name and type."""
        return sorted(self.records, key=lambda record: (record.name, record.type))

    def text(self) -> str:
        return "$ORIGIN .\n" + "".join(f"{record.line()}\n" for record in self.ordered())


def content(kind: str, text: str, origin: str) -> str:
    """The content as the database keeps it: targets with a final dot, an SOA's names without."""
    words = text.split()
    if kind not in _TYPES:
        raise BadZone(f"Unknown record type '{kind}'")
    if not words:
        raise BadZone(f"Empty content for {kind}")
    if kind in ("A", "AAAA"):
        try:
            return str((ipaddress.IPv4Address if kind == "A" else ipaddress.IPv6Address)(text))
        except ValueError:
            raise BadZone(f"Parsing record content (try 'pdnsutil check-zone'): '{text}' is no {kind}") from None
    if kind == "TXT":
        if not (len(text) > 1 and text[0] == text[-1] == '"'):
            raise BadZone("Data field in DNS should start with quote (\") at position 0 of '" + text + "'")
        if any(len(part) > 255 for part in shlex.split(text)):
            raise BadZone("TXT segment longer than 255 characters")
        return text
    if kind == "SOA":
        if len(words) != 7 or not all(word.isdecimal() for word in words[2:]):
            raise BadZone(f"bad SOA '{text}'")
        return " ".join([word.rstrip(".").lower() for word in words[:2]] + words[2:])
    if kind == "CAA":
        if len(words) < 3:
            raise BadZone(f"bad CAA '{text}'")
        return text
    at = _TARGETS[kind]
    if len(words) != at + 1 or not all(word.isdecimal() for word in words[:at]):
        raise BadZone(f"bad {kind} '{text}'")
    return " ".join([*words[:at], absolute(words[at], origin) + "."])


def absolute(name: str, origin: str) -> str:
    name = name.lower()
    if name.endswith("."):
        return name.rstrip(".")
    return origin if name == "@" else f"{name}.{origin}" if origin else name


def load(zone: str, text: str) -> list[Record]:
    """The records of a zone file (one record a line, `$ORIGIN` and `$TTL`, comments); raises BadZone."""
    origin, ttl, name, records = zone, 3600, zone, []
    for number, raw in enumerate(text.splitlines(), 1):
        line = _without_comment(raw)
        words = line.split(None, 4)
        if not words:
            continue
        if words[0] == "$ORIGIN":
            origin = words[1].rstrip(".").lower()
            continue
        if words[0] == "$TTL":
            ttl = int(words[1])
            continue
        if not line[0].isspace():
            name, line = absolute(words[0], origin), line.split(None, 1)[1] if len(words) > 1 else ""
        record_ttl, kind, value = _rest(line, ttl, number)
        if name != zone and not name.endswith("." + zone):
            raise BadZone(f"Trying to insert non-zone data, name='{name}', qtype={kind}, zone={zone}")
        records.append(Record(name, record_ttl, kind, content(kind, value, origin)))
    return list(dict.fromkeys(records))


def _rest(line: str, ttl: int, number: int) -> tuple[int, str, str]:
    """`[TTL] [IN] TYPE CONTENT` in either order of the first two."""
    rest = line.strip()
    for _ in range(2):
        word, _, after = rest.replace("\t", " ").partition(" ")
        if word.isdecimal():
            ttl, rest = int(word), after.strip()
        elif word.upper() == "IN":
            rest = after.strip()
    kind, _, value = rest.replace("\t", " ").partition(" ")
    if not value.strip():
        raise BadZone(f"Unable to parse line {number}: '{line.strip()}'")
    return ttl, kind.upper(), value.strip()


def _without_comment(line: str) -> str:
    quoted = False
    for at, char in enumerate(line):
        if char == '"' and line[at - 1 : at] != "\\":
            quoted = not quoted
        elif char == ";" and not quoted:
            return line[:at].rstrip()
    return line.rstrip()
