"""Runs the recordings of a real node against a simulated one, row by row."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from hostdeck.core.sim.hestia import HestiaNode, MemoryFiles
from hostdeck.core.sim.hestia.words import words
from hostdeck.core.sim.reply import Reply

FOLDER = Path(__file__).parent.parent / "transcripts"
ARTEFACT = re.compile(
    r"Unable to load required libraries\. Please run v-add-sys-dependencies in command line\. "
    r"Error: Failed opening required 'vendor/autoload\.php' \(include_path='\.:/usr/share/php'\)"
)
SCRATCH = "/tmp/hdkx.0000000000"
SECRETS = {"@S1": f"{SCRATCH}/s1", "@S2": f"{SCRATCH}/s2", "@PKG": f"{SCRATCH}/pkg"}

Row = dict[str, Any]


@dataclass
class Clock:
    """Moves a second with every look, unless set."""

    now: datetime = datetime(2026, 11, 23, 14, 30, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


@dataclass
class Bench:
    """One simulated node with what the recordings did to the real one from outside."""

    files: MemoryFiles = field(default_factory=MemoryFiles)
    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        self.node = HestiaNode("hcp1.example.net", "203.0.113.10", files=self.files, clock=self.clock)
        self.node.book.passwd["admin"].gecos = "admin@example.net"
        self.node.run(["v-change-user-contact", "admin", "admin@example.net"])
        self.node.book.next_uid = 1004

    def secrets(self) -> None:
        for path in SECRETS.values():
            if not path.endswith("pkg"):
                self.files.write(path, "S3cret-Of-The-Guard\n")

    def run(self, argv: Iterable[str]) -> Reply:
        return self.node.run([SECRETS.get(word, word) for word in argv])


def rows(name: str) -> list[Row]:
    """The rows of one recording."""
    lines = next(FOLDER.glob(f"{name}*.jsonl")).read_text().splitlines()
    return [json.loads(line) for line in lines]


VOLATILE = frozenset(
    words(
        "TIME DATE EXP RKEY LOADAVERAGE UPTIME CPU MEM RTIME CRT KEY PEM PUB NOT_BEFORE NOT_AFTER U_BANDWIDTH SIZE "
        "RUNTIME"
    )
)


def settle(value: Any, key: str = "") -> Any:
    """A listing without what differs from run to run; the order of keys is kept as a list."""
    if isinstance(value, dict):
        return [(one, settle(inner, one)) for one, inner in value.items()]
    if isinstance(value, list):
        return [settle(inner) for inner in value]
    if key in VOLATILE or key.startswith("U_DISK"):
        return type(value).__name__
    return re.sub(r"p=[A-Za-z0-9+/]{60,}=*", "p=KEY", value) if isinstance(value, str) else value


def parsed(text: str) -> Any:
    """JSON with its keys in order, None when it is none. A key twice stays twice."""
    try:
        return json.loads(text, object_pairs_hook=lambda pairs: [(key, settle(value, key)) for key, value in pairs])
    except ValueError:
        return None


def told(text: str) -> list[str]:
    """The lines a driver or a person would act on."""
    return [line for line in ARTEFACT.sub("", text).splitlines() if line.startswith(("Error:", "Usage:"))]


def lines(text: str) -> str:
    """A plain listing with times and dates masked."""
    text = re.sub(r"\d\d:\d\d:\d\d\t\d{4}-\d\d-\d\d", "STAMP", text)
    return re.sub(r"p=[A-Za-z0-9+/]{60,}=*", "p=KEY", text)


def differences(row: Row, got: Reply) -> list[str]:
    """What of a reply is not as recorded: exit, told, json, lines."""
    found = []
    if got.exit != row["exit"]:
        found.append(f"exit {got.exit} for {row['exit']}")
    if told(got.stdout) != told(row["stdout"]):
        found.append(f"told {told(got.stdout)} for {told(row['stdout'])}")
    form = row["argv"][-1]
    if form == "json" and row["exit"] == 0 and not told(row["stdout"]):
        mine, theirs = parsed(got.stdout), parsed(row["stdout"])
        if theirs is not None and mine != theirs:
            found.append("json")
    if form in ("list", "plain") and row["exit"] == 0 and lines(got.stdout) != lines(row["stdout"]):
        found.append("lines")
    return found
