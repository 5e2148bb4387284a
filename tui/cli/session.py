"""What nearly every command needs: settings, the database, and the door for changes. Imports wait until called."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hostdeck.tui.cli.given import given

if TYPE_CHECKING:
    from hostdeck.core.intents.base import Door
    from hostdeck.core.settings import Settings


def settings() -> Settings:
    from hostdeck.core.settings import load_settings

    return load_settings(given.home, flags())


def flags() -> dict[str, Any]:
    """What the command line said of the settings."""
    return {"read_only": given.read_only or None, "console": given.console}


@contextmanager
def opened() -> Iterator[Door]:
    """The database behind this process's connection, and the door; UnsafeHome before anything is opened."""
    loaded = settings()
    from hostdeck.core.store.db import connection, open_store
    from hostdeck.core.store.home import check_home

    check_home(loaded)
    open_store(loaded, read_only=loaded.read_only)
    from peewee import DatabaseError

    try:
        with connection():
            yield door_for(loaded)
    except DatabaseError as error:
        raise _told(error) from error


def door_for(loaded: Settings) -> Door:
    from hostdeck.core.intents.base import Door

    return Door(actor=actor(), read_only=loaded.read_only, reserved_ok=loaded.reserved_domains)


def refuse_read_only(what: str, read_only: bool) -> None:
    """For what changes things without coming through the door: processes, the home, the network."""
    if read_only:
        from hostdeck.core.errors import Refused

        raise Refused(what, "hostdeck runs read-only here; nothing can be changed", "READ_ONLY")


def _told(error: Exception) -> Exception:
    """What a person can do about a database that stopped answering meanwhile; anything else stays what it is."""
    from peewee import OperationalError

    from hostdeck.core.errors import Refused, UnusableDatabase

    text = str(error).strip() or "no answer"
    if "malformed" in text or "not a database" in text:
        return UnusableDatabase(f"database: it is damaged ({text}); restore it from a backup")
    if isinstance(error, OperationalError):
        return Refused("database", f"{text.splitlines()[0]}; nothing was changed, try again", "DB_BUSY")
    return error


def actor() -> str:
    """The fingerprint of the SSH key somebody logged in with, where sshd tells it (ExposeAuthInfo), else the Unix
    user."""
    if name := os.environ.get("SSH_USER_AUTH"):
        from hostdeck.core.queries.rows import fingerprint

        try:
            lines = Path(name).read_text("ascii").splitlines()
        except (OSError, UnicodeDecodeError):
            lines = []
        for line in lines:
            method, _, key = line.partition(" ")
            if method == "publickey" and (found := fingerprint(key)):
                return found
    return _unix_user()


def _unix_user() -> str:
    import pwd

    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"uid {os.getuid()}"


def spare_psycopg() -> None:
    """peewee imports psycopg where it is installed, which takes as long as half of a short command. On SQLite nobody
    needs it, so it is made to look absent; this must come before anything imports peewee."""
    from hostdeck.core.errors import HostdeckError

    if "peewee" in sys.modules:
        return
    try:
        loaded = settings()
    except (HostdeckError, OSError):
        return  # the command that needs the settings says what is wrong with them
    if all(url.startswith("sqlite:") for url in (loaded.database, loaded.queue)):
        for name in ("psycopg", "psycopg2"):
            sys.modules.setdefault(name, None)  # type: ignore[arg-type]
