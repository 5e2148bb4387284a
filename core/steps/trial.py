"""Trying a backup: it is restored into a scratch account beside the customer's own, which goes again at the end.

The account bears the service's mark, so that whatever stops this half-way, the next attempt, a termination or a hard
redeploy knows it for ours. What came of it is in the archive's row before the account goes: a second attempt after that
has nothing left but to end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from hostdeck.core.domain.action_args import TrialArgs
from hostdeck.core.domain.action_names import Action
from hostdeck.core.domain.findings import BackupTried, Finding, Told, Unfit
from hostdeck.core.domain.naming import mark_contact
from hostdeck.core.domain.proofs import Parts, troubles, words
from hostdeck.core.domain.trials import scratch_databases, space
from hostdeck.core.drivers.changes import AddUser, RemoveUser, UndoUser
from hostdeck.core.drivers.items import AddDatabase
from hostdeck.core.drivers.language import Change
from hostdeck.core.drivers.trials import AskTrial, StartTrial, TrialFacts
from hostdeck.core.errors import NotYet, Permanent
from hostdeck.core.steps.account import NO_USER
from hostdeck.core.steps.base import Step, World, step
from hostdeck.core.steps.life import foreign
from hostdeck.core.transport.base import Secret

CHARSET = {"mysql": "UTF8MB4", "pgsql": "UTF8"}
"""Of a new database; what is loaded into it brings its own."""

LOST = "did not come back whole"


@step(Action.WEB_TRY_BACKUP, Action.MAIL_TRY_BACKUP)
class TryBackup(Step[TrialArgs, TrialFacts]):
    def __init__(self, args: TrialArgs, world: World) -> None:
        super().__init__(args, world)
        self._tried: dict[str, Any] | None = None
        self._noted = False

    def prepare(self) -> None:
        """What this very wish has come to already. A failure is tried anew: whoever retries it has mended something."""
        item = self.world.item(self.args.row)
        tried = item.known.get("tried") if item is not None else None
        if tried and tried.get("since") == self.args.since and tried.get("error") is None:
            self._tried, self._noted = dict(tried), True

    def question(self) -> AskTrial:
        return AskTrial(self.args.user, self.args.archive)

    @property
    def _contact(self) -> str:
        return mark_contact(self.args.service, self.args.nonce)

    def decide(self, found: TrialFacts) -> tuple[Change, ...]:
        args, user = self.args, found.user
        self._refuse_foreign(found)
        if self._tried is None and found.found is not None and found.begun == args.archive:
            self._tried = self._what_came_of(found.found)
        if self._tried is not None:
            return self._clear(found) or self._end(self._tried)
        if not user.exists:
            self._refuse_what_can_not_be(found)
            password = Secret(self.world.password())
            return (AddUser(args.user, password, self._contact, args.package, args.mark),)
        if found.running:
            raise NotYet(f"{self.world.server} is restoring {found.begun} into its scratch account '{args.user}'")
        if not user.complete_but_jail or found.begun is not None:
            # Half-made, left by another trial, or the node went down while it restored: from the beginning.
            return self._clear(found)
        databases = scratch_databases(args.user, found.dumps)
        missing = tuple(
            self._database(new, found.dumps[name]) for name, new in databases.items() if new not in found.databases
        )
        return missing or (StartTrial(args.user, args.mark, args.archive, databases),)

    def _database(self, name: str, engine: str) -> AddDatabase:
        return AddDatabase(self.args.user, name, name, Secret(self.world.password()), engine, CHARSET[engine])

    def _refuse_foreign(self, found: TrialFacts) -> None:
        user = found.user
        named = user.listing.name if user.listing else ""
        if user.exists and named != self.args.mark and user.gecos != self._contact:
            raise foreign(self.args.user, self.world.server, named or user.gecos or "")

    def _refuse_what_can_not_be(self, found: TrialFacts) -> None:
        args, server = self.args, self.world.server
        if found.gone:
            shows = f"'hostdeck service items {args.domain} backup' shows what there is"
            raise Permanent(f"{args.archive} does not lie on {server} any more; {shows} [BKP_GONE]")
        if found.free < (needed := space(found.size)):
            room = f"{server} has {found.free} MB free where accounts live, and {args.archive} may take {needed}"
            read = f"hostdeck service prove {args.domain} {args.archive}"
            raise Permanent(f"{room}; make room there, or have it read without it: {read} [BKP_ROOM]")

    def _clear(self, found: TrialFacts) -> tuple[Change, ...]:
        """The account goes, if it is there."""
        if not found.user.exists:
            return ()
        if found.user.listing is not None and found.user.listing.name == self.args.mark:
            return (RemoveUser(self.args.user, self.args.mark),)
        return (UndoUser(self.args.user, self._contact, found.user.has_data),)

    def _what_came_of(self, found: Parts) -> dict[str, Any]:
        contents = {part: tuple(names) for part, names in self.args.contents.items()}
        wrong = "; ".join(troubles(contents, found, LOST)) or None
        at = datetime.now(UTC).isoformat(timespec="seconds")
        return {"at": at, "words": "" if wrong else words(found), "error": wrong, "since": self.args.since}

    def _end(self, tried: dict[str, Any]) -> tuple[Change, ...]:
        if tried["error"]:
            text = f"{self.args.archive} could not be restored on {self.world.server}: {tried['error']}"
            fresh = f"take another: hostdeck service add backup {self.args.domain}"
            raise Unfit(f"{text}; {fresh} [BKP_BROKEN]", (BackupTried(self.args.row, tried),))
        return ()

    def before(self, changes: tuple[Change, ...]) -> tuple[Finding, ...]:
        """Before the account goes, and what it showed with it."""
        if self._tried is None or self._noted:
            return ()
        self._noted = True
        return (BackupTried(self.args.row, self._tried),)

    def leave(self, found: TrialFacts) -> tuple[Change, ...]:
        """A database that the node does not make: the account must not stay for it."""
        return self._clear(found)

    def learn(self, found: TrialFacts) -> tuple[Finding, ...]:
        return (Told(self._tried or {}),)

    def blank(self) -> TrialFacts:
        return TrialFacts(NO_USER)

    def expect(self, found: TrialFacts, changes: Sequence[Change]) -> TrialFacts:
        """What a plan could go on from; nobody plans a trial, and how it ends only the node knows."""
        return self.blank() if any(isinstance(change, RemoveUser | UndoUser) for change in changes) else replace(found)
