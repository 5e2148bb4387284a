"""v-add-domain and v-delete-domain: web, dns and mail of one name in one command."""

from __future__ import annotations

from collections.abc import Callable

from hostdeck.core.sim.hestia import checks, dns, domains, mail, services, web
from hostdeck.core.sim.hestia.args import Args
from hostdeck.core.sim.hestia.machine import Machine
from hostdeck.core.sim.hestia.refused import LIMIT, NOT_EXIST, Refused
from hostdeck.core.sim.reply import Reply

_Step = Callable[[Machine, Args], "Reply | str | None"]


def _step(run: _Step, machine: Machine, values: tuple[str, ...], text: str) -> str:
    """One inner command; its refusal ends the outer one with the same code and one more line."""
    try:
        result = run(machine, Args(values))
    except Refused as refusal:
        raise Refused(refusal.code, f"{refusal.line}Error: {text}\n", raw=True) from None
    return result.stdout if isinstance(result, Reply) else result or ""


def add(machine: Machine, args: Args) -> str:
    name, domain, ip, how = args[1] or machine.root, args[2], args[3], args[4]
    checks.valid(user=name, domain=domain, restart=how, ip=ip)
    user = machine.active_user(name)
    ip = ip or domains.first_ip(machine, name)
    steps: list[tuple[str, str, int, _Step, tuple[str, ...], str]] = [
        ("WEB_SYSTEM", "WEB_DOMAINS", len(user.web), web.add, (name, domain, ip, "no"), "web"),
        ("DNS_SYSTEM", "DNS_DOMAINS", len(user.dns), dns.add, (name, domain, ip, *[""] * 8, "no"), "dns"),
        ("MAIL_SYSTEM", "MAIL_DOMAINS", len(user.mail), mail.add, (name, domain, "no"), "mail"),
    ]
    out, full = "", 0
    for system, limit, used, run, values, word in steps:
        if not machine.conf(system):
            continue
        try:
            domains.room(user, limit, used)
        except Refused:
            full += 1
            continue
        out += _step(run, machine, values, f"can't add {word} domain")
    if full == 3:
        raise Refused(LIMIT, "Package limit reached")
    services.restart(machine, "web", how)
    services.restart(machine, "proxy", how)
    services.restart(machine, "dns", how)
    return out


def delete(machine: Machine, args: Args) -> str:
    name, domain, how = args[1] or machine.root, args[2], args.absent(3, "yes")
    checks.valid(user=name, domain=domain, restart=how)
    user = machine.user(name)
    out, there = "", False
    for rows, run, values in (
        (user.web, web.delete, (name, domain, "no")),
        (user.dns, dns.delete, (name, domain, "no")),
        (user.mail, mail.delete, (name, domain)),
    ):
        if any(domains.same_name(domain, row["DOMAIN"]) for row in rows):
            there = True
            result = run(machine, Args(values))
            out += result or ""
    if not there:
        raise Refused(NOT_EXIST, f"domain {domain} doesn't exist")
    services.restart(machine, "web", how)
    services.restart(machine, "proxy", how)
    services.restart(machine, "dns", how)
    return out
