"""An archive of a backup as a node lists it."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from hostdeck.core.domain.vocabulary import Role

PARTS = ("web", "dns", "mail", "db", "cron", "udir")
"""What an archive is made of, in the order in which a restore takes them (`hestia.md` 9)."""


@dataclass(frozen=True, slots=True)
class Archive:
    """One archive as the node lists it. `age` in seconds by the node's own clock, `size` in MB; `parts` by the names of
    what is in each. `path` is where it lies on the node; None where it was sent elsewhere."""

    name: str
    age: int
    size: int
    parts: Mapping[str, tuple[str, ...]]
    path: str | None = None

    def known(self, now: datetime) -> dict[str, Any]:
        """As an item's row keeps it."""
        taken = datetime.fromtimestamp(int(now.timestamp()) - self.age, UTC)
        contents = {part: list(names) for part, names in self.parts.items()}
        taken_at = taken.isoformat()
        known = {"archive": self.name, "size_mb": self.size, "taken_at": taken_at, "contents": contents}
        return known | {"path": self.path}


FOLDER = "/backup"
"""Where archives lie unless the node's configuration says otherwise (`hestia.md` 9)."""


def path_of(known: Mapping[str, Any]) -> str | None:
    """Where a row's archive lies on its node; None where it was not taken yet, or was sent elsewhere."""
    archive = known.get("archive")
    if not archive:
        return None
    return str(path) if (path := known.get("path", f"{FOLDER}/{archive}")) else None


def fetch_command(path: str, address: str, port: int, username: str) -> str:
    """What an engineer types to have an archive here. Archives are root's: another login reads them with sudo."""
    at_port = "" if port == 22 else f" -{'P' if username == 'root' else 'p'} {port}"
    if username == "root":
        host = f"[{address}]" if ":" in address else address
        return f"scp{at_port} {shlex.quote(f'root@{host}:{path}')} ."
    reading = shlex.quote(f"sudo -n cat {shlex.quote(path)}")
    return f"ssh{at_port} {username}@{address} {reading} > {shlex.quote(path.rpartition('/')[2])}"


_PLAIN = re.compile(r"[A-Za-z0-9._][A-Za-z0-9._-]{0,252}")


def is_plain(name: str) -> bool:
    """Whether a name means nothing but itself to a shell: the node puts what a restore is told into one."""
    return _PLAIN.fullmatch(name) is not None


def wish_name(role: Role, since: int) -> str:
    """What a backup is called until its archive is known."""
    return f"{role} at {datetime.fromtimestamp(since, UTC):%Y-%m-%dT%H:%M:%SZ}"
