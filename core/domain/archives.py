"""An archive of a backup as a node lists it."""

from __future__ import annotations

import re
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
    what is in each."""

    name: str
    age: int
    size: int
    parts: Mapping[str, tuple[str, ...]]

    def known(self, now: datetime) -> dict[str, Any]:
        """As an item's row keeps it."""
        taken = datetime.fromtimestamp(int(now.timestamp()) - self.age, UTC)
        contents = {part: list(names) for part, names in self.parts.items()}
        return {"archive": self.name, "size_mb": self.size, "taken_at": taken.isoformat(), "contents": contents}


_PLAIN = re.compile(r"[A-Za-z0-9._][A-Za-z0-9._-]{0,252}")


def is_plain(name: str) -> bool:
    """Whether a name means nothing but itself to a shell: the node puts what a restore is told into one."""
    return _PLAIN.fullmatch(name) is not None


def wish_name(role: Role, since: int) -> str:
    """What a backup is called until its archive is known."""
    return f"{role} at {datetime.fromtimestamp(since, UTC):%Y-%m-%dT%H:%M:%SZ}"
