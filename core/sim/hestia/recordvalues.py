"""What Hestia accepts as the value of a DNS record, by type (its dns_record_validator, `hestia.md` 8.2)."""

from __future__ import annotations

import re

from hostdeck.core.sim.hestia import checks
from hostdeck.core.sim.hestia.refused import INVALID, Refused

_HOST = re.compile(
    r"(?!.{254})(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*"
)


def _host(value: str) -> bool:
    return _HOST.fullmatch(value.rstrip(".")) is not None


def _loose_host(value: str) -> bool:
    labels = value.rstrip(".").split(".")
    return all(1 <= len(label) <= 63 for label in labels) and len(value) <= 254


def _within(value: str, most: int) -> bool:
    return bool(re.fullmatch(r"0|[1-9][0-9]*", value)) and int(value) <= most


def clean(kind: str, value: str, priority: str) -> tuple[str, str]:
    """The value and priority as stored; refused values give 2."""
    checks.one_line(value)
    if kind == "SRV":
        return _service(value, priority)
    good = {
        "A": checks.is_ip,
        "AAAA": checks.is_ip6,
        "NS": _host,
        "PTR": _host,
        "MX": _host,
        "CNAME": _loose_host,
        "TXT": lambda text: bool(text) and len(text) <= 65535 and not re.search(r"[^\x20-\x7e]", text),
        "SPF": lambda text: bool(text) and not re.search(r"[^\x20-\x7e]", text),
        "CAA": _caa,
    }.get(kind, lambda text: len(text.split()) >= 3)
    if not good(value) or (kind == "MX" and not _within(priority, 65535)):
        raise Refused(INVALID, f"dns record validation failed :: {value}")
    return value, priority


def _caa(value: str) -> bool:
    parts = value.split(None, 2)
    return len(parts) == 3 and _within(parts[0], 255) and re.fullmatch(r"[A-Za-z0-9-]{1,63}", parts[1]) is not None


def _service(value: str, priority: str) -> tuple[str, str]:
    """Four parts are `priority weight port target`; three are misread as `target port weight` when the first part

    could be a host name, as a number can (`hestia.md` 8.2).
    """
    parts = value.split()
    if len(parts) == 4:
        priority, weight, port, host = parts
    elif len(parts) == 3 and (parts[0] == "." or (_host(parts[0]) and parts[0] != "0")):
        host, port, weight = parts
    elif len(parts) == 3:
        weight, port, host = parts
    else:
        raise Refused(INVALID, f"dns record validation failed :: {value}")
    if not all(_within(number, 65535) for number in (priority, weight, port)) or not (host == "." or _host(host)):
        raise Refused(INVALID, f"dns record validation failed :: {value}")
    return f"{weight} {port} {host}", priority
