"""A database of the customer's website, and the one user it has."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import cast

from hostdeck.core.domain.item_specs import DatabaseSpec
from hostdeck.core.domain.items import ItemKind
from hostdeck.core.drivers import items as tell
from hostdeck.core.drivers.items import AskDatabases, Database, DatabaseFacts
from hostdeck.core.drivers.language import Change
from hostdeck.core.errors import Permanent
from hostdeck.core.steps.base import item_step
from hostdeck.core.steps.item import ItemStep
from hostdeck.core.transport.base import Secret

PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
"""A dot in a name would be any character to HestiaCP (`hestia.md` 1.6)."""

NAME_LENGTH, USER_LENGTH = 63, 32
"""The most that HestiaCP takes, the account's name included (`hestia.md` 16)."""


@item_step(ItemKind.DATABASE)
class EnsureItemDatabase(ItemStep[DatabaseFacts]):
    adds = (tell.AddDatabase, tell.SetDatabasePassword)

    @property
    def wanted(self) -> DatabaseSpec:
        return cast(DatabaseSpec, self.item.wanted)

    def _whole(self, part: str) -> str:
        """A name as the node has it; PostgreSQL's are in small letters."""
        name = f"{self.args.user}_{part}"
        return name.lower() if self.wanted.engine == "pgsql" else name

    @property
    def _database(self) -> str:
        return self._whole(self.item.name)

    @property
    def _as_wanted(self) -> Database:
        """PostgreSQL knows no utf8mb4: all its UTF8 is that."""
        charset = self.wanted.charset.upper()
        if self.wanted.engine == "pgsql" and charset == "UTF8MB4":
            charset = "UTF8"
        return Database(self._whole(self.wanted.user), self.wanted.engine, charset, self.wanted.suspended)

    def question(self) -> AskDatabases:
        return AskDatabases(self.args.user)

    def stands(self, found: DatabaseFacts) -> bool:
        return self._database in found.databases

    def make(self, found: DatabaseFacts) -> tuple[Change, ...]:
        wanted = self._as_wanted
        self._must_fit(wanted)
        for name, other in found.databases.items():
            if other.dbuser == wanted.dbuser:
                raise Permanent(
                    f"{self._name}: its user {wanted.dbuser} is that of database {name} on {self.world.server}, and "
                    "a user has one database there; choose another user [DB_USER_TAKEN]"
                )
        password = self.password()
        return (
            tell.AddDatabase(
                self.args.user, self._database, wanted.dbuser, password, wanted.engine, wanted.charset
            ),
        )  # fmt: skip

    def _must_fit(self, wanted: Database) -> None:
        for part in (self.item.name, self.wanted.user):
            if PLAIN.fullmatch(part) is None:
                raise Permanent(f"{self._name}: '{part}' can't be a name there: use letters, digits, '_' and '-'")
        if wanted.engine == "pgsql" and "-" in f"{self._database}{wanted.dbuser}":
            raise Permanent(
                f"{self._name}: HestiaCP takes no '-' in a PostgreSQL name, and {self._database} has one; use mysql"
            )
        for what, name, most in (("name", self._database, NAME_LENGTH), ("user", wanted.dbuser, USER_LENGTH)):
            if len(name) > most:
                raise Permanent(
                    f"{self._name}: its {what} is {name} on the node, with {len(name)} letters where {most} is the "
                    f"most; {most - len(self.args.user) - 1} are left for the part of your own"
                )

    def adjust(self, found: DatabaseFacts) -> tuple[Change, ...]:
        there, wanted = found.databases[self._database], self._as_wanted
        pairs = (
            ("user", there.dbuser, wanted.dbuser),
            ("engine", there.engine, wanted.engine),
            ("charset", there.charset, wanted.charset),
        )
        for what, has, wants in pairs:
            if has != wants:
                raise Permanent(
                    f"{self._name} on {self.world.server} has the {what} {has}, not {wants}, and that can't be changed "
                    f"where it stands. Want {has}, or save what is in it and remove it first [DB_FIXED]"
                )
        return ()

    def drop(self, found: DatabaseFacts) -> tuple[Change, ...]:
        return (tell.RemoveDatabase(self.args.user, self._database),)

    def give_password(self, password: Secret) -> tuple[Change, ...]:
        return (tell.SetDatabasePassword(self.args.user, self._database, password),)

    def is_suspended(self, found: DatabaseFacts) -> bool:
        return self.stands(found) and found.databases[self._database].suspended

    def suspend(self, found: DatabaseFacts, *, on: bool) -> tuple[Change, ...]:
        return ((tell.SuspendDatabase if on else tell.UnsuspendDatabase)(self.args.user, self._database),)

    def blank(self) -> DatabaseFacts:
        return DatabaseFacts({})

    def expect(self, found: DatabaseFacts, changes: Sequence[Change]) -> DatabaseFacts:
        there = dict(found.databases)
        for change in changes:
            match change:
                case tell.AddDatabase(database=name, dbuser=user, engine=engine, charset=charset):
                    there[name] = Database(user, engine, charset)
                case tell.RemoveDatabase(database=name):
                    there.pop(name, None)
                case tell.SuspendDatabase(database=name) | tell.UnsuspendDatabase(database=name) if name in there:
                    there[name] = replace(there[name], suspended=isinstance(change, tell.SuspendDatabase))
        return DatabaseFacts(there)
