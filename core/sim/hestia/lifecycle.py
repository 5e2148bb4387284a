"""Suspending, unsuspending and deleting whole users; counters (`hestia.md` 5.3, `hestia-recipes.md` 3.5)."""

from __future__ import annotations

from collections.abc import Callable

from hostdeck.core.sim.hestia import checks, dns, mail, services, users, web
from hostdeck.core.sim.hestia.args import Args
from hostdeck.core.sim.hestia.book import Row, User
from hostdeck.core.sim.hestia.machine import Machine, count
from hostdeck.core.sim.hestia.refused import SUSPENDED, Refused
from hostdeck.core.sim.reply import Reply

_NOISE = "grep: warning: ? at start of expression\n" * 2


def _having(rows: list[Row], state: str) -> list[str]:
    return [row["DOMAIN"] for row in rows if row["SUSPENDED"] == state]


def _flag(user: User, kind: str, rows: list[Row], to: str) -> None:
    for row in rows:
        if row["SUSPENDED"] != to:
            row["SUSPENDED"] = to
            count(user, f"SUSPENDED_{kind}", 1 if to == "yes" else -1)


def _restart_all(machine: Machine, how: str) -> None:
    for service in ("web", "proxy", "dns", "cron"):
        services.restart(machine, service, how)


def _lock(machine: Machine, name: str, to: bool) -> None:
    if machine.conf("POLICY_USER_VIEW_SUSPENDED") not in ("", "no"):
        return
    for login, account in machine.book.passwd.items():
        if login == name or login.startswith(f"{name}_"):
            account.locked = to


def suspend(machine: Machine, args: Args) -> Reply:
    """The flag of the user is set last; with `no` nothing is live before a restart (`hestia-recipes.md` 3.5)."""
    name, how = args[1] or machine.root, args[2]
    checks.valid(user=name, restart=how)
    user = machine.user(name)
    if user.values.get("SUSPENDED") == "yes":
        raise Refused(SUSPENDED, f"user {name} is suspended")
    if name == machine.root:
        return Reply(0)
    _lock(machine, name, True)
    out = ""
    for domain in _having(user.web, "no"):
        web.set_suspended(machine, name, domain, "yes")
    for domain in _having(user.mail, "no"):
        out += mail.set_suspended(machine, name, domain, "yes")
    for domain in _having(user.dns, "no"):
        dns.set_suspended(machine, name, domain, "yes")
    _flag(user, "DB", user.db, "yes")
    _flag(user, "CRON", user.cron, "yes")
    _restart_all(machine, how)
    user.values["SUSPENDED"] = "yes"
    count(machine.book.users[machine.root], "SUSPENDED_USERS")
    return Reply(0, out, _NOISE if user.web else "")


def unsuspend(machine: Machine, args: Args) -> Reply:
    """Always 0, and takes one off the admin's counter each time (`hestia.md` 5.3)."""
    name, how = args[1] or machine.root, args[2]
    checks.valid(user=name, restart=how)
    user = machine.user(name)
    if name == machine.root:
        return Reply(0)
    return Reply(0, free(machine, name, user, how), _NOISE if user.web else "")


def free(machine: Machine, name: str, user: User, how: str) -> str:
    _lock(machine, name, False)
    if user.conf is not None:
        user.conf["SUSPENDED"] = "no"
    count(machine.book.users[machine.root], "SUSPENDED_USERS", -1)
    out = ""
    for domain in _having(user.web, "yes"):
        web.set_suspended(machine, name, domain, "no")
    for domain in _having(user.dns, "yes"):
        dns.set_suspended(machine, name, domain, "no")
    for domain in _having(user.mail, "yes"):
        out += mail.set_suspended(machine, name, domain, "no", "no")
    _flag(user, "DB", user.db, "no")
    _flag(user, "CRON", user.cron, "no")
    _restart_all(machine, how)
    return out


def delete(machine: Machine, args: Args) -> Reply:
    """The admin: 0 and nothing done. Backups stay. A half-made user with a data folder goes too."""
    name, how = args[1] or machine.root, args[2]
    checks.valid(user=name, restart=how)
    user = machine.user(name)
    if name == machine.root:
        return Reply(0)
    noise = ""
    if user.conf is None:
        noise = f"grep: {machine.home}/data/users/{name}/user.conf: No such file or directory\n"
    for domain in [row["DOMAIN"] for row in user.web]:
        web.remove(machine, name, domain)
    for domain in [row["DOMAIN"] for row in user.dns]:
        dns.remove(machine, name, domain)
    for domain in [row["DOMAIN"] for row in user.mail]:
        mail.remove(machine, name, domain)
    _forget(machine, name)
    _restart_all(machine, how)
    return Reply(0, "", noise)


def _forget(machine: Machine, name: str) -> None:
    book = machine.book
    free(machine, name, book.users[name], "no")
    for names in (book.jail, book.hestia_users):
        if name in names:
            names.remove(name)
    book.passwd.pop(name, None)
    book.remove_tree(f"{machine.homes}/{name}")
    del book.users[name]
    count(book.users[machine.root], "U_USERS", -1)


def update_counters(machine: Machine, args: Args) -> None:
    """Counts again from the files."""
    checks.valid(user=args[1])
    if args[1]:
        machine.user(args[1])
    for name in [args[1]] if args[1] else users.listed(machine):
        user = machine.book.users[name]
        if user.conf is not None:
            user.conf.update(_counted(machine, name, user))


def _counted(machine: Machine, name: str, user: User) -> Row:
    aliases = [alias for row in user.web for alias in row["ALIAS"].split(",") if alias]
    root = name == machine.root
    others = [one.values for one in machine.book.users.values() if one.conf is not None]
    numbers = {
        "U_WEB_DOMAINS": len(user.web),
        "U_WEB_SSL": sum(row["SSL"] == "yes" for row in user.web),
        "U_WEB_ALIASES": len(aliases),
        "U_DNS_DOMAINS": len(user.dns),
        "U_DNS_RECORDS": sum(len(lines) for lines in user.zones.values()),
        "U_MAIL_DOMAINS": len(user.mail),
        "U_MAIL_DKIM": sum(row["DKIM"] == "yes" for row in user.mail),
        "U_MAIL_ACCOUNTS": sum(len(boxes) for boxes in user.mailboxes.values()),
        "U_DATABASES": len(user.db),
        "U_CRON_JOBS": len(user.cron),
        "U_BACKUPS": len(user.backups),
        "SUSPENDED_WEB": len(_having(user.web, "yes")),
        "SUSPENDED_DNS": len(_having(user.dns, "yes")),
        "SUSPENDED_MAIL": len(_having(user.mail, "yes")),
        "SUSPENDED_DB": sum(row["SUSPENDED"] == "yes" for row in user.db),
        "SUSPENDED_CRON": sum(row["SUSPENDED"] == "yes" for row in user.cron),
        "SUSPENDED_USERS": sum(conf.get("SUSPENDED") == "yes" for conf in others) if root else 0,
        "U_USERS": len(users.listed(machine)) if root else 0,
    }
    return {key: str(number) for key, number in numbers.items() if key in user.values}


def each(change: Callable[[Machine, str, str, str], object], kind: str, was: str, to: str) -> Callable[..., None]:
    """v-suspend-web-domains and its kin: all domains of one kind."""

    def run(machine: Machine, args: Args) -> None:
        name = args[1] or machine.root
        checks.valid(user=name, restart=args[2] if kind != "mail" else "")
        machine.enabled(f"{kind.upper()}_SYSTEM")
        user = machine.user(name)
        rows = {"web": user.web, "mail": user.mail, "dns": user.dns}[kind]
        for domain in _having(rows, was):
            change(machine, name, domain, to)
        if kind == "web":
            web.live(machine, args[2])
        if kind == "dns":
            services.restart(machine, "dns", args[2])

    return run
