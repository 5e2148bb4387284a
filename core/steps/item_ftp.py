"""An FTP account of the customer's website: a login of the machine, shut into the website's folder or below it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import cast

from hostdeck.core.domain.item_specs import FtpSpec
from hostdeck.core.domain.items import ItemKind
from hostdeck.core.drivers import items as tell
from hostdeck.core.drivers.changes import AddWebDomain
from hostdeck.core.drivers.items import AskFtp, FtpFacts
from hostdeck.core.drivers.language import Change
from hostdeck.core.errors import Permanent
from hostdeck.core.steps.base import item_step
from hostdeck.core.steps.item import ItemStep
from hostdeck.core.transport.base import Secret

PLAIN = re.compile(r"[a-z0-9](?:[a-z0-9_-]*[a-z0-9])?")
"""A dot in a login would be any character to HestiaCP (`hestia.md` 1.6)."""

FOLDER = re.compile(r"[A-Za-z0-9._-]+")
"""What HestiaCP's lists of paths and its sed lines leave alone."""

LENGTH = 30
"""The most that HestiaCP takes for a login, the account's name included."""


@item_step(ItemKind.FTP)
class EnsureItemFtp(ItemStep[FtpFacts]):
    adds = (tell.AddFtp, tell.SetFtpPassword)

    @property
    def _at(self) -> tuple[str, str, str]:
        return self.args.user, self.args.domain, f"{self.args.user}_{self.item.name}"

    @property
    def _login(self) -> str:
        return self._at[2]

    @property
    def _path(self) -> str:
        """From the website's folder, `/` for all of it. Permanent where it would lead out of it."""
        path = cast(FtpSpec, self.item.wanted).path
        parts = [part for part in path.split("/") if part not in ("", ".")]
        if any(part == ".." or FOLDER.fullmatch(part) is None for part in parts):
            raise Permanent(
                f"{self._name}: the folder {path} can't be given: it must lie inside the website's folder, and have "
                "letters, digits, '.', '_' and '-' in its names"
            )
        return f"/{'/'.join(parts)}"

    def question(self) -> AskFtp:
        return AskFtp(self.args.user, self.args.domain)

    def stands(self, found: FtpFacts) -> bool:
        return self._login in found.logins

    def make(self, found: FtpFacts) -> tuple[Change, ...]:
        if not found.has_site:
            raise Permanent(
                f"{self.world.server}: account '{self.args.user}' has no website {self.args.domain}; redeploy the "
                "service, then retry this step"
            )
        if PLAIN.fullmatch(self.item.name) is None:
            raise Permanent(f"{self._name}: that can't be a login: use small letters, digits, '_' and '-'")
        if len(self._login) > LENGTH:
            raise Permanent(
                f"{self._name}: its login is {self._login} on the node, with {len(self._login)} letters where {LENGTH} "
                f"is the most; {LENGTH - len(self.args.user) - 1} are left for the part of your own"
            )
        path = self._path
        return (tell.AddFtp(*self._at, self.password(), path),)

    def adjust(self, found: FtpFacts) -> tuple[Change, ...]:
        return () if found.logins[self._login] == self._path else (tell.SetFtpPath(*self._at, self._path),)

    def drop(self, found: FtpFacts) -> tuple[Change, ...]:
        return (tell.RemoveFtp(*self._at),)

    def give_password(self, password: Secret) -> tuple[Change, ...]:
        return (tell.SetFtpPassword(*self._at, password),)

    def blank(self) -> FtpFacts:
        return FtpFacts(True, {})

    def expect(self, found: FtpFacts, changes: Sequence[Change]) -> FtpFacts:
        logins = dict(found.logins)
        for change in changes:
            match change:
                case tell.AddFtp(login=login, path=path) | tell.SetFtpPath(login=login, path=path):
                    logins[login] = path
                case tell.RemoveFtp(login=login):
                    logins.pop(login, None)
        return FtpFacts(found.has_site, logins)

    def rests_on(self, change: Change) -> bool:
        made = isinstance(change, AddWebDomain) and change.domain == self.args.domain
        return made or super().rests_on(change)
