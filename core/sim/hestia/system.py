"""Listings and settings of the node itself (`hestia.md` 3.5, 10)."""

from __future__ import annotations

import hashlib

from hostdeck.core.sim.hestia import checks, domains, format
from hostdeck.core.sim.hestia.args import Args
from hostdeck.core.sim.hestia.book import Row, found
from hostdeck.core.sim.hestia.defaults import CONFIG_KEYS, LANGUAGES, PHP_VERSIONS, SHELLS
from hostdeck.core.sim.hestia.machine import Machine
from hostdeck.core.sim.hestia.refused import DISABLED, EXISTS, NOT_EXIST, Refused
from hostdeck.core.sim.hestia.words import words

IP_KEYS = words("OWNER STATUS NAME U_SYS_USERS U_WEB_DOMAINS INTERFACE NETMASK NAT TIME DATE")


def share(machine: Machine, what: str) -> float:
    """A number between 0 and 1 that depends on the host name only."""
    return int.from_bytes(hashlib.sha256(f"{machine.hostname}/{what}".encode()).digest()[:4], "big") / 2**32


def load(machine: Machine) -> tuple[float, float, float]:
    base = 0.05 + share(machine, "load") * 1.2
    return round(base, 2), round(base * 0.9 + 0.02, 2), round(base * 0.8 + 0.04, 2)


def uptime_minutes(machine: Machine) -> int:
    return 600 + int(share(machine, "uptime") * 200_000)


def info(machine: Machine, args: Args) -> str:
    values = {"HOSTNAME": machine.hostname, "OS": "Debian", "VERSION": "12.15", "ARCH": "x86_64"}
    values |= {"HESTIA": machine.version, "RELEASE": "release", "UPTIME": str(uptime_minutes(machine))}
    values["LOADAVERAGE"] = " / ".join(f"{one:.2f}" for one in load(machine))
    if args[1] == "plain":
        return format.plain([list(values.values())])
    return format.listing([("sysinfo", list(values.items()))], close="        }") if args[1] == "json" else ""


def _services(machine: Machine) -> list[tuple[str, str, str]]:
    """Name, kind and configuration key of each installed service, in Hestia's order."""
    php = [(f"php{version}-fpm", "php interpreter", "web-backend") for version in PHP_VERSIONS]
    parts = [
        (machine.conf("WEB_SYSTEM"), "web server", "web"),
        *(php if machine.conf("WEB_BACKEND") else []),
        (machine.conf("PROXY_SYSTEM"), "reverse proxy", "proxy"),
        (machine.conf("DNS_SYSTEM"), "dns server", "dns"),
        (machine.conf("MAIL_SYSTEM"), "mail server", "mail"),
        (machine.conf("IMAP_SYSTEM"), "imap/pop3 server", "imap"),
        (machine.conf("ANTIVIRUS_SYSTEM"), "email anti-virus", "antivirus"),
        (machine.conf("ANTISPAM_SYSTEM"), "email spam filter", "antispam"),
        ("mariadb" if "mysql" in machine.conf("DB_SYSTEM") else "", "database server", "db"),
        (machine.conf("FTP_SYSTEM"), "ftp server", "ftp"),
        (machine.conf("CRON_SYSTEM"), "job scheduler", "cron"),
        ("ssh", "ssh server", "ssh"),
    ]
    return [part for part in parts if part[0]]


def services(machine: Machine, args: Args) -> str:
    """A service in `machine.broken` under `stop-NAME` is listed as stopped."""
    entries = []
    for name, kind, key in _services(machine):
        state = "stopped" if f"stop-{key}" in machine.broken else "running"
        memory = str(2 + int(share(machine, name) * 300)) if state == "running" else "0"
        cpu = f"{share(machine, name + '/cpu') * 2:.1f}" if state == "running" else "0"
        minutes = str(uptime_minutes(machine)) if state == "running" else "0"
        values = {"SYSTEM": kind, "STATE": state, "CPU": cpu, "MEM": memory, "RTIME": minutes}
        entries.append((name, list(values.items())))
    if args[1] == "plain":
        return format.plain([[name, *(value for _, value in pairs)] for name, pairs in entries])
    return format.listing(entries) if args[1] == "json" else ""


def ips(machine: Machine, args: Args) -> str:
    rows = sorted(machine.book.ips.items())
    if args[1] == "plain":
        return format.plain([[ip, *(row[key] for key in IP_KEYS)] for ip, row in rows])
    shown = ((ip, format.pick(row, IP_KEYS)) for ip, row in rows)
    return format.listing(shown, close="        }") if args[1] == "json" else ""


def ip(machine: Machine, args: Args) -> str:
    checks.valid(ip=args[1])
    if args[1] not in machine.book.ips:
        raise Refused(NOT_EXIST, f"IP {args[1]} doesn't exist")
    pairs = format.pick(machine.book.ips[args[1]], IP_KEYS)
    return format.listing([(args[1], pairs)]) if args[2] == "json" else ""


def add_ip(machine: Machine, args: Args) -> None:
    address, mask, card = args[1], args[2], args[3]
    checks.valid(ip=address)
    if address in machine.book.ips:
        raise Refused(EXISTS, f"{address} is already exists")
    machine.book.ips[address] = ip_row(machine, args[4] or machine.root, mask, card)


def delete_ip(machine: Machine, args: Args) -> None:
    checks.valid(ip=args[1])
    if args[1] not in machine.book.ips:
        raise Refused(NOT_EXIST, f"IP {args[1]} doesn't exist")
    del machine.book.ips[args[1]]


def ip_row(machine: Machine, owner: str, mask: str, card: str) -> Row:
    row = {"OWNER": owner, "STATUS": "shared", "NAME": "", "U_SYS_USERS": "", "U_WEB_DOMAINS": "0"}
    return row | {"INTERFACE": card, "NETMASK": mask, "NAT": "", **machine.stamp()}


def config(machine: Machine, args: Args) -> str:
    """The keys Hestia knows, in its order; BACKUP and SUPPORT_DNSSEC are computed (`hestia.md` 10)."""
    if args[1] != "json":
        return ""
    values = {**machine.book.config, "BACKUP": machine.conf("BACKUP") or "/backup", "SUPPORT_DNSSEC": "yes"}
    lines = ",\n".join(f'\t\t"{key}": "{values.get(key, "")}"' for key in CONFIG_KEYS)
    return f'{{\n\t"config": {{\n{lines}\n\t}}\n}}\n'


def change_config(machine: Machine, args: Args) -> None:
    """Any key and any value goes in; nothing is applied (`hestia.md` 10)."""
    key = args[1].upper()
    checks.common(key, "key")
    checks.no_quotes(args[2], "value")
    machine.book.config[key] = args[2]


def change_language(machine: Machine, args: Args) -> None:
    if args[1] not in LANGUAGES:
        raise Refused(NOT_EXIST, f"language {args[1]} doesn't exist")
    machine.book.config["LANGUAGE"] = args[1]


def shells(machine: Machine, args: Args) -> str:
    return format.array(sorted(SHELLS)) if args[1] == "json" else "".join(f"{name}\n" for name in sorted(SHELLS))


def languages(machine: Machine, args: Args) -> str:
    return format.array(LANGUAGES) if args[1] == "json" else "".join(f"{name}\n" for name in LANGUAGES)


def php(machine: Machine, args: Args) -> str:
    return format.array(PHP_VERSIONS) if args[1] == "json" else "".join(f"{one}\n" for one in PHP_VERSIONS)


def updates(machine: Machine, args: Args) -> str:
    """Always up to date."""
    words = {"hestia": "core package", "hestia-php": "internal php interpreter", "hestia-nginx": "internal web server"}
    entries = []
    for name, text in words.items():
        row = {"VERSION": machine.version, "ARCH": "amd64", "UPDATED": "yes", "DESCR": f"Hestia {text}"}
        entries.append((name, list({**row, **machine.stamp()}.items())))
    return format.listing(entries) if args[1] == "json" else ""


def cluster(machine: Machine, args: Args) -> None:
    if machine.conf("DNS_CLUSTER") != "yes":
        raise Refused(DISABLED, "DNS_CLUSTER is not enabled")


def domain_owner(machine: Machine, args: Args) -> str:
    """3 and no output for a domain nobody has (`hestia.md` 3.5)."""
    checks.valid(domain=args[1])
    kinds = (args[2],) if args[2] in ("web", "dns", "mail") else ("dns", "mail", "web")
    owner = domains.owner_of(machine, args[1], kinds)
    if owner is None:
        raise Refused(NOT_EXIST, "", raw=True)
    return f"{owner}\n"


def nothing(machine: Machine, args: Args) -> None:
    """A command that succeeds without a trace in this simulation."""


def user_only(machine: Machine, args: Args) -> None:
    """A command that checks its user and leaves nothing to be seen."""
    name = args[1] or machine.root
    checks.valid(user=name)
    machine.user(name)


def web_only(machine: Machine, args: Args) -> None:
    """A command that checks its web domain and leaves nothing to be seen."""
    name = args[1] or machine.root
    checks.valid(user=name, domain=args[2])
    user = machine.user(name)
    if not found(user.web, "DOMAIN", args[2]):
        raise Refused(NOT_EXIST, f"web domain {args[2]} doesn't exist")
