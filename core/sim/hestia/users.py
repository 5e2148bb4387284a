"""Users: adding and changing them (`hestia.md` 5.2, 5.3; `hestia-recipes.md` 2)."""

from __future__ import annotations

import re

from hostdeck.core.sim.hestia import checks
from hostdeck.core.sim.hestia.args import Args
from hostdeck.core.sim.hestia.book import Row, User
from hostdeck.core.sim.hestia.defaults import LANGUAGES
from hostdeck.core.sim.hestia.domains import usable_ips
from hostdeck.core.sim.hestia.machine import RESERVED_NAMES, Machine, count, shell_path
from hostdeck.core.sim.hestia.refused import EXISTS, INVALID, LIMIT, NOT_EXIST, PASSWORD, Refused
from hostdeck.core.sim.hestia.words import words
from hostdeck.core.sim.reply import Reply

_ZEROS = words(
    "U_DISK U_DISK_DIRS U_DISK_WEB U_DISK_MAIL U_DISK_DB U_BANDWIDTH U_WEB_DOMAINS U_WEB_SSL "
    "U_WEB_ALIASES U_DNS_DOMAINS U_DNS_RECORDS U_MAIL_DOMAINS U_MAIL_DKIM U_MAIL_ACCOUNTS U_MAIL_SSL "
    "U_DATABASES U_CRON_JOBS U_BACKUPS"
)
SUSPENDED_COUNTS = ("USERS", "WEB", "DNS", "MAIL", "DB", "CRON")
HOME_PARTS = ("web", "conf", "tmp", "mail", "conf/web", "conf/mail", "conf/dns")
_COVERED = (
    ("WEB_DOMAINS", "U_WEB_DOMAINS", "WEB_DOMAIN"), ("DNS_DOMAINS", "U_DNS_DOMAINS", "DNS_DOMAIN"),
    ("DATABASES", "U_DATABASES", "DATABASE"), ("CRON_JOBS", "U_CRON_JOBS", "CRON"), ("DISK_QUOTA", "U_DISK", "DISK"),
    ("BANDWIDTH", "U_BANDWIDTH", "BANDWIDTH"),
)  # fmt: skip


def listed(machine: Machine) -> list[str]:
    """Names v-list-users shows: a user.conf and an `@` in the passwd line (`hestia-recipes.md` 2)."""
    users = machine.book.users
    return [
        name
        for name, account in machine.book.passwd.items()
        if "@" in account.line(name) and name in users and users[name].conf is not None
    ]


def make_conf(machine: Machine, name: str, package: str, email: str, full_name: str, role: str = "user") -> Row:
    """user.conf of a new user, keys in the order of v-add-user."""
    admin = name == machine.root
    kept = {key: value for key, value in machine.book.packages[package].items() if key not in ("TIME", "DATE")}
    conf = {"NAME": full_name, "PACKAGE": package, **kept, "CONTACT": email, "CRON_REPORTS": "yes", "MD5": ""}
    conf |= {"RKEY": machine.draw(f"rkey/{name}"), "TWOFA": "", "QRCODE": "", "PHPCLI": "", "ROLE": role}
    conf |= {"SUSPENDED": "no", **{f"SUSPENDED_{kind}": "0" for kind in SUSPENDED_COUNTS}}
    shared = [ip for ip in usable_ips(machine, machine.root) if machine.book.ips[ip]["STATUS"] == "shared"]
    conf |= {"IP_AVAIL": "1" if admin else str(len(shared)), "IP_OWNED": "1" if admin else "0"}
    conf |= {"U_USERS": "1" if admin else "0", **dict.fromkeys(_ZEROS, "0"), "LANGUAGE": "", "THEME": ""}
    conf |= {"NOTIFICATIONS": "no", "PREF_UI_SORT": "name", "LOGIN_DISABLED": "no", "LOGIN_USE_IPLIST": "no"}
    return conf | {"LOGIN_ALLOW_IPS": "", **machine.stamp()}


def make_home(machine: Machine, name: str) -> None:
    home = f"{machine.homes}/{name}"
    machine.book.make(home, *(f"{home}/{part}" for part in HOME_PARTS))


def add(machine: Machine, args: Args) -> None:
    user, email = args[1] or machine.root, args[3]
    package = args.absent(4, "default")
    name = f"{args[5]} {args[6]}" if args[6] else args[5]
    checks.valid(new_user=user, email=email, package=package, name=name)
    if user.lower() in RESERVED_NAMES.split():
        text = f"The user name '{user}' is reserved and cannot be used. List of reserved names: {RESERVED_NAMES}"
        raise Refused(INVALID, text)
    if user in machine.book.passwd or user in machine.book.users:
        raise Refused(EXISTS, f"user {user} exists")
    password = machine.password(args[2])
    if package not in machine.book.packages:
        raise Refused(NOT_EXIST, f"package {package} doesn't exist")
    home = f"{machine.homes}/{user}"
    shell = shell_path(machine.book.packages[package].get("SHELL") or "nologin")
    machine.add_account(user, email, home, shell)
    machine.book.make(home)
    try:
        machine.pam(password)
    except Refused:  # the system user goes, the home stays (`hestia.md` 4)
        del machine.book.passwd[user]
        raise
    machine.book.passwd[user].digest = machine.digest(user, password)
    machine.book.hestia_users.append(user)
    make_home(machine, user)
    machine.book.users[user] = User(conf=make_conf(machine, user, package, email, name))
    if user != machine.root:
        count(machine.book.users[machine.root], "U_USERS")
    jail(machine, user)


def jail(machine: Machine, user: str) -> None:
    """Puts a user without a shell into sshd's `Match User` line. Its sed reads the name as an expression."""
    account = machine.book.passwd.get(user)
    if account is None or "nologin" not in account.shell or user in machine.book.jail:
        return
    if "|" not in user:
        machine.book.jail.append(user)


def add_jail(machine: Machine, args: Args) -> None:
    user = args[1] or machine.root
    checks.valid(user=user)
    if user not in machine.book.users and user not in machine.book.passwd:
        raise Refused(NOT_EXIST, f"user {user} doesn't exist")
    jail(machine, user)


def set_shell(machine: Machine, user: str, word: str) -> Reply:
    """v-change-user-shell; also run inside a package change, where its refusal is only printed."""
    try:
        checks.valid(user=user)
        path = shell_path(word)
        record = machine.active_user(user)
    except Refused as refusal:
        return Reply(refusal.code, refusal.line)
    account = machine.book.passwd.get(user)
    if account is not None:
        account.shell = path
    if "nologin" in path:
        jail(machine, user)
    elif user in machine.book.jail:
        machine.book.jail.remove(user)
    if record.conf is not None:
        record.conf["SHELL"] = path.rsplit("/", 1)[-1]
    return Reply(0)


def change_shell(machine: Machine, args: Args) -> Reply:
    return set_shell(machine, args[1] or machine.root, args[2])


def apply_package(machine: Machine, user: str, package: str, force: str) -> Reply:
    """v-change-user-package: drops U_MAIL_SSL, keeps the dates of the user (`hestia.md` 5.3)."""
    try:
        checks.valid(user=user, package=package)
        record = machine.user(user)
        if package not in machine.book.packages:
            raise Refused(NOT_EXIST, f"package {package} doesn't exist")
        limits = machine.book.packages[package]
        if force != "yes":
            _covers(record, limits)
    except Refused as refusal:
        return Reply(refusal.code, refusal.line)
    old = record.values
    conf = {**old, "PACKAGE": package, **{key: value for key, value in limits.items() if key not in ("TIME", "DATE")}}
    conf.pop("U_MAIL_SSL", None)
    record.conf = conf
    shell = set_shell(machine, user, limits.get("SHELL", ""))
    return Reply(0, shell.stdout)


def _covers(user: User, limits: Row) -> None:
    """The test of MAIL_DOMAINS never refuses: a typo in Hestia (`hestia.md` 5.3)."""
    for limit, used, text in _COVERED:
        value = limits.get(limit, "0")
        if value != "unlimited" and int(value or 0) < int(user.values.get(used, "0") or 0):
            raise Refused(LIMIT, f"Package doesn't cover {text} usage")


def change_package(machine: Machine, args: Args) -> Reply:
    return apply_package(machine, args[1] or machine.root, args[2], args[3])


def change_contact(machine: Machine, args: Args) -> None:
    """Replaces the old address in the passwd line only where it stands there (`hestia-recipes.md` 2)."""
    user, email = args[1] or machine.root, args[2]
    checks.valid(user=user, email=email)
    conf = machine.active_user(user).values
    old = conf.get("CONTACT", "")
    conf["CONTACT"] = email
    account = machine.book.passwd.get(user)
    if account is not None and old:
        pattern = "".join(char if char == "." else re.escape(char) for char in old)
        account.gecos = re.sub(pattern, lambda _: email, account.gecos)


def change_name(machine: Machine, args: Args) -> None:
    user = args[1] or machine.root
    checks.valid(user=user, name=args[2])
    conf = machine.active_user(user).values
    checks.spaced(args[2], "name")
    if args[3]:
        checks.spaced(args[3], "last name")
    conf["NAME"] = f"{args[2]} {args[3]}" if args[3] else args[2]


def change_password(machine: Machine, args: Args) -> None:
    user = args[1] or machine.root
    checks.valid(user=user)
    conf = machine.active_user(user).values
    password = machine.password(args[2])
    machine.pam(password)
    if user in machine.book.passwd:
        machine.book.passwd[user].digest = machine.digest(user, password)
    conf["RKEY"] = machine.draw(f"rkey/{user}")


def check_password(machine: Machine, args: Args) -> None:
    user = args[1] or machine.root
    checks.valid(user=user)
    machine.user(user)
    password = machine.password(args[2])
    if not password or machine.book.passwd[user].digest != machine.digest(user, password):
        raise Refused(PASSWORD, "password missmatch")


def change_language(machine: Machine, args: Args) -> None:
    user = args[1] or machine.root
    checks.valid(user=user)
    conf = machine.active_user(user).values
    if args[2] not in LANGUAGES:
        raise Refused(NOT_EXIST, f"{args[2]} language file does not exist")
    conf["LANGUAGE"] = args[2]


def change_ns(machine: Machine, args: Args) -> None:
    user = args[1] or machine.root
    servers = [server.strip(".") for server in args.values[1:9] if server]
    checks.valid(user=user)
    for place, server in enumerate(servers, 1):
        checks.domain(server, f"ns{place}")
    machine.active_user(user).values["NS"] = ",".join(servers)


def value(machine: Machine, args: Args) -> str:
    user = args[1] or machine.root
    checks.valid(user=user)
    return machine.user(user).values.get(args[2], "") + "\n"
