"""The whole state of a simulated node: flat files, accounts of the system, name server. All of it picklable."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

Row = dict[str, str]
"""One line of a flat file such as web.conf: `KEY='value'` pairs in order."""


@dataclass
class Account:
    """A line of /etc/passwd with what belongs to it. The password is kept as a digest only."""

    uid: int
    gecos: str
    home: str
    shell: str
    locked: bool = False
    digest: str = ""

    def line(self, name: str) -> str:
        return f"{name}:x:{self.uid}:{self.uid}:{self.gecos}:{self.home}:{self.shell}"


@dataclass
class User:
    """One folder below data/users. `conf` is None while user.conf is not written (`hestia-recipes.md` 2)."""

    conf: Row | None = None
    web: list[Row] = field(default_factory=list)
    mail: list[Row] = field(default_factory=list)
    mailboxes: dict[str, list[Row]] = field(default_factory=dict)
    messages: dict[str, str] = field(default_factory=dict)  # automatic answers: account@domain -> text
    dkim: dict[str, str] = field(default_factory=dict)
    dns: list[Row] = field(default_factory=list)
    zones: dict[str, list[str]] = field(default_factory=dict)
    db: list[Row] = field(default_factory=list)
    cron: list[Row] = field(default_factory=list)
    backups: list[Row] = field(default_factory=list)
    certificates: dict[str, Row] = field(default_factory=dict)

    @property
    def values(self) -> Row:
        """user.conf, or nothing at all: what a script reads from a half-made user."""
        return self.conf if self.conf is not None else {}


@dataclass
class ZoneFile:
    """A rendered zone: what named would load."""

    serial: str
    soa: str
    refresh: str
    ttl: str
    records: list[Row] = field(default_factory=list)


@dataclass
class Named:
    """The name server: its configuration lines, and what it holds in memory."""

    lines: list[tuple[str, str]] = field(default_factory=list)  # (user, domain) in named.conf
    loaded: dict[str, ZoneFile] = field(default_factory=dict)


@dataclass
class Book:
    """Everything a node knows."""

    config: Row = field(default_factory=dict)
    packages: dict[str, Row] = field(default_factory=dict)
    ips: dict[str, Row] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)
    passwd: dict[str, Account] = field(default_factory=dict)
    hestia_users: list[str] = field(default_factory=list)
    jail: list[str] = field(default_factory=list)
    folders: set[str] = field(default_factory=set)
    queues: dict[str, list[str]] = field(default_factory=dict)
    archives: dict[str, float] = field(default_factory=dict)  # files in /backup: path -> mtime
    snapshots: dict[str, User] = field(default_factory=dict)  # what of a user an archive holds, by its name
    trials: dict[str, list[str]] = field(default_factory=dict)  # what came of an archive, as the text `trial` says it
    zone_files: dict[tuple[str, str], ZoneFile] = field(default_factory=dict)
    named: Named = field(default_factory=Named)
    sites: dict[str, str] = field(default_factory=dict)
    system_log: list[str] = field(default_factory=list)
    error_log: list[str] = field(default_factory=list)
    next_uid: int = 1001
    drawn: int = 0

    def make(self, *paths: str) -> None:
        self.folders.update(paths)

    def remove_tree(self, path: str) -> None:
        self.folders = {one for one in self.folders if one != path and not one.startswith(path + "/")}


def like(pattern: str) -> re.Pattern[str]:
    """A value as grep reads it inside `KEY='value'`: a dot is any character (`hestia.md` 1.6)."""
    return re.compile("".join("." if char == "." else re.escape(char) for char in pattern), re.DOTALL)


def found(rows: list[Row], key: str, value: str) -> list[Row]:
    """The lines that `grep "KEY='value'"` finds."""
    wanted = like(value)
    return [row for row in rows if wanted.fullmatch(row.get(key, "\0"))]
