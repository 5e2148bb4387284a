"""Commands for keys of `hestia.conf` that a raw value would not apply (`hestia.md` 10)."""

from __future__ import annotations

from hostdeck.core.sim.hestia import checks
from hostdeck.core.sim.hestia.args import Args
from hostdeck.core.sim.hestia.machine import Machine
from hostdeck.core.sim.hestia.refused import INVALID, Refused

_ALIASES = {"pma": "DB_PMA_ALIAS", "phpmyadmin": "DB_PMA_ALIAS", "pga": "DB_PGA_ALIAS", "phppgadmin": "DB_PGA_ALIAS"}


def change_webmail(machine: Machine, args: Args) -> None:
    """Every mail domain's webmail host is done anew."""
    checks.common(args[1], "webmail")
    machine.book.config["WEBMAIL_ALIAS"] = args[1]


def change_db_alias(machine: Machine, args: Args) -> None:
    """Another type does nothing, with exit 0."""
    checks.common(args[2], "Alias")
    if key := _ALIASES.get(args[1].lower()):
        machine.book.config[key] = args[2]


def change_api(machine: Machine, args: Args) -> None:
    """`enable|disable [legacy|api|all]`."""
    if args[1] not in ("enable", "disable"):
        raise Refused(INVALID, f"invalid type :: {args[1]}")
    on, what = args[1] == "enable", args[2] or "all"
    if what in ("legacy", "all"):
        machine.book.config["API"] = "yes" if on else "no"
    if what in ("api", "all"):
        machine.book.config["API_SYSTEM"] = "1" if on else "0"
