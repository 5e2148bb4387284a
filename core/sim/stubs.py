"""A Hestia folder for a real sshd: launchers in place of Hestia's commands, over one state on the disk.

The guard's own shell text runs in such a node when it is told `HESTIA_HOME=folder`. Beside the folders a Hestia has:

    journal.jsonl  every command: argv, exit, started, ended      latency_ms     milliseconds per changing command
    overlaps.log   changing commands that met (there must be none)  state.pickle   the account book
"""

from __future__ import annotations

import json
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path

from hostdeck.core.sim.hestia import DiskFiles, HestiaNode
from hostdeck.core.sim.hestia.table import COMMANDS
from hostdeck.core.sim.stub_command import State, opened, save

TOOLS = ("getent", "userdel", "named-checkzone", "dig", "curl")


@dataclass(frozen=True, slots=True)
class StubNode:
    """An installed folder, and what tests ask of it."""

    folder: Path

    def journal(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in self._lines("journal.jsonl")]

    def overlaps(self) -> list[str]:
        return self._lines("overlaps.log")

    def half_made(self, user: str, mark: str, stage: str) -> None:
        """Leaves a half-made user, as a killed v-add-user does."""
        with opened(self.folder) as state:
            state.node.half_made(user, mark, stage)

    def _lines(self, name: str) -> list[str]:
        file = self.folder / name
        return file.read_text().splitlines() if file.exists() else []


def install(folder: Path, hostname: str, ip: str, latency_ms: float = 0) -> StubNode:
    """Makes the folder; it must not hold a node yet."""
    for part in ("bin", "tools", "conf", "etc/ssh", "data/users", "home"):
        (folder / part).mkdir(parents=True)
    node = HestiaNode(hostname, ip, files=DiskFiles(), home=str(folder), homes=str(folder / "home"))
    save(folder, State(node))
    (folder / "latency_ms").write_text(f"{latency_ms:g}\n")
    for name in COMMANDS:
        _launcher(folder, folder / "bin" / name)
    for name in TOOLS:
        _launcher(folder, folder / "tools" / name)
    _script(folder / "tools" / "chattr", "exit 0")
    return StubNode(folder)


def _launcher(folder: Path, path: Path) -> None:
    python, where = shlex.quote(sys.executable), shlex.quote(str(folder))
    _script(path, f'exec {python} -I -m hostdeck.core.sim.stub_command {where} {path.name} "$@"')


def _script(path: Path, text: str) -> None:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
