"""What a PowerDNS node tells of itself."""

from __future__ import annotations

from typing import Any

from hostdeck.core.domain.text import clean_line
from hostdeck.core.drivers.guard import Guard
from hostdeck.core.drivers.probe import ask_probe, machine_figures, number, values_of
from hostdeck.core.errors import Permanent

PANEL = r"""
echo "pdns=$([ -f "$H/pdns.conf" ] && echo 1 || echo 0)"
D=; [ "$H" = /etc/powerdns ] || D="--config-dir=$H"
echo "version=$(pdns_control $D version 2>/dev/null)"
echo "zones=$(pdnsutil $D list-all-zones 2>/dev/null | grep -c .)"
"""


async def probe_figures(guard: Guard) -> dict[str, Any]:
    """Keys of the health view; `services_up` is whether the server itself answers its control socket."""
    return figures(await ask_probe(guard, PANEL), guard.server)


def figures(lines: list[str], server: str) -> dict[str, Any]:
    values = values_of(lines)
    if values.get("pdns") != "1":
        raise Permanent(f"{server}: no PowerDNS found on the node; install it, or mend --node-dir [NODE_PANEL]")
    version = clean_line(values.get("version", ""), 32)
    return machine_figures(lines) | {
        "panel_version": version or None,
        "users": None,
        "domains": int(number(values, "zones") or 0),
        "domains_by_role": {"dns": int(number(values, "zones") or 0)},
        "services_up": int(bool(version)),
        "services_total": 1,
        "services_down": [] if version else ["pdns"],
    }
