"""The name server of a node: which zones it holds in memory, and what it answers (`hestia-recipes.md` 3.4, 3.5)."""

from __future__ import annotations

from hostdeck.core.sim.hestia import zone
from hostdeck.core.sim.hestia.book import Row, ZoneFile
from hostdeck.core.sim.hestia.machine import Machine


def reconfigure(machine: Machine, *, reload: bool = False) -> None:
    """`rndc reconfig`: takes zones new in named.conf, forgets the ones gone from it.

    With `reload` every zone's file is read again; a zone with faults keeps its old contents in memory.
    """
    if "dns" in machine.broken:
        return
    held = machine.book.named
    listed = {domain for _, domain in held.lines}
    held.loaded = {domain: one for domain, one in held.loaded.items() if domain in listed}
    for domain in sorted(listed):
        if reload or domain not in held.loaded:
            load(machine, domain)


def load(machine: Machine, domain: str) -> None:
    """`rndc reload DOMAIN`."""
    held = machine.book.named
    owner = next((user for user, name in held.lines if name == domain), None)
    file = machine.book.zone_files.get((owner, domain)) if owner is not None else None
    if file is not None and "dns" not in machine.broken and not zone.faults(file, domain):
        held.loaded[domain] = file


def restart(machine: Machine) -> None:
    """A full restart: a zone with faults is gone until it is repaired."""
    machine.book.named.loaded.clear()
    reconfigure(machine)


def enlist(machine: Machine, user: str, domain: str) -> None:
    """Puts the zone's line into named.conf, in place of any other line for it."""
    held = machine.book.named
    held.lines = [line for line in held.lines if line[1] != domain]
    held.lines.append((user, domain))


def delist(machine: Machine, user: str, domain: str) -> None:
    held = machine.book.named
    held.lines = [line for line in held.lines if line != (user, domain)]


def _zone_of(machine: Machine, name: str) -> tuple[str, ZoneFile] | None:
    labels = name.split(".")
    for at in range(len(labels)):
        domain = ".".join(labels[at:])
        if domain in machine.book.named.loaded:
            return domain, machine.book.named.loaded[domain]
    return None


def _data(record: Row, domain: str) -> str:
    kind, value = record.get("TYPE", ""), record["VALUE"]
    if kind in ("CNAME", "NS", "PTR"):
        return zone.target(record, domain) + "."
    if kind == "MX":
        return f"{record.get('PRIORITY', '')} {zone.target(record, domain)}."
    if kind == "SRV":
        return f"{record.get('PRIORITY', '')} {' '.join(value.split()[:-1])} {zone.target(record, domain)}."
    if kind == "TXT":
        return value.replace('""', '" "') if value.startswith('"') else f'"{value}"'
    return value


def answer(machine: Machine, name: str, kind: str = "A") -> list[str]:
    """What `dig +short @127.0.0.1 NAME TYPE` prints; nothing for a zone that is not served."""
    name = name.rstrip(".").lower()
    hit = _zone_of(machine, name)
    if hit is None:
        return []
    domain, file = hit
    if kind == "SOA":
        timers = f"{file.serial} 14400 {file.refresh} 1209600 3600"
        return [f"{file.soa}. root.{domain}. {timers}"] if name == domain else []
    exact = [one for one in file.records if zone.absolute(one.get("RECORD", ""), domain) == name]
    if not exact:
        star = f"*.{name.partition('.')[2]}"
        exact = [one for one in file.records if zone.absolute(one.get("RECORD", ""), domain) == star]
    data = list(dict.fromkeys(_data(one, domain) for one in exact if one.get("TYPE") == kind))
    alias = next((one for one in exact if one.get("TYPE") == "CNAME"), None)
    if alias is not None and kind != "CNAME":
        onward = zone.target(alias, domain)
        return [onward + ".", *(answer(machine, onward, kind) if onward != name else [])]
    return data
