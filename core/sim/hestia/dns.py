"""Zones on a node: adding, listing, changing, suspending (`hestia.md` 8.1)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from hostdeck.core.sim.hestia import checks, domains, format, named, services, templates, zone
from hostdeck.core.sim.hestia.args import Args
from hostdeck.core.sim.hestia.book import Row, User
from hostdeck.core.sim.hestia.machine import Machine, count, drop, is_suspended, not_suspended, one
from hostdeck.core.sim.hestia.refused import Refused
from hostdeck.core.sim.hestia.words import words

KEYS = words("IP TPL TTL EXP SOA SERIAL DNSSEC SRC RECORDS SUSPENDED TIME DATE")
_FIRST_TTL = "14400"


def row_of(user: User, domain: str) -> Row:
    return one(user.dns, "dns", "DOMAIN", domain)


def rebuild(machine: Machine, owner: str, domain: str) -> None:
    """Sorts and renders the zone, puts it into named.conf, tells named; named's verdict is thrown away.

    A bad line ends it with 2 after the file was begun and before the line is back in named.conf (recipes 3.4).
    """
    user = machine.book.users[owner]
    row = row_of(user, domain)
    user.zones[domain] = zone.ordered(user.zones[domain])
    file = machine.book.zone_files[owner, domain] = zone.head(user, domain)
    zone.fill(file, user, domain, machine.home, owner)
    if row["SUSPENDED"] != "yes":
        named.enlist(machine, owner, domain)
    row["RECORDS"] = str(len(user.zones[domain]))
    named.reconfigure(machine)
    named.load(machine, domain)


def bump(machine: Machine, owner: str, domain: str) -> None:
    """The next serial is counted from the rendered file."""
    row = row_of(machine.book.users[owner], domain)
    file = machine.book.zone_files.get((owner, domain))
    row["SERIAL"] = zone.next_serial(file.serial if file is not None else "")


def add(machine: Machine, args: Args) -> None:
    name, given, ip, how, dnssec = args[1] or machine.root, args[2], args[3], args[12], args[13]
    domain = domains.normal(given)
    checks.valid(user=name, domain=domain, ip=ip)
    machine.enabled("DNS_SYSTEM")
    user = machine.active_user(name)
    checks.valid(restart=how)
    domains.is_new(machine, name, "dns", given)
    domains.not_an_ip(domain)
    if dnssec:
        checks.boolean(dnssec, "dnssec")
    domains.room(user, "DNS_DOMAINS", len(user.dns))
    template = user.values.get("DNS_TEMPLATE", "")
    templates.check_dns(template)
    domains.owns_base(machine, name, domain)
    servers = [args[place].strip(".") for place in range(4, 12)]
    for place, server in enumerate(servers, 1):
        if server:
            checks.domain(server, f"ns{place}")
    if not servers[1]:
        servers = user.values.get("NS", "").split(",")
    servers = [server for server in servers if server]
    stamp = machine.stamp()
    today = machine.clock().date()
    user.zones[domain] = templates.records(template, domain, ip, servers, stamp)
    records = str(len(user.zones[domain]))
    row = {"DOMAIN": domain, "IP": ip, "TPL": template, "TTL": _FIRST_TTL, "EXP": _in_a_year(today)}
    row |= {"SOA": servers[0] if servers else "", "SERIAL": str(zone.FIRST_SERIAL), "SRC": "", "RECORDS": records}
    row |= {"DNSSEC": dnssec or "no", "KEY": "", "SLAVE": "no", "MASTER": "", "SUSPENDED": "no", **stamp}
    user.dns.append(row)
    rebuild(machine, name, domain)
    count(user, "U_DNS_DOMAINS")
    count(user, "U_DNS_RECORDS", int(records))
    try:
        services.restart(machine, "dns", how)
    except Refused as refusal:
        raise Refused(refusal.code, f"{refusal.line}Error: DNS restart failed\n", raw=True) from None


def add_for_alias(machine: Machine, args: Args) -> None:
    """v-add-dns-on-web-alias: a zone for a name that has a site."""
    add(machine, Args((args[1], args[2], args[3], *[""] * 8, args[4])))


def _in_a_year(today: date) -> str:
    last = today.replace(month=3, day=1) if (today.month, today.day) == (2, 29) else today
    return last.replace(year=last.year + 1).isoformat()


def remove(machine: Machine, name: str, domain: str) -> None:
    """Takes the zone out; named keeps it until it is told to read its configuration (recipes, correction 1)."""
    user = machine.book.users[name]
    suspended = row_of(user, domain)["SUSPENDED"] == "yes"
    records = len(user.zones.pop(domain, []))
    named.delist(machine, name, domain)
    machine.book.zone_files.pop((name, domain), None)
    drop(user.dns, "DOMAIN", domain)
    count(user, "U_DNS_DOMAINS", -1)
    count(user, "U_DNS_RECORDS", -records)
    if suspended:
        count(user, "SUSPENDED_DNS", -1)


def delete(machine: Machine, args: Args) -> None:
    name, domain, how = args[1] or machine.root, domains.normal(args[2]), args[3]
    checks.valid(user=name, domain=domain, restart=how)
    machine.enabled("DNS_SYSTEM")
    row_of(machine.user(name), domain)
    remove(machine, name, domain)
    services.restart(machine, "dns", how)


def set_suspended(machine: Machine, name: str, domain: str, to: str) -> None:
    """Flags the zone and all its records; named hears of it at the next restart only (recipes 3.5)."""
    user = machine.book.users[name]
    row_of(user, domain)["SUSPENDED"] = to
    was = "no" if to == "yes" else "yes"
    user.zones[domain] = [
        line.replace(f"SUSPENDED='{was}'", f"SUSPENDED='{to}'") for line in user.zones.get(domain, [])
    ]
    if to == "yes":
        named.delist(machine, name, domain)
    else:
        named.enlist(machine, name, domain)
    count(user, "SUSPENDED_DNS", 1 if to == "yes" else -1)


def suspend(machine: Machine, args: Args) -> None:
    name, domain = args[1] or machine.root, args[2]
    checks.valid(user=name, domain=domain, restart=args[3])
    machine.enabled("DNS_SYSTEM")
    user = machine.user(name)
    row_of(user, domain)
    not_suspended(user.dns, "dns", "DOMAIN", domain)
    set_suspended(machine, name, domain, "yes")


def unsuspend(machine: Machine, args: Args) -> None:
    name, domain = args[1] or machine.root, args[2]
    checks.valid(user=name, domain=domain)
    machine.enabled("DNS_SYSTEM")
    user = machine.user(name)
    row_of(user, domain)
    is_suspended(user.dns, "dns", "DOMAIN", domain)
    set_suspended(machine, name, domain, "no")


def show(machine: Machine, args: Args) -> str:
    name, domain = args[1] or machine.root, args[2]
    checks.valid(user=name, domain=domain)
    row = row_of(machine.user(name), domain)
    return format.listing([(row["DOMAIN"], format.pick(row, KEYS))]) if args[3] == "json" else ""


def show_all(machine: Machine, args: Args) -> str:
    name = args[1] or machine.root
    checks.valid(user=name)
    rows = machine.user(name).dns
    if args[2] == "plain":
        return format.plain([[row["DOMAIN"], *(row.get(key, "") for key in KEYS)] for row in rows])
    return format.listing((row["DOMAIN"], format.pick(row, KEYS)) for row in rows) if args[2] == "json" else ""


def insert_records(machine: Machine, args: Args) -> None:
    """Moves a file in place of the zone's records: no check, no serial, no rebuild (`hestia.md` 8.4)."""
    name, domain = args[1] or machine.root, args[2]
    checks.valid(user=name, domain=domain)
    machine.enabled("DNS_SYSTEM")
    user = machine.active_user(name)
    row = row_of(user, domain)
    text = machine.files.read(args[3])
    if text is not None:
        user.zones[row["DOMAIN"]] = text.splitlines()
        machine.files.remove(args[3])


def rebuild_zone(machine: Machine, args: Args) -> None:
    """Takes the zone's line out of named.conf before it renders (`hestia-recipes.md` 3.4).

    The user's counters are set to those of this one zone: a slip in Hestia, right only for one zone a user.
    """
    name, domain, how = args[1] or machine.root, args[2], args[3]
    checks.valid(user=name, domain=domain, restart=how)
    machine.enabled("DNS_SYSTEM")
    user = machine.user(name)
    if user.values.get("SUSPENDED") == "yes":
        return
    row_of(user, domain)
    named.delist(machine, name, domain)
    if args.absent(4, "no") != "no":
        bump(machine, name, domain)
    rebuild(machine, name, domain)
    suspended = row_of(user, domain)["SUSPENDED"] == "yes"
    counted = {"U_DNS_DOMAINS": 1, "U_DNS_RECORDS": len(user.zones[domain]), "SUSPENDED_DNS": int(suspended)}
    user.values.update({key: str(number) for key, number in counted.items()})
    services.restart(machine, "dns", how)


def change(key: str) -> Callable[[Machine, Args], None]:
    """The commands that change one value of a zone: ttl, exp, ip, soa, tpl."""

    def run(machine: Machine, args: Args) -> None:
        name, domain, value, how = args[1] or machine.root, domains.normal(args[2]), args[3], args[4]
        field = {"TPL": "template"}.get(key, key.lower())
        checks.valid(user=name, domain=domain, restart="" if key == "EXP" else how, **{field: value})
        if key == "TPL":
            templates.check_dns(value)
        machine.enabled("DNS_SYSTEM")
        user = machine.active_user(name)
        row = row_of(user, domain)
        not_suspended(user.dns, "dns", "DOMAIN", domain)
        old, row[key] = row[key], value
        if key == "EXP":
            return
        if key == "IP":
            user.zones[domain] = [line.replace(f"'{old}'", f"'{value}'") for line in user.zones[domain]]
        if key == "TPL":  # all records are discarded (`hestia.md` 8.1)
            servers = [one for one in user.values.get("NS", "").split(",") if one]
            user.zones[domain] = templates.records(value, domain, row["IP"], servers, machine.stamp())
        bump(machine, name, domain)
        rebuild(machine, name, domain)
        services.restart(machine, "dns", how)

    return run
