"""Where a simulated node finds scratch, password and package files."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol


class Files(Protocol):
    """The part of a node's disk that callers write to as well."""

    def read(self, path: str) -> str | None:
        """The text of a regular file, None when there is none."""
        ...

    def write(self, path: str, text: str) -> None:
        """Creates or replaces a file."""
        ...

    def remove(self, path: str) -> None:
        """Removes a file; a missing one is no error."""
        ...

    def remove_below(self, folder: str) -> None:
        """Removes every file in a folder, at any depth."""
        ...


@dataclass
class MemoryFiles:
    """Files in a dictionary, for tests without a disk."""

    texts: dict[str, str] = field(default_factory=dict)

    def read(self, path: str) -> str | None:
        return self.texts.get(path)

    def write(self, path: str, text: str) -> None:
        self.texts[path] = text

    def remove(self, path: str) -> None:
        self.texts.pop(path, None)

    def remove_below(self, folder: str) -> None:
        for path in [path for path in self.texts if path.startswith(f"{folder}/")]:
            del self.texts[path]


@dataclass
class DiskFiles:
    """The machine's own disk, for a node behind a real sshd."""

    encoding: str = "utf-8"

    def read(self, path: str) -> str | None:
        file = Path(path)
        if not file.is_file():
            return None
        return file.read_bytes().decode(self.encoding, "surrogateescape")

    def write(self, path: str, text: str) -> None:
        Path(path).write_bytes(text.encode(self.encoding, "surrogateescape"))

    def remove(self, path: str) -> None:
        Path(path).unlink(missing_ok=True)

    def remove_below(self, folder: str) -> None:
        shutil.rmtree(folder, ignore_errors=True)
