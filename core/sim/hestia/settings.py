"""Settings of web and mail domains: HTTPS alone, HSTS, redirects, filters of mail (`hestia.md` 6.2, 7)."""

from __future__ import annotations

from collections.abc import Callable

from hostdeck.core.sim.hestia import checks, mail, web
from hostdeck.core.sim.hestia.args import Args
from hostdeck.core.sim.hestia.machine import Machine, not_suspended
from hostdeck.core.sim.hestia.refused import EXISTS, INVALID, NOT_EXIST, Refused


def https(key: str, to: str) -> Callable[[Machine, Args], None]:
    """Turning on needs a certificate; both may be said again and again."""

    def run(machine: Machine, args: Args) -> None:
        name, domain, how = args[1] or machine.root, args[2], args[3]
        checks.valid(user=name, domain=domain, restart=how)
        user = machine.active_user(name)
        row = web.row_of(user, domain)
        not_suspended(user.web, "web", "DOMAIN", domain)
        if to == "yes" and row["SSL"] != "yes":
            raise Refused(NOT_EXIST, f"SSL={row['SSL']} doesn't exist")
        row[key] = to
        web.live(machine, how)

    return run


def redirect(machine: Machine, args: Args) -> None:
    name, domain, target, code, how = args[1] or machine.root, args[2], args[3], args.absent(4, "301"), args[5]
    checks.valid(user=name, domain=domain, restart=how)
    user = machine.active_user(name)
    row = web.row_of(user, domain)
    not_suspended(user.web, "web", "DOMAIN", domain)
    if not target or not code.isdigit():
        raise Refused(INVALID, "Invalid redirect")
    row |= {"REDIRECT": target, "REDIRECT_CODE": code}
    web.live(machine, how)


def delete_redirect(machine: Machine, args: Args) -> None:
    name, domain, how = args[1] or machine.root, args[2], args[3]
    checks.valid(user=name, domain=domain, restart=how)
    user = machine.active_user(name)
    row = web.row_of(user, domain)
    not_suspended(user.web, "web", "DOMAIN", domain)
    row |= {"REDIRECT": "", "REDIRECT_CODE": ""}
    web.live(machine, how)


def delete_catchall(machine: Machine, args: Args) -> None:
    name, domain = args[1] or machine.root, args[2]
    checks.valid(user=name, domain=domain)
    _, row = mail.active(machine, name, domain)
    if row["CATCHALL"] in ("", "no"):
        raise Refused(NOT_EXIST, "CATCHALL doesn't exist")
    row["CATCHALL"] = ""


def mail_filter(key: str, to: str) -> Callable[[Machine, Args], None]:
    """4 where it is on already, 3 where it is off."""

    def run(machine: Machine, args: Args) -> None:
        name, domain = args[1] or machine.root, args[2]
        checks.valid(user=name, domain=domain)
        _, row = mail.active(machine, name, domain)
        if (row[key] == "yes") == (to == "yes"):
            raise Refused(EXISTS if to == "yes" else NOT_EXIST, f"{key}={row[key]}")
        row[key] = to

    return run
