"""Listings of users and what belongs to them (`hestia.md` 5.3)."""

from __future__ import annotations

from hostdeck.core.sim.hestia import checks, format, users
from hostdeck.core.sim.hestia.args import Args
from hostdeck.core.sim.hestia.domains import usable_ips
from hostdeck.core.sim.hestia.machine import Machine
from hostdeck.core.sim.hestia.words import words
from hostdeck.core.sim.reply import Reply

_HEAD = words(
    "NAME PACKAGE WEB_TEMPLATE BACKEND_TEMPLATE PROXY_TEMPLATE DNS_TEMPLATE WEB_DOMAINS WEB_ALIASES "
    "DNS_DOMAINS DNS_RECORDS MAIL_DOMAINS MAIL_ACCOUNTS DATABASES CRON_JOBS DISK_QUOTA"
)
_USED = words(
    "U_USERS U_DISK U_DISK_DIRS U_DISK_WEB U_DISK_MAIL U_DISK_DB U_BANDWIDTH U_WEB_DOMAINS U_WEB_SSL "
    "U_WEB_ALIASES U_DNS_DOMAINS U_DNS_RECORDS U_MAIL_DOMAINS U_MAIL_DKIM U_MAIL_ACCOUNTS U_DATABASES "
    "U_CRON_JOBS U_BACKUPS"
)
_SUSPENDED = ["SUSPENDED", *(f"SUSPENDED_{kind}" for kind in users.SUSPENDED_COUNTS)]
ONE = [
    *_HEAD, "BANDWIDTH", "HOME", "NS", "SHELL", "BACKUPS", "CONTACT", "CRON_REPORTS", "RKEY", "TWOFA", "QRCODE", "ROLE",
    *_SUSPENDED, "IP_AVAIL", "IP_OWNED", *_USED, "BACKUPS_INCREMENTAL", "LANGUAGE", "THEME", "NOTIFICATIONS",
    "PREF_UI_SORT", "LOGIN_DISABLED", "LOGIN_USE_IPLIST", "LOGIN_ALLOW_IPS", "PHPCLI", "TIME", "DATE",
]  # fmt: skip
MANY = [
    *_HEAD, "CPU_QUOTA", "CPU_QUOTA_PERIOD", "MEMORY_LIMIT", "SWAP_LIMIT", "BANDWIDTH", "NS", "SHELL", "BACKUPS",
    "CONTACT", "CRON_REPORTS", "RKEY", "ROLE", *_SUSPENDED, "IP_AVAIL", "IP_OWNED", *_USED, "LANGUAGE", "TIME", "DATE",
]  # fmt: skip


def show(machine: Machine, args: Args) -> str | Reply:
    """A user without user.conf lists too: empty but for what leaks in from hestia.conf and the caller's shell."""
    name = args[1] or machine.root
    checks.valid(user=name)
    user = machine.user(name)
    if args.absent(2, "shell") != "json":
        return ""
    leaked = {key: machine.conf(key) for key in ("DISK_QUOTA", "LANGUAGE", "THEME", "BACKUPS_INCREMENTAL")}
    admin = machine.book.users[machine.root].values
    values = {**leaked, "SHELL": "/bin/bash", **user.values, "HOME": f"{machine.homes}/{name}"}
    values |= {"U_USERS": admin.get("U_USERS", ""), "SUSPENDED_USERS": admin.get("SUSPENDED_USERS", "")}
    noise = ""
    if user.conf is None:
        file = f"{machine.home}/data/users/{name}/user.conf"
        noise = f"{machine.home}/func/main.sh: line 36: {file}: No such file or directory\n"
    text = format.listing([(name, format.pick(values, ONE))], close="        }")
    return Reply(0, text, noise)


def show_all(machine: Machine, args: Args) -> str:
    names = users.listed(machine)
    if args[1] == "list":
        return "".join(f"{name}\n" for name in names)
    rows = [(name, machine.book.users[name].values) for name in names]
    if args[1] == "plain":
        return format.plain([[name, *(row.get(key, "") for key in MANY)] for name, row in rows])
    if args[1] != "json":
        return ""
    return format.listing(((name, format.pick(row, MANY)) for name, row in rows), close="        }", end="")


def system_users(machine: Machine, args: Args) -> str:
    names = [name for name, account in machine.book.passwd.items() if "@" in account.gecos]
    return format.array(names) if args[1] == "json" else "".join(f"{name}\n" for name in names)


def servers(machine: Machine, args: Args) -> str:
    name = args[1] or machine.root
    checks.valid(user=name)
    names = [one for one in machine.user(name).values.get("NS", "").split(",") if one]
    return format.array(names) if args[2] == "json" else "".join(f"{one}\n" for one in names)


def ips(machine: Machine, args: Args) -> str:
    name = args[1] or machine.root
    checks.valid(user=name)
    machine.user(name)
    keys = ("OWNER", "STATUS", "NAME", "NAT")
    rows = [(ip, machine.book.ips[ip]) for ip in sorted(usable_ips(machine, name))]
    if args[2] == "plain":
        return format.plain([[ip, *(row[key] for key in keys)] for ip, row in rows])
    if args[2] != "json":
        return ""
    return format.listing(((ip, format.pick(row, keys)) for ip, row in rows), close="        }")
