"""Zone record lines: reading, rendering as Hestia does, and the faults named finds (`hestia.md` 8, recipes 3.4)."""

from __future__ import annotations

import re

from hostdeck.core.sim.hestia.book import Row, User, ZoneFile
from hostdeck.core.sim.hestia.refused import INVALID, Refused

KEYS = ("ID", "RECORD", "TYPE", "PRIORITY", "VALUE", "SUSPENDED", "TIME", "DATE", "TTL")
_PAIR = re.compile(r"([A-Za-z](?:[A-Za-z0-9_]{0,64}[A-Za-z])?)='([^']*)'")
FIRST_SERIAL = 3000000000
_NAMES = {"CNAME", "NS", "MX", "PTR", "SRV"}


def parse(line: str) -> Row:
    """The pairs of a record line, whatever their keys."""
    return {match[1]: match[2] for match in _PAIR.finditer(line)}


def write(row: Row) -> str:
    """A record line in Hestia's key order."""
    return " ".join(f"{key}='{row[key]}'" for key in KEYS if key in row)


def strict(line: str, where: str) -> Row:
    """The pairs of a line as the renderer reads them: an unknown key or a leftover is refused with 2."""
    row = parse(line)
    if not row or _PAIR.sub("", line).strip() or not set(row) <= set(KEYS):
        raise Refused(INVALID, f"invalid dns record format in {where} line: {line}")
    return row


def ordered(lines: list[str]) -> list[str]:
    """`sort -n -k 2 -t "'"`: by the number in the first quotes."""

    def number(line: str) -> int:
        parts = line.split("'")
        digits = re.match(r"\s*(\d+)", parts[1]) if len(parts) > 1 else None
        return int(digits[1]) if digits else 0

    return sorted(lines, key=lambda line: (number(line), line))


def next_serial(current: str) -> str:
    """The 1.10 scheme: 3000000000 and up; a dated 1.9 serial is replaced (`hestia.md` 8.1)."""
    dated = re.fullmatch(r"20[0-2]\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])\d\d", current)
    if not current.isdigit() or dated:
        return str(FIRST_SERIAL)
    return str(int(current) + 1) if int(current) < 4294967295 else "1"


def text_value(value: str) -> str:
    """A TXT value longer than 255 is cut into quoted parts unless it already is."""
    value = value.replace("%quote%", "'")
    if len(value) <= 255 or '" "' in value or '""' in value:
        return value
    if value.startswith('"'):
        value = value[1:-1]
    return "".join(f'"{value[at : at + 255]}"' for at in range(0, len(value), 255))


def head(user: User, domain: str) -> ZoneFile:
    """The zone file with its SOA record only, as Hestia begins it."""
    row = next(one for one in user.dns if one["DOMAIN"] == domain)
    refresh = "1800" if domain.rsplit(".", 1)[-1] in ("de", "cz", "pl", "pt") else "3600"
    return ZoneFile(row.get("SERIAL") or str(FIRST_SERIAL), row["SOA"], refresh, row["TTL"])


def fill(zone: ZoneFile, user: User, domain: str, home: str, owner: str) -> None:
    """Appends the records; stops at the first bad line, with what was written so far left standing."""
    where = f"{home}/data/users/{owner}/dns/{domain}.conf"
    for line in user.zones[domain]:
        record = strict(line, where)
        record["TTL"] = record.get("TTL") or zone.ttl
        if record.get("TYPE") == "TXT":
            record["VALUE"] = text_value(record.get("VALUE", ""))
        if record.get("SUSPENDED") != "yes":
            record["VALUE"] = record.get("VALUE", "").replace("%quote%", "'")
            zone.records.append(record)


def file_text(zone: ZoneFile, domain: str) -> str:
    """The zone file as it lies on the disk."""
    pad = " " * 44
    head = f"$TTL {zone.ttl}\n@    IN    SOA    {zone.soa}.    root.{domain}. (\n"
    timers = "".join(f"{pad}{value}\n" for value in (zone.serial, "14400", zone.refresh, "1209600"))
    lines = "".join(
        f"{one.get('RECORD', '')}\t{one['TTL']}\tIN\t{one.get('TYPE', '')}\t{one.get('PRIORITY', '')}\t{one['VALUE']}\n"
        for one in zone.records
    )
    return f"{head}{timers}{pad}3600 )\n\n{lines}"


def absolute(name: str, domain: str) -> str:
    """A name of the zone in full, without its last dot, lower case."""
    if name in ("@", ""):
        return domain
    return (name[:-1] if name.endswith(".") else f"{name}.{domain}").lower()


def target(record: Row, domain: str) -> str:
    """The host a record points to; a relative one is completed with the zone's name (`hestia-recipes.md` 3.4)."""
    return absolute(record["VALUE"].split()[-1] if record["VALUE"] else "", domain)


def faults(zone: ZoneFile, domain: str) -> list[str]:
    """What keeps named from loading the zone, in named-checkzone's words; empty when it loads."""
    held: dict[str, list[Row]] = {}
    for record in zone.records:
        held.setdefault(absolute(record.get("RECORD", ""), domain), []).append(record)
    for name, records in held.items():
        aliases = {record["VALUE"] for record in records if record.get("TYPE") == "CNAME"}
        others = [record for record in records if record.get("TYPE") != "CNAME"]
        if aliases and (others or name == domain):
            return [f"{name}: CNAME and other data"]
        if len(aliases) > 1:
            return [f"{name}: multiple RRs of singleton type"]
    servers = [one for one in held.get(domain, []) if one.get("TYPE") == "NS"]
    if not servers:
        return ["has no NS records"]
    for server in servers:
        host = target(server, domain)
        inside = host == domain or host.endswith(f".{domain}")
        types = {one.get("TYPE") for one in held.get(host, [])}
        if inside and not types & {"A", "AAAA"}:
            return [f"NS '{host}' has no address records (A or AAAA)"]
    return []
