"""Databases: only their lines, no server behind them (`hestia.md` 6.3)."""

from __future__ import annotations

import re

from hostdeck.core.sim.hestia import checks, domains, format
from hostdeck.core.sim.hestia.args import Args
from hostdeck.core.sim.hestia.book import Row
from hostdeck.core.sim.hestia.machine import Machine, count, is_new, is_suspended, not_suspended, one
from hostdeck.core.sim.hestia.refused import ARGS, CONNECT, INVALID, NOT_EXIST, Refused

KEYS = ["DATABASE", "DBUSER", "HOST", "TYPE", "CHARSET", "U_DISK", "SUSPENDED", "TIME", "DATE"]
_CHARSETS = re.compile(r"UTF8MB4|UTF8|LATIN[1257]|ASCII|BIG5|GBK|KOI8|KOI8R|KOI8U|CP125[0167]|UCS2|BINARY|SJIS|GREEK")


def add(machine: Machine, args: Args) -> None:
    """The user's name is put in front of both names, also if it is there already."""
    name = args[1] or machine.root
    database, dbuser = f"{name}_{args[2]}", f"{name}_{args[3]}"
    kind, host, charset = args.absent(5, "mysql"), args[6] or "localhost", args.absent(7, "UTF8MB4").upper()
    if kind == "pgsql":
        database, dbuser = database.lower(), dbuser.lower()
    checks.valid(user=name, database=database, dbuser=dbuser, charset=charset)
    machine.enabled("DB_SYSTEM")
    if kind not in machine.conf("DB_SYSTEM").split(",") or not kind:
        raise Refused(INVALID, f"{kind} type is invalid")
    user = machine.active_user(name)
    is_new(user.db, "DB", database)
    is_new(user.db, "DBUSER", dbuser)
    if host != "localhost":
        raise Refused(NOT_EXIST, f"{kind} host {host} doesn't exist")
    domains.room(user, "DATABASES", len(user.db))
    machine.password(args[4])
    if "db" in machine.broken:
        raise Refused(CONNECT, f"Connection to {host} failed")
    if charset and not _CHARSETS.fullmatch(charset):
        raise Refused(ARGS, f"Unable to create database {database}")
    row = {"DB": database, "DBUSER": dbuser, "MD5": "", "HOST": host, "TYPE": kind, "CHARSET": charset, "U_DISK": "0"}
    user.db.append({**row, "SUSPENDED": "no", **machine.stamp()})
    count(user, "U_DATABASES")


def _active(machine: Machine, name: str, database: str) -> Row:
    machine.enabled("DB_SYSTEM")
    user = machine.active_user(name)
    row = one(user.db, "db", "DB", database)
    not_suspended(user.db, "db", "DB", database)
    return row


def change_password(machine: Machine, args: Args) -> None:
    name = args[1] or machine.root
    checks.valid(user=name, database=args[2])
    _active(machine, name, args[2])
    machine.password(args[3])


def change_user(machine: Machine, args: Args) -> None:
    name = args[1] or machine.root
    dbuser = f"{name}_{args[3]}"
    checks.valid(user=name, database=args[2], dbuser=dbuser)
    row = _active(machine, name, args[2])
    is_new(machine.user(name).db, "DBUSER", dbuser)
    row["DBUSER"] = dbuser


def suspend(machine: Machine, args: Args) -> None:
    name = args[1] or machine.root
    checks.valid(user=name, database=args[2])
    _active(machine, name, args[2])["SUSPENDED"] = "yes"
    count(machine.user(name), "SUSPENDED_DB")


def unsuspend(machine: Machine, args: Args) -> None:
    name = args[1] or machine.root
    checks.valid(user=name, database=args[2])
    machine.enabled("DB_SYSTEM")
    user = machine.active_user(name)
    row = one(user.db, "db", "DB", args[2])
    is_suspended(user.db, "db", "DB", args[2])
    row["SUSPENDED"] = "no"
    count(user, "SUSPENDED_DB", -1)


def delete(machine: Machine, args: Args) -> None:
    name = args[1] or machine.root
    checks.valid(user=name, database=args[2])
    machine.enabled("DB_SYSTEM")
    user = machine.user(name)
    row = one(user.db, "db", "DB", args[2])
    user.db.remove(row)
    count(user, "U_DATABASES", -1)
    if row["SUSPENDED"] == "yes":
        count(user, "SUSPENDED_DB", -1)


def _shown(row: Row) -> tuple[str, list[tuple[str, str]]]:
    return row["DB"], format.pick({**row, "DATABASE": row["DB"]}, KEYS)


def show(machine: Machine, args: Args) -> str:
    name = args[1] or machine.root
    checks.valid(user=name, database=args[2])
    row = one(machine.user(name).db, "db", "DB", args[2])
    # The name that was asked for stands over what was found (`v-list-database`).
    return format.listing([(args[2], _shown(row)[1])]) if args[3] == "json" else ""


def show_all(machine: Machine, args: Args) -> str:
    name = args[1] or machine.root
    checks.valid(user=name)
    entries = [_shown(row) for row in machine.user(name).db]
    if args[2] == "plain":
        return format.plain([[value for _, value in pairs] for _, pairs in entries])
    return format.listing(entries) if args[2] == "json" else ""


def hosts(machine: Machine, args: Args) -> str:
    if args[1] != "json":
        return ""
    charsets = "UTF8,LATIN1,WIN1250,WIN1251,WIN1252,WIN1256,WIN1258,KOI8"
    bases = str(sum(len(user.db) for user in machine.book.users.values()))
    users = ",".join(name for name, user in machine.book.users.items() if user.db)
    row = {"HOST": "localhost", "PORT": "3306", "TYPE": "mysql", "CHARSETS": charsets, "MAX_DB": "500"}
    row |= {"U_SYS_USERS": users, "U_DB_BASES": bases, "TPL": "", "SUSPENDED": "no", **machine.stamp()}
    pairs = ",\n".join(f'        "{key}": "{value}"' for key, value in row.items())
    return f"[\n    {{\n{pairs}\n    }}\n]\n" if machine.conf("DB_SYSTEM") else "[\n]\n"
