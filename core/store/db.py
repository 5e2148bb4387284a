"""Opening the database, one kind of write transaction, and migrations.

SQLite in WAL mode, or PostgreSQL. Connections are per thread: every thread works inside `connection()`. Nothing may
await inside a transaction: coroutines of one thread share its connection.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlparse

from peewee import Database, DatabaseError, OperationalError, PostgresqlDatabase, SqliteDatabase

from hostdeck.core.errors import Invalid, Refused, UnusableDatabase
from hostdeck.core.settings import Settings, sqlite_path
from hostdeck.core.store.base import database

PRAGMAS = {"journal_mode": "wal", "synchronous": "normal", "foreign_keys": 1, "busy_timeout": 5000}
READ_ONLY = "?mode=ro"
CONNECT_WITHIN = 10
"""Seconds for a PostgreSQL that drops what is sent to it; an address may say otherwise."""
MIGRATION_LOCK = 0x686465636B  # "hdeck": PostgreSQL's advisory lock of the one who migrates


def open_store(settings: Settings, *, migrate: bool = False, read_only: bool = False) -> None:
    """Binds this process to its database. `migrate` (for `init` and `worker`) brings the schema up to date.

    Raises Refused where the database is missing or older, UnusableDatabase where it is corrupt or newer.
    """
    url = settings.database
    path = sqlite_path(url)
    if path is not None and not path.exists() and not migrate:
        raise Refused("database", f"{path} does not exist yet; run '{settings.command('init')}'", "DB_MISSING")
    db = _connectable(url, read_only=read_only)
    try:
        with db.connection_context():
            if migrate:
                _migrate(db, path)
            _check_schema(db)
    except DatabaseError as error:
        raise _unusable(url, error) from None
    database.initialize(db)  # not before: another thread of a console may be asked to write already


def close_store() -> None:
    """Lets go of this thread's connection."""
    if database.obj is not None and not database.is_closed():
        database.close()


def is_postgres() -> bool:
    return isinstance(database.obj, PostgresqlDatabase)


@contextmanager
def connection() -> Iterator[None]:
    """This thread's connection, opened and closed; nests. Refused [DB_OPENING] while the store is being opened."""
    if database.obj is None:
        raise Refused("database", "it is still being opened; nothing was changed, try again", "DB_OPENING")
    if database.is_closed():
        with database.connection_context():
            yield
    else:
        yield


LOCKED = "FOR NO KEY UPDATE"
"""What is refused to others on PostgreSQL: to lock or delete the row, not to refer to it from a row of their own."""


_turn = threading.RLock()
WAIT = 5
"""Seconds to wait for another's write to end."""


@contextmanager
def transaction() -> Iterator[None]:
    """A write transaction that holds SQLite's write lock from the start: one that reads first and writes later would
    fail at once when anybody wrote in between, whatever the busy timeout."""
    with connection():
        if is_postgres():
            with database.atomic():
                yield
        else:
            with _in_turn(), database.atomic("IMMEDIATE"):
                yield


@contextmanager
def _in_turn() -> Iterator[None]:
    """One thread of this process after the other: SQLite wakes nobody who waits for its lock; they sleep, longer each
    time, and eight that settle at once would need a tenth of a second more. Where it lasts too long, SQLite says so."""
    held = _turn.acquire(timeout=WAIT)
    try:
        yield
    finally:
        if held:
            _turn.release()


def file_there() -> tuple[int, int] | None:
    """Which file a new connection would open now: device and inode; None on PostgreSQL. FileNotFoundError where the
    file is gone: SQLite would go on reading the one it has open, or make an empty one."""
    if is_postgres():
        return None
    name = str(database.database)
    path = unquote(name.removeprefix("file:").removesuffix(READ_ONLY)) if name.startswith("file:") else name
    try:
        found = os.stat(path)
    except FileNotFoundError:
        raise FileNotFoundError(f"{path} is gone") from None
    return found.st_dev, found.st_ino


def version() -> Any:
    """A value that changes whenever another connection has committed a write."""
    if is_postgres():
        return database.execute_sql("SELECT pg_current_snapshot()::text").fetchone()[0]
    return database.execute_sql("PRAGMA data_version").fetchone()[0]


def _connectable(url: str, *, read_only: bool) -> Database:
    path = sqlite_path(url)
    if path is not None:
        if read_only:
            return SqliteDatabase(
                f"file:{quote(str(path))}{READ_ONLY}",
                uri=True,
                timeout=5,
                autoconnect=False,
                pragmas={"busy_timeout": 5000},
            )
        return SqliteDatabase(str(path), timeout=5, autoconnect=False, pragmas=PRAGMAS)
    if urlparse(url).scheme not in ("postgresql", "postgres"):
        raise Invalid("database_url", "use sqlite:///PATH or postgresql://USER@HOST/NAME", "SET_URL")
    options = _postgres_options(url)
    if read_only:
        options["options"] = f"{options.get('options', '')} -c default_transaction_read_only=on".strip()
    return PostgresqlDatabase(options.pop("dbname", "hostdeck"), autoconnect=False, prefer_psycopg3=True, **options)


def _postgres_options(url: str) -> dict[str, Any]:
    """Everything libpq reads from an address, TLS included, so that we and Huey connect alike."""
    try:
        from psycopg import ProgrammingError
        from psycopg.conninfo import conninfo_to_dict
    except ImportError:
        text = "PostgreSQL needs the extra: pip install 'hostdeck[postgres]'"
        raise Refused("database", text, "DB_DRIVER") from None
    try:
        said = {key: value for key, value in conninfo_to_dict(url).items() if value is not None}
    except ProgrammingError as error:
        raise Invalid("database_url", str(error).strip().splitlines()[0], "SET_URL") from None
    return {"connect_timeout": CONNECT_WITHIN, **said}


def _known() -> list[str]:
    folder = resources.files("hostdeck.core.store") / "migrations"
    return sorted(item.name[:-3] for item in folder.iterdir() if item.name[:1].isdigit() and item.name.endswith(".py"))


def _check_schema(db: Database) -> None:
    known = _known()
    if not db.table_exists("schema_migration"):
        raise Refused("database", "has no tables yet; run 'hostdeck init'", "DB_OLD")
    applied = {row[0] for row in db.execute_sql("SELECT name FROM schema_migration").fetchall()}
    if unknown := sorted(applied - set(known)):
        raise UnusableDatabase(
            f"database: it was written by a newer hostdeck (it has {unknown[-1]}, this one ends at {known[-1]}); "
            "install that version; nothing was touched"
        )
    if missing := [name for name in known if name not in applied]:
        raise Refused(
            "database", f"its schema is older than this program ({missing[0]}); run 'hostdeck init'", "DB_OLD"
        )


def _migrate(db: Database, path: Path | None) -> None:
    from playhouse.migrations import Runner

    folder = str(resources.files("hostdeck.core.store") / "migrations")
    if path is not None:
        with open(path.with_name(f"{path.name}.lock"), "a", opener=_private) as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            Runner(db, folder).up()
            path.chmod(0o600)
        return
    db.execute_sql("SELECT pg_advisory_lock(%s)", (MIGRATION_LOCK,))
    try:
        Runner(db, folder).up()
    finally:
        db.execute_sql("SELECT pg_advisory_unlock(%s)", (MIGRATION_LOCK,))


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _unusable(url: str, error: Exception) -> Exception:
    path = sqlite_path(url)
    cause = error.__cause__ or error.__context__ or error
    if path is not None and (isinstance(cause, sqlite3.DatabaseError) or isinstance(error, DatabaseError)):
        if isinstance(error, OperationalError) and "locked" in str(error):
            return Refused("database", f"{path} is locked by another program; try again", "DB_LOCKED")
        return UnusableDatabase(
            f"database: {path} can't be read as a hostdeck database ({error}); restore it from a backup; "
            "the file was not touched"
        )
    return Refused("database", f"{urlparse(url).hostname}: {str(error).strip().splitlines()[0]}", "DB_CONNECT")
