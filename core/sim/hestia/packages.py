"""Packages: limits and templates of users (`hestia.md` 5.1)."""

from __future__ import annotations

import re

from hostdeck.core.sim.hestia import checks, format, templates, users
from hostdeck.core.sim.hestia.args import Args
from hostdeck.core.sim.hestia.book import Row
from hostdeck.core.sim.hestia.defaults import LIMITS, PACKAGE_KEYS
from hostdeck.core.sim.hestia.machine import Machine, shell_path
from hostdeck.core.sim.hestia.refused import EXISTS, NOT_EXIST, Refused
from hostdeck.core.sim.reply import Reply

_TIGHT = ("CPU_QUOTA", "CPU_QUOTA_PERIOD", "MEMORY_LIMIT", "SWAP_LIMIT")
_MANY = tuple(key for key in PACKAGE_KEYS if key not in ("BACKEND_TEMPLATE", "RATE_LIMIT", "BACKUPS_INCREMENTAL"))
_ONE = ("WEB_TEMPLATE", "BACKEND_TEMPLATE", "PROXY_TEMPLATE", *PACKAGE_KEYS[3:])


def source(text: str) -> Row:
    """A `KEY='value'` file as Hestia's reader takes it."""
    pairs = re.finditer(r"(?m)^\s*([A-Za-z_][A-Za-z0-9_]*)\s*=[ ]*(.*)$", text)
    values = {}
    for pair in pairs:
        value = pair[2].rsplit("'", 1)[0] if "'" in pair[2] else pair[2]
        values[pair[1]] = (value.split("'", 1)[1] if "'" in value else value).strip()
    return values


def exists(machine: Machine, package: str) -> None:
    if package not in machine.book.packages:
        raise Refused(NOT_EXIST, f"package {package} doesn't exist")


def _consistent(machine: Machine, given: Row) -> Row:
    """Missing keys fall back to what the caller's shell and hestia.conf hold (`hestia.md` 5.1, "Leaks")."""
    values = {**machine.book.config, "SHELL": "/bin/bash", **given}
    for key in LIMITS:
        if key == "RATE_LIMIT" or values.get(key) != "unlimited":
            checks.number(values.get(key, ""), key)
    checks.number(values.get("BACKUPS", ""), "BACKUPS")
    checks.boolean(values.get("BACKUPS_INCREMENTAL", ""), "BACKUPS_INCREMENTAL")
    templates.check_package(machine, values)
    shell_path(values["SHELL"])
    values["SHELL"] = values["SHELL"].rsplit("/", 1)[-1]
    return values


def add(machine: Machine, args: Args) -> None:
    path, package, rewrite = args[1], args[2], args[3]
    checks.valid(package=package)
    if rewrite == "yes":
        exists(machine, package)
    elif package in machine.book.packages:
        raise Refused(EXISTS, f"package {package} already exists.")
    text = machine.files.read(path)
    if text is None:
        raise Refused(NOT_EXIST, f"{path} does not exist\n", raw=True)
    values = _consistent(machine, source(text))
    machine.book.packages.pop(package, None)
    machine.book.packages[package] = {**dict(format.pick(values, PACKAGE_KEYS)), **machine.stamp()}


def copy(machine: Machine, args: Args) -> None:
    checks.valid(package=args[1])
    exists(machine, args[1])
    machine.book.packages[args[2]] = dict(machine.book.packages[args[1]])


def update(machine: Machine, args: Args) -> str:
    """Applies a package to its users again, below their use too (`hestia-recipes.md` 4)."""
    checks.valid(package=args[1])
    exists(machine, args[1])
    names = [name for name in users.listed(machine) if machine.book.users[name].values.get("PACKAGE") == args[1]]
    return "".join(users.apply_package(machine, name, args[1], "yes").stdout for name in names)


def delete(machine: Machine, args: Args) -> str:
    """Users whose package name starts with this one fall to `default` first (`hestia.md` 5.1).

    On a node whose only user is the admin, grep names no file and the line found is taken for a user's name.
    """
    package = args[1]
    checks.valid(package=package)
    exists(machine, package)
    files = {name: user.conf for name, user in machine.book.users.items() if user.conf is not None}
    hits = [name for name, conf in files.items() if conf.get("PACKAGE", "").startswith(package)]
    out = ""
    if len(files) == 1 and hits:
        out = f"Error: invalid user format :: PACKAGE='{files[hits[0]]['PACKAGE']}'\n"
    else:
        out = "".join(users.apply_package(machine, name, "default", "").stdout for name in sorted(hits))
    del machine.book.packages[package]
    return out


def show(machine: Machine, args: Args) -> str:
    checks.valid(package=args[1])
    exists(machine, args[1])
    if args[2] != "json":
        return ""
    pairs = format.pick(machine.book.packages[args[1]], (*_ONE, "TIME", "DATE"))
    text = format.listing([(args[1], pairs)], tight=_TIGHT)
    return text.replace('        "BACKUPS_INCREMENTAL"', '\t"BACKUPS_INCREMENTAL"')


def show_all(machine: Machine, args: Args) -> str | Reply:
    """Newest first; lacks three keys of the single form (`hestia.md` 5.1)."""
    packages = reversed(machine.book.packages.items())
    keys = (*_MANY, "TIME", "DATE")
    if args[1] == "plain":
        return format.plain([[name, *(row.get(key, "") for key in keys)] for name, row in packages])
    if args[1] != "json":
        return ""
    return format.listing(((name, format.pick(row, keys)) for name, row in packages), tight=_TIGHT)
