"""FTP logins of web domains: system accounts with the user's own uid (`hestia.md` 6.3)."""

from __future__ import annotations

import posixpath
import re

from hostdeck.core.sim.hestia import checks, users, web
from hostdeck.core.sim.hestia.args import Args
from hostdeck.core.sim.hestia.book import Row
from hostdeck.core.sim.hestia.machine import Machine, not_suspended
from hostdeck.core.sim.hestia.refused import EXISTS, INVALID, NOT_EXIST, Refused

_SHELL = "/usr/sbin/nologin"


def _active(machine: Machine, args: Args) -> Row:
    name, domain = args[1] or machine.root, args[2]
    machine.enabled("WEB_SYSTEM")
    user = machine.active_user(name)
    row = web.row_of(user, domain)
    not_suspended(user.web, "web", "DOMAIN", domain)
    return row


def _home(machine: Machine, name: str, domain: str, path: str) -> str:
    home = web.folder(machine, name, domain)
    full = posixpath.normpath(f"{home}/{path}") if path else home
    if not re.search(re.escape(home), full):
        raise Refused(INVALID, f"absolute path {full} is invalid")
    return full


def _relative(machine: Machine, name: str, domain: str, full: str) -> str:
    return full.removeprefix(web.folder(machine, name, domain))


def add(machine: Machine, args: Args) -> None:
    name, domain, login = args[1] or machine.root, args[2], f"{args[1]}_{args[3]}"
    checks.valid(user=name, domain=domain, ftp_user=login)
    row = _active(machine, args)
    if login in machine.book.passwd:
        raise Refused(EXISTS, f"ftp user {login} already exists")
    password = machine.password(args[4])
    home = _home(machine, name, domain, args[5])
    machine.pam(password)
    account = machine.add_account(login, "", home, _SHELL, uid=machine.book.passwd[name].uid)
    account.digest = machine.digest(login, password)
    machine.book.make(home)
    first = not row.get("FTP_USER")
    row["FTP_USER"] = login if first else f"{row['FTP_USER']}:{login}"
    # The first path is kept as it was given, later ones as they were understood.
    row["FTP_PATH"] = args[5] if first else f"{row.get('FTP_PATH', '')}:{_relative(machine, name, domain, home)}"
    users.jail(machine, login)


def _known(row: Row, login: str) -> int:
    logins = row.get("FTP_USER", "").split(":")
    if login not in logins:
        raise Refused(NOT_EXIST, f"account {login} doesn't exist")
    return logins.index(login)


def _without(values: str, place: int) -> str:
    parts = values.split(":")
    return ":".join(part for at, part in enumerate(parts) if at != place)


def delete(machine: Machine, args: Args) -> None:
    """Takes the full login, not the part given to v-add-web-domain-ftp."""
    name, domain, login = args[1] or machine.root, args[2], args[3]
    checks.valid(user=name, domain=domain, ftp_user=login)
    machine.enabled("WEB_SYSTEM")
    row = web.row_of(machine.user(name), domain)
    place = _known(row, login)
    row["FTP_USER"] = _without(row["FTP_USER"], place)
    row["FTP_PATH"] = _without(row["FTP_PATH"], place)
    machine.book.passwd.pop(login, None)
    if login in machine.book.jail:
        machine.book.jail.remove(login)


def change_password(machine: Machine, args: Args) -> None:
    checks.valid(user=args[1] or machine.root, domain=args[2], ftp_user=args[3])
    row = _active(machine, args)
    _known(row, args[3])
    password = machine.password(args[4])
    machine.pam(password)
    machine.book.passwd[args[3]].digest = machine.digest(args[3], password)


def change_path(machine: Machine, args: Args) -> None:
    name = args[1] or machine.root
    checks.valid(user=name, domain=args[2], ftp_user=args[3])
    row = _active(machine, args)
    place = _known(row, args[3])
    home = _home(machine, name, args[2], args[4])
    machine.book.passwd[args[3]].home = home
    paths = row["FTP_PATH"].split(":")
    paths[place] = _relative(machine, name, args[2], home)
    row["FTP_PATH"] = ":".join(paths)
