"""What the global flags said, wherever on the line they stood."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(slots=True)
class Given:
    """Of this process's one command; a flag that was given once stays given. `answered` tells that the one JSON
    document is written; `console` is how the console is to look."""

    home: Path | None = None
    read_only: bool = False
    json: bool = False
    answered: bool = False
    console: dict[str, Any] = field(default_factory=dict)

    def reset(self, argv: list[str]) -> None:
        """Forgets everything but `--json`, which an error on the line itself must know already."""
        self.home, self.read_only, self.answered, self.console = None, False, False, {}
        self.json = "--json" in (argv[: argv.index("--")] if "--" in argv else argv)

    def take(self, arguments: dict[str, Any]) -> None:
        """Takes the global flags out of a command's arguments."""
        self.home = arguments.pop("home") or self.home
        self.read_only = arguments.pop("read_only") or self.read_only
        self.json = arguments.pop("json") or self.json


given = Given()
