"""What a Hestia node tells of itself (`hestia.md` 11)."""

from __future__ import annotations

import json
from typing import Any

from hostdeck.core.domain.text import clean_line
from hostdeck.core.drivers.guard import Guard
from hostdeck.core.drivers.probe import ask_probe, machine_figures, number, values_of, whole
from hostdeck.core.errors import Permanent

PANEL = r"""U=$H/data/users; C=/etc/hestiacp/hestia.conf; [ "$H" = /usr/local/hestia ] || C=$H/conf/hestia.conf
echo "hestia_conf=$([ -f "$C" ] && echo 1 || echo 0)"
if [ -d "$U" ]; then
sed -n "s/^\(VERSION\|ROOT_USER\)='\(.*\)'/conf_\1=\2/p" "$H/conf/hestia.conf"
echo "users=$(ls "$U"/*/user.conf 2>/dev/null | wc -l)"
for k in web dns mail; do echo "${k}_domains=$(cat "$U"/*/$k.conf 2>/dev/null | grep -c '^DOMAIN=')"; done
echo "--svc-begin"; "$H/bin/v-list-sys-services" json; echo "--svc-end"
fi
"""


async def probe_figures(guard: Guard) -> dict[str, Any]:
    """Keys of the health view."""
    return figures(await ask_probe(guard, PANEL), guard.server)


def read_probe(text: str, server: str) -> dict[str, Any]:
    """Figures from a probe's text."""
    return figures(whole(text, server), server)


def figures(lines: list[str], server: str) -> dict[str, Any]:
    services = ""
    if "--svc-begin" in lines and "--svc-end" in lines:
        services = "\n".join(lines[lines.index("--svc-begin") + 1 : lines.index("--svc-end")])
    values = values_of(lines)
    if values.get("hestia_conf") != "1":
        raise Permanent(f"{server}: no HestiaCP found on the node; install it, or mend --node-dir [NODE_PANEL]")
    listed = _services(services)
    domains = {kind: int(number(values, f"{kind}_domains") or 0) for kind in ("web", "mail", "dns")}
    return machine_figures(lines) | {
        "panel_version": clean_line(values.get("conf_VERSION", ""), 32) or None,
        "users": int(number(values, "users") or 0),
        "domains": max(domains.values()),
        "domains_by_role": domains,
        "services_up": None if listed is None else sum(listed.values()),
        "services_total": None if listed is None else len(listed),
        "services_down": [] if listed is None else sorted(name for name, up in listed.items() if not up),
    }


def _services(text: str) -> dict[str, bool] | None:
    """Whether each service runs, by its name; None where the listing can't be read."""
    try:
        listed = json.loads(text)
        return {clean_line(str(name), 64): item.get("STATE") == "running" for name, item in listed.items()}
    except (ValueError, AttributeError):
        return None
