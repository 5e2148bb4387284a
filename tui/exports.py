"""Files that the console saves: in the home, where nobody else reads."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TextIO

FOLDER = "export"


def save_export(home: Path, name: str, text: str) -> Path:
    """Writes `export/NAME` below the home (0700, 0600) and gives its path; OSError where that is not possible."""
    path, file = create_export(home, name)
    with file:
        file.write(text)
    return path


def create_export(home: Path, name: str) -> tuple[Path, TextIO]:
    """`export/NAME`, empty and open, for what is too long to be held."""
    folder = home / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    path = folder / name
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    return path, os.fdopen(descriptor, "w", encoding="utf-8")
