"""Format validators in Hestia's words and order (func/main.sh of 1.10.3, seen in the recordings)."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable

from hostdeck.core.sim.hestia.refused import INVALID, Refused

_COMMON = re.compile(r"[!|#$^&()+={}:<>?/\\\"';%` ]")
_DATABASE = re.compile(r"[!|@#$^&*()+={}:,<>?/\\\"';%` ]")
_DOMAIN = re.compile(r"[\]\[!@#$^&*()+={},<>?_/\\\"|'`;%\s]")
_ALIAS = re.compile(r"[\]\[!@#$^&()+={},<>?_/\\\"|'`;%\s]")
_EDGES = re.compile(r"\.\.|^-|-\Z|^\.|\.\Z|\.-|-\.")
_EMAIL = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.(?:[A-Za-z]{2,63}|xn--[A-Za-z0-9]{2,63})")
_OBJECT = re.compile(r"[A-Za-z0-9][-|\\._A-Za-z0-9]{0,64}[A-Za-z0-9]")
_USER = re.compile(r"[A-Za-z0-9]|[A-Za-z0-9][-|\\._A-Za-z0-9]{0,28}[A-Za-z0-9]")
_NEW_USER = re.compile(r"[a-zA-Z][-|_A-Za-z0-9]{0,28}[A-Za-z0-9]")
_RESTARTS = ("yes", "no", "ssl", "reload", "updatessl", "scheduled")
_TYPES = ("A", "AAAA", "NS", "CNAME", "MX", "TXT", "SRV", "DNSKEY", "KEY", "IPSECKEY", "PTR", "SPF", "TLSA", "CAA")
RECORD_TYPES = frozenset((*_TYPES, "DS"))


def _bad(name: str, value: str) -> Refused:
    return Refused(INVALID, f"invalid {name} format :: {value}")


def one_line(value: str) -> None:
    if "\n" in value:
        raise Refused(INVALID, f"invalid value :: {value}")


def user(value: str, name: str = "user") -> None:
    if not _USER.fullmatch(value):
        raise _bad(name, value)


def new_user(value: str, name: str = "user") -> None:
    user(value, name)
    if not _NEW_USER.fullmatch(value):
        raise _bad(name, value)


def domain(value: str, name: str = "domain") -> None:
    if _DOMAIN.search(value) or _EDGES.search(value) or re.fullmatch(r"[0-9]+", value) or value == "www":
        raise _bad(name, value)


def aliases(value: str, name: str = "alias") -> None:
    for one in value.replace(",", " ").split():
        if _ALIAS.search(one) or _EDGES.search(one) or ("*" in one and not one.startswith("*.")):
            raise _bad("alias", one)


def is_ip(value: str) -> bool:
    try:
        ipaddress.IPv4Address(value)
    except ValueError:
        return False
    return True


def is_ip6(value: str) -> bool:
    try:
        ipaddress.IPv6Address(value)
    except ValueError:
        return False
    return True


def ip(value: str, name: str = "ip") -> None:
    if not is_ip(value):
        raise Refused(INVALID, f"invalid {name} :: {value}")


def common(value: str, name: str) -> None:
    star = "*" in value and "*." not in value and value != "*"
    at = "@" in value and len(value) > 1
    if _COMMON.search(value) or len(value) >= 400 or at or star:
        raise _bad(name, value)
    edges = re.search(r"[^a-zA-Z0-9_*@.]\Z", value) or re.match(r"[^a-zA-Z0-9_*@]", value)
    if edges or any(pair in value for pair in ("..", "--", "__")):
        raise _bad(name, value)
    one_line(value)


def spaced(value: str, name: str) -> None:
    """The stricter rule of v-change-user-name (`hestia-recipes.md` 2)."""
    edges = value != value.strip(" ") or "  " in value or re.search(r"[\t\n\r\v\f]", value)
    if edges or _COMMON.search(value.replace(" ", "")) or len(value) >= 400:
        raise _bad(name, value)
    ends = re.search(r"[^a-zA-Z0-9]\Z", value) or re.match(r"[^a-zA-Z0-9]", value)
    if ends or ("@" in value and len(value) > 1) or any(pair in value for pair in ("..", "--", "__")):
        raise _bad(name, value)


def number(value: str, name: str) -> None:
    if not re.fullmatch(r"[0-9]+", value):
        raise _bad(name, value)


def boolean(value: str, name: str) -> None:
    if value not in ("yes", "no"):
        raise _bad(name, value)


def email(value: str, name: str = "email") -> None:
    if not _EMAIL.fullmatch(value):
        raise _bad("email", value)


def thing(value: str, name: str) -> None:
    if not _OBJECT.fullmatch(value):
        raise _bad(name, value)


def person(value: str, name: str = "name") -> None:
    if re.search(r"['|\"<>]", value):
        raise Refused(INVALID, f"Invalid {name} contains qoutes (\" or ') :: {value}")
    one_line(value)


def no_quotes(value: str, name: str) -> None:
    if re.search(r"['|\"]", value):
        raise Refused(INVALID, f"Invalid {name} contains qoutes (\" or ' or | ) :: {value}")
    one_line(value)


def account(value: str, name: str) -> None:
    """A mailbox name: up to 64 of letters, digits, dot, dash, underscore (`hestia.md` 7)."""
    if not re.fullmatch(r"[A-Za-z0-9]|[A-Za-z0-9_.-]{2,64}", value):
        raise _bad(name, value)


def database(value: str, name: str) -> None:
    if _DATABASE.search(value) or len(value) >= 64:
        raise _bad(name, value)
    one_line(value)


def dbuser(value: str, name: str) -> None:
    if len(value) >= 33:
        raise Refused(INVALID, "mysql username can be up to 32 characters long")
    if _DATABASE.search(value):
        raise _bad(name, value)


def record_type(value: str, name: str) -> None:
    if value not in RECORD_TYPES:
        raise Refused(INVALID, f"invalid dns record type format :: {value}")


def record_id(value: str, name: str) -> None:
    if not re.fullmatch(r"[1-9][0-9]*", value):
        raise _bad("id", value)


def restart(value: str, name: str) -> None:
    if value not in _RESTARTS:
        raise _bad("restart", value)


def date(value: str, name: str) -> None:
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        raise _bad("date", value)


def command(value: str, name: str) -> None:
    if "`" in value or "\n" in value:
        raise Refused(INVALID, "Invalid cron command format")


def autoreply(value: str, name: str) -> None:
    if len(value.encode("utf-8", "surrogateescape")) >= 10240:
        raise _bad(name, value)


def cron(value: str, name: str) -> None:
    """One field of a crontab line; the limits are Hestia's."""
    limit = {"hour": 23, "day": 31, "month": 12, "wday": 7}.get(name, 59)
    good = value == "*"
    if re.match(r"\*+/+[0-9]", value):
        step = value.split("/")[1]
        good = good or (step.isdigit() and int(step) < limit)
    if re.fullmatch(r"[0-9][-|,0-9]{0,70}/[0-9]", value):
        good = all(int(part) <= limit for part in re.findall(r"[0-9]+", value))
    parts = re.split(r"[,-]", value)
    good = good or any(part.isdigit() and int(part) <= limit for part in parts)
    if not good:
        raise _bad(name, value)


_CHECKS: dict[str, Callable[[str, str], None]] = {
    "user": user, "new_user": lambda value, _: new_user(value), "domain": domain, "aliases": aliases, "ip": ip,
    "restart": restart, "email": email, "package": thing, "template": thing, "charset": thing, "backup": thing,
    "name": person, "account": account, "malias": account, "database": database, "dbuser": dbuser,
    "antispam": boolean, "antivirus": boolean, "dkim": boolean, "reject": boolean, "mail": boolean,
    "dkim_size": lambda value, _: number(value, ""), "quota": number, "ttl": number, "job": number,
    "record": common, "key": common, "value": common, "extentions": common, "theme": common,
    "rtype": record_type, "id": record_id, "exp": date, "ftp_user": user, "soa": lambda v, _: domain(v, "SOA"),
    "autoreply": autoreply,
    "host": thing, "min": cron, "hour": cron, "day": cron, "month": cron, "wday": cron, "cron_command": command,
    "ns1": domain, "ns2": domain, "ns3": domain, "ns4": domain,
    "ns5": domain, "ns6": domain, "ns7": domain, "ns8": domain,
}  # fmt: skip


def valid(**values: str) -> None:
    """Checks the arguments in the order given, each by the rule of its name; an empty one passes."""
    for name, value in values.items():
        if value:
            _CHECKS[name](value, name)
