"""Restarting services: what RESTART means, what goes live, and exit 20 (`hestia.md` 3.4, `hestia-recipes.md` 3.7)."""

from __future__ import annotations

from collections.abc import Callable

from hostdeck.core.sim.hestia import named
from hostdeck.core.sim.hestia.args import Args
from hostdeck.core.sim.hestia.machine import Machine
from hostdeck.core.sim.hestia.refused import RESTART, Refused

_SYSTEM = {
    "web": "WEB_SYSTEM",
    "proxy": "PROXY_SYSTEM",
    "web-backend": "WEB_BACKEND",
    "dns": "DNS_SYSTEM",
    "mail": "MAIL_SYSTEM",
    "cron": "CRON_SYSTEM",
}


def restart(machine: Machine, service: str, how: str) -> None:
    """Reloads for an empty argument, restarts for `yes`, does nothing for `no`; 20 with a broken configuration.

    `scheduled` only queues the mail and dns services (`hestia.md` 3.4).
    """
    system = machine.conf(_SYSTEM[service])
    if not system or how == "no":
        return
    later = machine.conf("SCHEDULED_RESTART") == "yes"
    if (how == "" and later) or (how == "scheduled" and (later or service in ("dns", "mail"))):
        queue = machine.book.queues.setdefault("restart", [])
        line = f"{machine.home}/bin/v-restart-{service} now"
        if line in queue:
            queue.remove(line)
        queue.append(line)
        return
    if service in machine.broken:
        text = f"{system} restart failed'" if service == "dns" else f"{system} restart failed"
        raise Refused(RESTART, text)
    if service == "dns" and how == "yes":
        named.restart(machine)
    elif service == "dns":
        named.reconfigure(machine, reload=True)
    if service in ("web", "proxy"):
        publish(machine)


def publish(machine: Machine) -> None:
    """The web server takes its files: what visitors of each domain see now."""
    machine.book.sites = {
        row["DOMAIN"]: "suspended" if row.get("SUSPENDED") == "yes" else "live"
        for user in machine.book.users.values()
        for row in user.web
    }


def command(service: str) -> Callable[[Machine, Args], None]:
    """`v-restart-SERVICE [RESTART]`; the argument is not validated."""

    def run(machine: Machine, args: Args) -> None:
        restart(machine, service, args[1])

    return run
