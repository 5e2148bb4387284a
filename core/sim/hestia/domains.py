"""Who may use a domain name on a node: uniqueness across users, owners of the base domain, limits."""

from __future__ import annotations

from collections.abc import Iterable

from hostdeck.core.sim.hestia import checks
from hostdeck.core.sim.hestia.book import User, found, like
from hostdeck.core.sim.hestia.machine import Machine
from hostdeck.core.sim.hestia.refused import ARGS, EXISTS, FORBIDDEN, INVALID, LIMIT, NOT_EXIST, Refused


def normal(domain: str) -> str:
    """What mutators make of a name: lower case, no leading `www.`, no dots around it (`hestia.md` 6.1)."""
    domain = domain.lower()
    if domain.startswith("www."):
        domain = domain[4:]
    return domain.strip(".").strip(" \t")


def normal_aliases(given: str) -> str:
    """A list of aliases as stored: lower case, sorted, each once."""
    if given in ("", "none"):
        return given
    names = {name.strip(".") for name in given.lower().split(",")}
    return ",".join(sorted(name for name in names if name))


def is_new(machine: Machine, user: str, kind: str, names: str) -> None:
    """4 when the name is taken; `kind` is web, dns, mail or empty (the base-domain test)."""
    for name in names.replace(",", " ").split():
        if machine.conf("WEB_SYSTEM"):
            _web_new(machine, user, kind, name)
        if machine.conf("DNS_SYSTEM"):
            _file_new(machine, user, kind, name, "dns", "DNS domain")
        if machine.conf("MAIL_SYSTEM"):
            _file_new(machine, user, kind, name, "mail", "Mail domain")
            if kind == "mail":
                _mail_names(machine, name)


def _web_new(machine: Machine, user: str, kind: str, name: str) -> None:
    owners = [owner for owner, one in machine.book.users.items() if any(row["DOMAIN"] == name for row in one.web)]
    if owners and (kind == "web" or owners[0] != user):
        raise Refused(EXISTS, f"Web domain {name} exists")
    if kind == "web":
        rows = (row for one in machine.book.users.values() for row in one.web)
        if any(name in row.get("ALIAS", "").split(",") for row in rows):
            raise Refused(EXISTS, f"Web alias {name} exists")


def _file_new(machine: Machine, user: str, kind: str, name: str, own: str, text: str) -> None:
    owners = [
        owner for owner, one in machine.book.users.items() if name in (one.zones if own == "dns" else one.mailboxes)
    ]
    if owners and (kind == own or owners[0] != user):
        raise Refused(EXISTS, f"{text} {name} exists")


def _mail_names(machine: Machine, name: str) -> None:
    taken = {domain for one in machine.book.users.values() for domain in one.mailboxes}
    first, _, rest = name.partition(".")
    for reserved in ("mail", machine.conf("WEBMAIL_ALIAS")):
        if not reserved:
            continue
        if f"{reserved}.{name}" in taken:
            raise Refused(EXISTS, f'Required subdomain "{reserved}.{name}" already exists')
        if rest in taken and first == reserved:
            raise Refused(INVALID, f'The subdomain "{first}." is reserved by "{rest}"')


def owns_base(machine: Machine, user: str, names: str) -> None:
    """4 when the registrable domain belongs to somebody else, unless switched off or allowed (`hestia.md` 6.1)."""
    if machine.conf("ENFORCE_SUBDOMAIN_OWNERSHIP") != "yes":
        return
    for name in names.replace(",", " ").split():
        if name == "none":
            continue
        base = machine.base_domain(name)
        rows = [row for one in machine.book.users.values() for row in one.web if row["DOMAIN"] == base]
        if rows and rows[0].get("ALLOW_USERS") == "yes":
            continue
        try:
            is_new(machine, user, "", base)
        except Refused:
            raise Refused(EXISTS, f"Unable to add {name}. {base} belongs to a different user") from None


def not_an_ip(domain: str) -> None:
    if checks.is_ip(domain):
        raise Refused(ARGS, "Invalid domain format. IP address detected as input.")


def room(user: User, key: str, used: int) -> None:
    """8 when a limit of the package is used up; a missing limit counts as 0 (`hestia.md` 5.1)."""
    limit = user.values.get(key, "")
    if limit == "unlimited":
        return
    most = int(limit) if limit.isdigit() else 0
    if used > most if key == "WEB_ALIASES" else used >= most:
        raise Refused(LIMIT, f"{key} limit is reached :: upgrade user package")


def usable_ips(machine: Machine, user: str) -> list[str]:
    """The user's own addresses, then the shared ones of the admin."""
    ips = machine.book.ips
    own = [ip for ip, row in ips.items() if row["OWNER"] == user]
    shared = [ip for ip, row in ips.items() if row["OWNER"] == machine.root and row["STATUS"] == "shared"]
    return list(dict.fromkeys((*own, *shared)))


def public(machine: Machine, ip: str) -> str:
    row = machine.book.ips.get(ip, {})
    return row.get("NAT") or ip


def first_ip(machine: Machine, user: str) -> str:
    """The address a domain gets when none is named."""
    ips = usable_ips(machine, user)
    if not ips:
        raise Refused(NOT_EXIST, "no IP is available")
    return public(machine, ips[0])


def local_ip(machine: Machine, ip: str) -> str | None:
    """The node's own address behind a given or NAT address."""
    if ip in machine.book.ips:
        return ip
    return next((own for own, row in machine.book.ips.items() if row["NAT"] == ip), None)


def check_ip(machine: Machine, user: str, ip: str) -> None:
    own = local_ip(machine, ip)
    if own is None:
        raise Refused(NOT_EXIST, f"IP {ip} doesn't exist")
    row = machine.book.ips[own]
    if row["OWNER"] != user and (row["STATUS"] == "dedicated" or row["OWNER"] != machine.root):
        raise Refused(FORBIDDEN, f"{user} user can't use IP {ip}")


def owner_of(machine: Machine, domain: str, kinds: Iterable[str]) -> str | None:
    """The first user with a line for the domain, read as grep reads it."""
    for name in sorted(machine.book.users):
        user = machine.book.users[name]
        rows = {"web": user.web, "dns": user.dns, "mail": user.mail}
        if any(found(rows[kind], "DOMAIN", domain) for kind in kinds):
            return name
    return None


def same_name(domain: str, other: str) -> bool:
    return like(domain).fullmatch(other) is not None
