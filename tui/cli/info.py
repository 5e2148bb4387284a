"""`hostdeck info`: what runs here, where its things are, and who said each setting. Never a secret."""

from __future__ import annotations

import platform
import re
from importlib.metadata import version
from urllib.parse import urlsplit

from hostdeck.tui.cli import output
from hostdeck.tui.cli.given import given
from hostdeck.tui.cli.session import flags, settings
from hostdeck.tui.cli.shape import table, verb

lone = table()
TABLES = {"": lone}
LIBRARIES = ("textual", "asyncssh", "peewee", "huey", "pydantic", "rich", "cryptography")
SECRET = re.compile(r"([?&](?:ssl)?password=)[^&]*", re.IGNORECASE)
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
    fields = sorted(set(type(loaded).model_fields) - {"home", "database_url", "queue_url", "key_file", "log_file"})
    said = {name: _said(name, getattr(loaded, name)) for name in fields}
    if given.json:
        output.document(
            {
                "versions": versions,
                "places": places,
                "settings": {name: {"value": said[name], "source": sources.get(name, "default")} for name in fields},
            }
        )
        return
    output.pairs((*versions.items(), *places.items()))
    output.text()
    rows = [(name, _shown(said[name]), sources.get(name, "as it comes")) for name in fields]
    output.table(("SETTING", "VALUE", "SAID BY"), rows)


def _said(name: str, value: object) -> object:
    if name in HIDDEN:
        return "set" if value else ""
    dump = getattr(value, "model_dump", None)
    return dump() if dump is not None else value


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {one}" for key, one in value.items() if one not in ("", False)) or "-"
    return str(value) if value not in ("", None) else "-"


def without_password(url: str) -> str:
    """Neither before the host nor among what libpq takes after `?`."""
    parts = urlsplit(url)
    url = url.replace(f":{parts.password}@", ":•••@") if parts.password else url
    return SECRET.sub(r"\1•••", url)
