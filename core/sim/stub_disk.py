"""The part of a stub node's state that must lie on the real disk: shell texts of the guard look at it there."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from hostdeck.core.sim.hestia import shell
from hostdeck.core.sim.hestia.book import User
from hostdeck.core.sim.hestia.machine import Machine

_LISTS = ("user", "web", "dns", "mail", "db", "cron", "backup")


def mirror(folder: Path, machine: Machine, before: set[str]) -> set[str]:
    """Makes the disk below `folder` like the state and removes what only `before` had. Returns what is there."""
    files, folders = dict(_files(folder, machine)), _folders(folder, machine)
    there = {*files, *folders}
    for path in sorted(before - there, reverse=True):
        if Path(path).is_dir():
            shutil.rmtree(path)
        else:
            Path(path).unlink(missing_ok=True)
    for path in sorted(folders):
        Path(path).mkdir(parents=True, exist_ok=True)
    for path, text in files.items():
        _write(Path(path), text)
    return there


def _folders(folder: Path, machine: Machine) -> set[str]:
    made = {path for path in machine.book.folders if Path(path).is_relative_to(folder)}
    users = [f"{machine.home}/data/users/{name}" for name in machine.book.users]
    return {*made, *users, *(f"{user}/dns" for user in users)}


def _files(folder: Path, machine: Machine) -> Iterator[tuple[str, str]]:
    sshd = shell.text_of(machine, "/etc/ssh/sshd_config")
    yield str(folder / "etc" / "ssh" / "sshd_config"), sshd or ""
    wanted = [f"{machine.home}/conf/hestia.conf", f"{machine.home}/data/queue/backup.pipe"]
    wanted += [f"{machine.home}/log/{name}.log" for name in ("system", "error")]
    wanted += [path for path in machine.book.archives if Path(path).is_relative_to(folder)]
    for name, user in machine.book.users.items():
        wanted += _of_user(machine, name, user)
    yield from _served_mail(folder, machine)
    for path in wanted:
        text = shell.text_of(machine, path)
        if text is not None:
            yield path, text


def _served_mail(folder: Path, machine: Machine) -> Iterator[tuple[str, str]]:
    """One file for each domain that the mail server counts as its own."""
    for user in machine.book.users.values():
        for row in user.mail:
            if row["SUSPENDED"] != "yes":
                yield str(folder / "etc" / "exim4" / "domains" / row["DOMAIN"]), ""


def _of_user(machine: Machine, name: str, user: User) -> list[str]:
    data = f"{machine.home}/data/users/{name}"
    paths = [f"{data}/{kind}.conf" for kind in _LISTS if user.conf is not None]
    paths += [f"{data}/dns/{domain}.conf" for domain in user.zones]
    paths += [f"{data}/mail/{domain}.conf" for domain in user.mailboxes]
    paths += [f"{data}/mail/{address}.msg" for address in user.messages]
    return paths + [f"{machine.homes}/{name}/conf/dns/{domain}.db" for domain in user.zones]


def _write(path: Path, text: str) -> None:
    """Whole or not at all, and only when it differs: a shell text may be reading it."""
    data = text.encode("utf-8", "surrogateescape")
    if path.is_file() and path.read_bytes() == data:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.new")
    new.write_bytes(data)
    new.replace(path)
