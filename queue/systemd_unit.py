"""The worker's unit for systemd, filled in for one home, one user and one program."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from importlib import resources
from pathlib import Path

from hostdeck.core.errors import Invalid

NAME = "hostdeck-worker.service"
HIDDEN = (Path("/home"), Path("/root"), Path("/run/user"))
"""What ProtectHome takes away."""


def unit_text(command: Sequence[str], user: str, group: str, writes: Iterable[Path], reads: Iterable[Path] = ()) -> str:
    """`writes` are the folders the worker writes in, all else is read-only to it; `reads` is where the program and its
    key lie. Invalid where a path can't stand in a unit at all."""
    folders = sorted({str(path) for path in writes})
    hidden = any(path.is_relative_to(top) for path in [*map(Path, folders), *reads] for top in HIDDEN)
    values = {
        "USER": _plain(user),
        "GROUP": _plain(group),
        "EXEC": " ".join(_quoted(word).replace("$", "$$") for word in command),
        "WRITES": " ".join(map(_quoted, folders)),
        "PROTECT_HOME": "read-only" if hidden else "yes",
    }
    text = (resources.files("hostdeck.queue") / "systemd" / NAME).read_text("utf-8")
    for name, value in values.items():
        text = text.replace(f"@{name}@", value)
    return text


def _plain(text: str) -> str:
    """`%` begins a specifier everywhere in a unit."""
    if not text.isprintable():
        raise Invalid(
            "systemd", f"{text!r} can't stand in a unit; use a path without control characters", "SYSTEMD_PATH"
        )
    return text.replace("%", "%%")


def _quoted(text: str) -> str:
    """As one word (`systemd.syntax(7)`)."""
    plain = _plain(text)
    if plain and not set(plain) & set(" '\"\\;"):
        return plain
    inner = plain.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{inner}"'
