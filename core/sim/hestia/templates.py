"""Template names a node has, and the record templates of new zones (recordings 01-system, 06-dns)."""

from __future__ import annotations

from collections.abc import Callable

from hostdeck.core.sim.hestia import format
from hostdeck.core.sim.hestia.args import Args
from hostdeck.core.sim.hestia.book import Row
from hostdeck.core.sim.hestia.defaults import BACKEND_TEMPLATES, PROXY_TEMPLATES, WEB_TEMPLATES
from hostdeck.core.sim.hestia.machine import Machine
from hostdeck.core.sim.hestia.refused import NOT_EXIST, Refused

Line = tuple[str, str, str, str]

_NS: tuple[Line, ...] = tuple(("@", "NS", "", f"%ns{number}%.") for number in range(1, 9))
_SITE: tuple[Line, ...] = (("www", "CNAME", "", "%domain%."), ("ftp", "CNAME", "", "%domain%."))
_APEX: tuple[Line, ...] = (*_NS, ("@", "A", "", "%ip%"))
_MAIL: tuple[Line, ...] = (
    ("mail", "A", "", "%ip%"),
    ("webmail", "CNAME", "", "mail.%domain%."),
    ("@", "MX", "0", "mail.%domain%."),
    ("@", "TXT", "", '"v=spf1 a mx ip4:%ip% -all"'),
    ("_dmarc", "TXT", "", '"v=DMARC1; p=quarantine; pct=100"'),
)
_SERVICES: tuple[Line, ...] = tuple(
    (f"_{name}._tcp", "SRV", "1", f"0 {port} mail.%domain%.")
    for name, port in (("submission", 587), ("imap", 143), ("imaps", 993), ("pop3", 110), ("pop3s", 995))
)
_REMOTE_SITE: tuple[Line, ...] = (("ftp", "CNAME", "", "%domain%."), ("www", "CNAME", "", "%domain%."))


def _spf(host: str) -> Line:
    return ("@", "TXT", "", f'"v=spf1 a mx ip4:%ip% include:{host} -all"')


ZONES: dict[str, tuple[Line, ...]] = {
    "zoho": (
        *_APEX,
        *_REMOTE_SITE,
        ("@", "MX", "10", "mx.zoho.com."),
        ("@", "MX", "20", "mx2.zoho.com."),
        ("@", "MX", "50", "mx3.zoho.com."),
        _spf("zoho.com"),
    ),
    "office365": (
        *_APEX,
        *_REMOTE_SITE,
        _spf("spf.protection.outlook.com"),
        ("_dmarc", "TXT", "", "v=DMARC1; p=none; pct=100; fo=1"),
        ("autodiscover", "CNAME", "", "autodiscover.outlook.com."),
    ),
    "gmail": (*_APEX, *_REMOTE_SITE, ("@", "MX", "1", "ASPMX.L.GOOGLE.COM."), _spf("_spf.google.com")),
    "default": (*_APEX, *_SITE, *_MAIL, *_SERVICES),
    "default-nomail": (*_APEX, *_SITE),
    "child-ns": (
        ("@", "NS", "", "ns1.%domain%."),
        ("@", "NS", "", "ns2.%domain%."),
        ("@", "A", "", "%ip%"),
        ("ns1", "A", "", "%ip%"),
        ("ns2", "A", "", "%ip%"),
        *_SITE,
        *_MAIL,
    ),
}


def check_web(machine: Machine, name: str) -> None:
    if machine.conf("WEB_SYSTEM") and name not in WEB_TEMPLATES:
        raise Refused(NOT_EXIST, f"{name} web template doesn't exist")


def check_backend(machine: Machine, name: str) -> None:
    if machine.conf("WEB_BACKEND") and name not in BACKEND_TEMPLATES:
        raise Refused(NOT_EXIST, f"{name} backend template doesn't exist")


def check_proxy(machine: Machine, name: str) -> None:
    if machine.conf("PROXY_SYSTEM") and name not in PROXY_TEMPLATES:
        raise Refused(NOT_EXIST, f"{name} proxy template doesn't exist")


def check_dns(name: str) -> None:
    if name not in ZONES:
        raise Refused(NOT_EXIST, f"{name} dns template doesn't exist")


def check_package(machine: Machine, values: Row) -> None:
    """Templates a package names must be there; an empty one passes (`hestia.md` 5.1)."""
    if values.get("WEB_TEMPLATE"):
        check_web(machine, values["WEB_TEMPLATE"])
    if values.get("BACKEND_TEMPLATE"):
        check_backend(machine, values["BACKEND_TEMPLATE"])
    if values.get("PROXY_TEMPLATE"):
        check_proxy(machine, values["PROXY_TEMPLATE"])
    if values.get("DNS_TEMPLATE"):
        check_dns(values["DNS_TEMPLATE"])


def records(name: str, domain: str, ip: str, servers: list[str], stamp: Row) -> list[str]:
    """The record lines of a new zone; lines of name servers that are not given are left out."""
    lines = []
    for number, (record, kind, priority, value) in enumerate(ZONES[name], 1):
        missing = [f"%ns{place}%" for place in range(1, 9) if place > len(servers)]
        if any(mark in value for mark in missing):
            continue
        value = value.replace("%ip%", ip).replace("%domain%", domain)
        for place, server in enumerate(servers, 1):
            value = value.replace(f"%ns{place}%", server)
        lines.append(
            f"ID='{number}' RECORD='{record}' TYPE='{kind}' PRIORITY='{priority}' VALUE='{value}' SUSPENDED='no' "
            f"TIME='{stamp['TIME']}' DATE='{stamp['DATE']}'"
        )
    return lines


def names(of: tuple[str, ...], indent: str = "\t") -> Callable[[Machine, Args], str]:
    """A command that lists template names."""

    def run(machine: Machine, args: Args) -> str:
        if args[1] == "json":
            return format.array(of, indent)
        return "".join(f"{name}\n" for name in of) if args[1] in ("plain", "list") else ""

    return run
