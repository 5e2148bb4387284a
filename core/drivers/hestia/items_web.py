"""Databases and FTP accounts as commands, and what the answers mean. Pure.

The commands that add put the account's name and `_` in front by themselves, also where it is there already; all others
take the whole name (`hestia.md` 6.3).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import zip_longest
from typing import Any

from hostdeck.core.drivers import items as say
from hostdeck.core.drivers.guard import Argument, StepResult
from hostdeck.core.drivers.hestia.argv import Steps, act, look, only_if
from hostdeck.core.drivers.hestia.layout import Layout
from hostdeck.core.drivers.hestia.listings import listing, named_object
from hostdeck.core.errors import Transient

NO_LOGIN = "2"
"""What getent says of a login that nobody has."""


def own_part(user: str, name: str) -> str:
    """A whole name without the account's own in front, once."""
    return name.removeprefix(f"{user}_")


def _ask_databases(ask: say.AskDatabases, at: Layout) -> Iterable[tuple[Argument, ...]]:
    yield look(at, "v-list-databases", ask.user, "json")


def _ask_ftp(ask: say.AskFtp, at: Layout) -> Iterable[tuple[Argument, ...]]:
    yield look(at, "v-list-web-domain", ask.user, ask.domain, "json")


def _add_database(change: say.AddDatabase, at: Layout) -> Steps:
    name, dbuser = own_part(change.user, change.database), own_part(change.user, change.dbuser)
    return (
        only_if(look(at, "v-list-database", change.user, change.database, "json"), "3"),
        # HOST is the sixth argument: empty is the node's own choice.
        act(at, "v-add-database", change.user, name, dbuser, change.password, change.engine, "", change.charset),
    )


def _database(command: str) -> Callable[[Any, Layout], Steps]:
    return lambda change, at: (act(at, command, change.user, change.database),)


def _database_password(change: say.SetDatabasePassword, at: Layout) -> Steps:
    return (act(at, "v-change-database-password", change.user, change.database, change.password),)


def _add_ftp(change: say.AddFtp, at: Layout) -> Steps:
    """A login is a user of the whole machine: whoever has it, it is not made."""
    name = own_part(change.user, change.login)
    path = () if change.path == "/" else (change.path,)
    return (
        only_if(("getent", "passwd", change.login), NO_LOGIN),
        act(at, "v-add-web-domain-ftp", change.user, change.domain, name, change.password, *path),
    )


def _ftp(command: str, *fields: str) -> Callable[[Any, Layout], Steps]:
    return lambda change, at: (
        act(at, command, change.user, change.domain, change.login, *(getattr(change, field) for field in fields)),
    )


def database_facts(ask: say.AskDatabases, results: Sequence[StepResult], server: str) -> say.DatabaseFacts:
    listed = listing(results[0], server)
    if listed is None:
        raise Transient(f"{server}: the databases of account '{ask.user}' can't be read there")
    return say.DatabaseFacts({name: _database_of(row) for name, row in listed.items()})


def _database_of(row: dict[str, str]) -> say.Database:
    return say.Database(
        row.get("DBUSER", ""), row.get("TYPE", ""), row.get("CHARSET", "").upper(), row.get("SUSPENDED") == "yes"
    )


def ftp_facts(ask: say.AskFtp, results: Sequence[StepResult], server: str) -> say.FtpFacts:
    site = named_object(results[0], ask.domain, server)
    if site is None:
        return say.FtpFacts(False, {})
    paths = site.get("FTP_PATH", "").split(":")
    logins = zip_longest([name for name in site.get("FTP_USER", "").split(":") if name], paths, fillvalue="")
    return say.FtpFacts(True, {login: inside(path) for login, path in logins if login})


def inside(path: str) -> str:
    """A path from the website's folder, as the node means it: one slash in front, none at the end."""
    return f"/{'/'.join(part for part in path.split('/') if part not in ('', '.'))}"


QUESTIONS: dict[Any, Any] = {say.AskDatabases: _ask_databases, say.AskFtp: _ask_ftp}
CHANGES: dict[Any, Callable[[Any, Layout], Steps]] = {
    say.AddDatabase: _add_database,
    say.SetDatabasePassword: _database_password,
    say.SuspendDatabase: _database("v-suspend-database"),
    say.UnsuspendDatabase: _database("v-unsuspend-database"),
    say.RemoveDatabase: _database("v-delete-database"),
    say.AddFtp: _add_ftp,
    say.SetFtpPassword: _ftp("v-change-web-domain-ftp-password", "password"),
    say.SetFtpPath: _ftp("v-change-web-domain-ftp-path", "path"),
    say.RemoveFtp: _ftp("v-delete-web-domain-ftp"),
}
READERS: dict[Any, Callable[[Any, Sequence[StepResult], str], Any]] = {
    say.AskDatabases: database_facts,
    say.AskFtp: ftp_facts,
}
