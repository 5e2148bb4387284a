"""`hostdeck info`: what runs here, where its things are, and who said each setting. Never a secret."""

from __future__ import annotations

import platform
from dataclasses import asdict, fields
from importlib.metadata import version

from hostdeck.core.settings import ConsoleSettings, without_password
from hostdeck.tui.cli import output
from hostdeck.tui.cli.given import given
from hostdeck.tui.cli.session import flags, settings
from hostdeck.tui.cli.shape import table, verb

lone = table()
TABLES = {"": lone}
LIBRARIES = ("textual", "asyncssh", "peewee", "huey", "pydantic", "rich", "cryptography")
HIDDEN = frozenset({"notify"})
"""Settings that are secrets: it is said whether they are set, not to what."""


@verb(lone, "info", "hostdeck info --json")
def info() -> None:
    """Versions, places, and where each setting comes from."""
    from hostdeck import __version__
    from hostdeck.core.settings import settings_sources

    loaded = settings()
    sources = settings_sources(given.home, flags())
    versions = {"hostdeck": __version__, "python": platform.python_version()}
    versions |= {name: version(name) for name in LIBRARIES}
    places = {
        "home": str(loaded.home),
        "settings": str(loaded.home / "hostdeck.toml"),
        "database": without_password(loaded.database),
        "queue": without_password(loaded.queue),
        "worker_key": str(loaded.worker_key),
        "worker_log": str(loaded.worker_log),
        "themes": str(loaded.home / "themes"),
    }
    names = sorted({one.name for one in fields(loaded)} - {"home", "database_url", "queue_url", "key_file", "log_file"})
    said = {name: _said(name, getattr(loaded, name)) for name in names}
    if given.json:
        output.document(
            {
                "versions": versions,
                "places": places,
                "settings": {name: {"value": said[name], "source": sources.get(name, "default")} for name in names},
            }
        )
        return
    output.pairs((*versions.items(), *places.items()))
    output.text()
    rows = [(name, _shown(said[name]), sources.get(name, "as it comes")) for name in names]
    output.table(("SETTING", "VALUE", "SAID BY"), rows)


def _said(name: str, value: object) -> object:
    if name in HIDDEN:
        return "set" if value else ""
    return asdict(value) if isinstance(value, ConsoleSettings) else value


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {one}" for key, one in value.items() if one not in ("", False)) or "-"
    return str(value) if value not in ("", None) else "-"
