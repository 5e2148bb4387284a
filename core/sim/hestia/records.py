"""Records of a zone: add, change, delete, list (`hestia.md` 8.2, 8.3)."""

from __future__ import annotations

import re

from hostdeck.core.sim.hestia import checks, dns, domains, format, services, zone
from hostdeck.core.sim.hestia.args import Args
from hostdeck.core.sim.hestia.book import Row, User
from hostdeck.core.sim.hestia.machine import Machine, count, not_suspended
from hostdeck.core.sim.hestia.recordvalues import clean
from hostdeck.core.sim.hestia.refused import EXISTS, INVALID, NOT_EXIST, RESTART, Refused
from hostdeck.core.sim.reply import Reply

_NAMES = re.compile(r"^NS|CNAME|MX|PTR|SRV")
_UNQUOTED = ("SRV", "DNSKEY", "DS", "TLSA", "KEY", "IPSECKEY", "CAA")
_LISTED = ["RECORD", "TYPE", "PRIORITY", "VALUE", "ID", "SUSPENDED", "TIME", "DATE", "TTL"]
_PLAIN = ["ID", "RECORD", "TYPE", "PRIORITY", "VALUE", "SUSPENDED", "TIME", "DATE", "TTL"]


def _value(kind: str, value: str) -> str:
    """A trailing dot for host names; quotes for text with blanks or semicolons."""
    if _NAMES.search(kind) and not value.endswith("."):
        value += "."
    if kind != "CAA":
        value = value.replace('"', "")
    if kind not in _UNQUOTED and re.search(r"[;\s]", value):
        value = f'"{value}"'
    return value


def _full_name(kind: str, value: str) -> None:
    if kind == "SRV" and "." in (value.split()[0], value.split()[-1]):
        return
    if not re.search(r"^NS|CNAME|MX|PTR|SRV", kind):
        return
    if value.count(".") < (2 if kind in ("CNAME", "MX", "PTR") else 3):
        host = value.removesuffix(".")
        raise Refused(INVALID, f"{kind} record {host} should be a fully qualified domain name (FQDN)")


def _glue(user: User, domain: str, kind: str, value: str) -> None:
    if kind != "NS" or not re.search(f".{domain}.$", value):
        return
    host = value.removesuffix(f".{domain}.")
    rows = (zone.parse(line) for line in user.zones[domain])
    if not any(row.get("RECORD") == host and row.get("TYPE") == "A" for row in rows):
        raise Refused(NOT_EXIST, f"IN A {host}.{domain} does not exist")


def no_root_alias(record: str, kind: str) -> None:
    if record == "@" and kind == "CNAME":
        raise Refused(INVALID, "CNAME on root is not allowed")


def root_alias_first(machine: Machine, args: Args) -> None:
    """v-add-dns-record refuses a CNAME on the root before it counts its arguments (`hestia.md` 15)."""
    no_root_alias(args[3].lower(), args[4].upper())


def add(machine: Machine, args: Args) -> None:
    """A failed restart ends with 2 and the line `Error: 20`: arguments of the check are swapped (`hestia.md` 8.3)."""
    name, domain, record, kind = args[1] or machine.root, domains.normal(args[2]), args[3].lower(), args[4].upper()
    priority = (args[6] or "10") if kind in ("MX", "SRV") else ""
    value, how, ttl = _value(kind, args[5]), args[8], args[9]
    checks.valid(user=name, domain=domain, record=record, rtype=kind)
    if value:
        value, priority = clean(kind, value, priority)
    machine.enabled("DNS_SYSTEM")
    user = machine.active_user(name)
    dns.row_of(user, domain)
    not_suspended(user.dns, "dns", "DOMAIN", domain)
    lines = user.zones[domain]
    domains.room(user, "DNS_RECORDS", len(lines))
    taken = [zone.parse(line).get("ID", "") for line in lines]
    number = args[7] or str(max((int(one) for one in taken if one.isdigit()), default=0) + 1)
    checks.valid(id=number)
    if number in taken:
        raise Refused(EXISTS, f"ID={number} already exists")
    _full_name(kind, value)
    _glue(user, domain, kind, value)
    checks.valid(ttl=ttl, restart=how)
    row = {"ID": number, "RECORD": record, "TYPE": kind, "PRIORITY": priority, "VALUE": value.replace("'", "%quote%")}
    row |= {"SUSPENDED": "no", **machine.stamp(), **({"TTL": ttl} if ttl else {})}
    user.zones[domain] = zone.ordered([*lines, zone.write(row)])
    dns.bump(machine, name, domain)
    dns.rebuild(machine, name, domain)
    count(user, "U_DNS_RECORDS")
    try:
        services.restart(machine, "dns", how)
    except Refused as refusal:
        raise Refused(INVALID, f"{refusal.line}Error: {RESTART}\n", raw=True) from None


def _line(user: User, domain: str, number: str) -> Row:
    for line in user.zones[domain]:
        row = zone.parse(line)
        if row.get("ID") == number:
            return row
    raise Refused(NOT_EXIST, f"{domain} id {number} doesn't exist")


def change(machine: Machine, args: Args) -> None:
    """Nothing changed gives 4; an omitted TTL drops the record's own (`hestia.md` 8.2)."""
    name, domain, number, record = args[1] or machine.root, domains.normal(args[2]), args[3], args[4]
    kind, how, ttl = args[5], args[8], args[9]
    checks.valid(user=name, domain=domain, id=number, record=record, restart=how)
    machine.enabled("DNS_SYSTEM")
    user = machine.active_user(name)
    dns.row_of(user, domain)
    not_suspended(user.dns, "dns", "DOMAIN", domain)
    old = _line(user, domain, number)
    checks.valid(ttl=ttl)
    no_root_alias(record, kind)
    kind = kind or old["TYPE"]
    priority = (args[7] or old["PRIORITY"]) if kind in ("MX", "SRV") else ""
    value = _value(kind, args[6])
    checks.valid(rtype=kind)
    value, priority = clean(kind, value, priority)
    _full_name(kind, value)
    _glue(user, domain, kind, value)
    stored = value.replace("'", "%quote%")
    same = (old["RECORD"], old["TYPE"], old["VALUE"], old["SUSPENDED"]) == (record, kind, stored, "no")
    numbers = (int(old["PRIORITY"] or 0), int(old.get("TTL") or 0)) == (int(priority or 0), int(ttl or 0))
    if same and numbers:
        raise Refused(EXISTS, "No pending changes in DNS entry.\n", raw=True)
    row = {"ID": number, "RECORD": record, "TYPE": kind, "PRIORITY": priority, "VALUE": stored, "SUSPENDED": "no"}
    row |= {**machine.stamp(), **({"TTL": ttl} if ttl else {})}
    kept = [line for line in user.zones[domain] if not line.startswith(f"ID='{number}'")]
    user.zones[domain] = zone.ordered([*kept, zone.write(row)])
    dns.bump(machine, name, domain)
    dns.rebuild(machine, name, domain)
    services.restart(machine, "dns", how)


def remove(machine: Machine, name: str, domain: str, number: str) -> None:
    """The last A and the last NS of a zone stay (`hestia.md` 8.2)."""
    user = machine.user(name)
    dns.row_of(user, domain)
    kind = _line(user, domain, number)["TYPE"]
    alike = [line for line in user.zones[domain] if f"TYPE='{kind}'" in line]
    if kind in ("A", "NS") and len(alike) <= 1:
        raise Refused(INVALID, f"at least one {kind} record should remain active")
    user.zones[domain] = [line for line in user.zones[domain] if not line.startswith(f"ID='{number}'")]
    dns.bump(machine, name, domain)
    dns.rebuild(machine, name, domain)
    count(user, "U_DNS_RECORDS", -1)


def delete(machine: Machine, args: Args) -> None:
    name, domain, how = args[1] or machine.root, domains.normal(args[2]), args[4]
    checks.valid(user=name, domain=domain, id=args[3], restart=how)
    remove(machine, name, domain, args[3])
    services.restart(machine, "dns", how)


def suspend(machine: Machine, args: Args) -> Reply:
    """Broken in Hestia: flags the line, then calls a function that is not there, and exits 0 (`hestia.md` 16)."""
    name, domain, number = args[1] or machine.root, args[2], args[3]
    checks.valid(user=name, domain=domain, id=number, restart=args[4])
    user = machine.active_user(name)
    dns.row_of(user, domain)
    _line(user, domain, number)
    dns.bump(machine, name, domain)
    user.zones[domain] = [
        line.replace("SUSPENDED='no'", "SUSPENDED='yes'") if line.startswith(f"ID='{number}'") else line
        for line in user.zones[domain]
    ]
    script = f"{machine.home}/bin/v-suspend-dns-record"
    return Reply(0, "", f"{script}: line 62: rebuild_dns_domain_conf: command not found\n")


def show(machine: Machine, args: Args) -> str:
    """The TTL of the zone stands in for a missing one; backslashes are lost (`hestia-recipes.md` 3.4)."""
    name, domain = args[1] or machine.root, args[2]
    checks.valid(user=name, domain=domain)
    user = machine.user(name)
    head = dns.row_of(user, domain)
    entries = []
    for line in user.zones[head["DOMAIN"]]:
        row = zone.parse(line.replace("\\", ""))
        row["TTL"] = row.get("TTL") or head["TTL"]
        row["VALUE"] = row.get("VALUE", "").replace("%quote%", "'")
        entries.append(row)
    if args[3] == "plain":
        return format.plain([[row.get(key, "") for key in _PLAIN] for row in entries])
    if args[3] != "json":
        return ""
    shown = [{**row, "VALUE": row["VALUE"].replace('"', '\\"')} for row in entries]
    return format.listing((row.get("ID", ""), format.pick(row, _LISTED)) for row in shown)
