"""Themes an operator writes: `themes/NAME.toml` in the home with `primary = "#8fb8f5"` and so on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from textual.theme import Theme

FOLDER = "themes"


def stamp(home: Path) -> tuple[tuple[str, int], ...]:
    """Differs when a file has come, gone or changed."""
    try:
        return tuple(sorted((path.name, path.stat().st_mtime_ns) for path in (home / FOLDER).glob("*.toml")))
    except OSError:  # one went while we looked
        return ()


def read_themes(home: Path) -> tuple[Theme, ...]:
    """Invalid names the file, and what is wrong with it."""
    files = sorted((home / FOLDER).glob("*.toml"))
    if not files:
        return ()
    from hostdeck.tui.theme_file import read_theme  # takes as long to load as a tenth of a first picture

    return tuple(read_theme(path) for path in files)
