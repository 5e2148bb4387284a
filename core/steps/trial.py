"""Trying a backup: it is restored into a scratch account beside the customer's own, which goes again at the end.

The account bears the service's mark, so that whatever stops this half-way, the next attempt, a termination or a hard
redeploy knows it for ours. What came of it is in the archive's row before the account goes: a second attempt after that
has nothing left but to end.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from hostdeck.core.domain.action_args import EndTrialArgs, TrialArgs
from hostdeck.core.domain.action_names import Action
from hostdeck.core.domain.findings import BackupTried, Finding, Told, Unfit
from hostdeck.core.domain.naming import mark_contact
from hostdeck.core.domain.proofs import Parts, troubles, words
from hostdeck.core.domain.trials import scratch_databases, space
from hostdeck.core.drivers.changes import AddUser, UndoUser
from hostdeck.core.drivers.items import AddDatabase, SetDatabasePassword
from hostdeck.core.drivers.language import AskUser, Change, UserFacts
from hostdeck.core.drivers.trials import (
    AskTrial,
    KeepNoBackups,
    RemoveScratch,
    StartTrial,
    TrialDatabase,
    TrialFacts,
)
from hostdeck.core.errors import NotMeant, NotYet, Permanent
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
        self._fault = ""

    def prepare(self) -> None:
        """What this very wish has come to already. A failure is tried anew: whoever retries it has mended something."""
        item = self.world.item(self.args.row)
        tried = item.known.get("tried") if item is not None else None
        if tried and tried.get("since") == self.args.since and tried.get("error") is None:
            self._tried, self._noted = dict(tried), True

    def question(self) -> AskTrial:
        return AskTrial(self.args.user, self.args.archive)

    def decide(self, found: TrialFacts) -> tuple[Change, ...]:
        args, user = self.args, found.user
        if not _is_ours(user, args):
            raise foreign(args.user, self.world.server, _owner(user))
        if found.found is not None and found.begun == args.archive:
            self._take(found.found)
        if self._fault or self._tried is not None:
            return self._clear(found) or self._end()
        if not user.exists:
            self._refuse_what_can_not_be(found)
            password, contact = Secret(self.world.password()), mark_contact(args.service, args.nonce)
            return (AddUser(args.user, password, contact, args.package, args.mark), KeepNoBackups(args.user, args.mark))
        if found.running and found.backed_up:
            return self._kept(found)  # a change of the package has switched it on again
        if found.running:
            raise NotYet(f"{self.world.server} is restoring {found.begun} into its scratch account '{args.user}'")
        if not user.complete_but_jail or found.begun is not None or found.gone:
            # Half-made, left by another trial, or the node went down while it restored: from the beginning.
            return self._clear(found)
        return (*self._kept(found), *self._begin(found))

    def _kept(self, found: TrialFacts) -> tuple[Change, ...]:
        return (KeepNoBackups(self.args.user, self.args.mark),) if found.backed_up else ()

    def _begin(self, found: TrialFacts) -> tuple[Change, ...]:
        """All at once: the databases' passwords are known to this attempt alone."""
        args, changes, ready = self.args, [], []
        for name, database in scratch_databases(args.user, found.dumps).items():
            engine, password = found.dumps[name], Secret(self.world.password())
            add = AddDatabase(args.user, database, database, password, engine, CHARSET[engine])
            there = SetDatabasePassword(args.user, database, password)
            changes.append(there if database in found.databases else add)
            ready.append(TrialDatabase(name, database, password))
        return (*changes, StartTrial(args.user, args.mark, args.archive, tuple(ready)))

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
        return _removal(found.user, self.args)

    def _take(self, found: Parts) -> None:
        """What came of it. Where the node could not take a part, nothing is known of the archive but what is bad."""
        if found.faults and not found.bad:
            said = "; ".join(f"{part} {name}: {why}" for (part, name), why in found.faults.items())
            self._fault = f"{self.args.archive} could not be tried on {self.world.server}: {said}"
        elif self._tried is None:
            self._tried = self._what_came_of(found)

    def _what_came_of(self, found: Parts) -> dict[str, Any]:
        contents = {part: tuple(names) for part, names in self.args.contents.items()}
        wrong = "; ".join(troubles(contents, found, LOST)) or None
        at = datetime.now(UTC).isoformat(timespec="seconds")
        return {"at": at, "words": "" if wrong else words(found), "error": wrong, "since": self.args.since}

    def _end(self) -> tuple[Change, ...]:
        if self._fault:
            raise Permanent(f"{self._fault}. The archive may be whole: mend the node, then retry [BKP_TRIAL]")
        tried = self._tried or {}
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
        gone = any(isinstance(change, RemoveScratch | UndoUser) for change in changes)
        return self.blank() if gone else found


@step(Action.WEB_END_TRIAL, Action.MAIL_END_TRIAL)
class EndTrial(Step[EndTrialArgs, UserFacts]):
    """The scratch account of a trial that was stopped goes, and what goes on in it ends."""

    def question(self) -> AskUser:
        return AskUser(self.args.user)

    def decide(self, found: UserFacts) -> tuple[Change, ...]:
        if not _is_ours(found, self.args):
            raise NotMeant(f"account '{self.args.user}' on {self.world.server} is somebody else's: {_owner(found)}")
        return _removal(found, self.args)

    def blank(self) -> UserFacts:
        return NO_USER

    def expect(self, found: UserFacts, changes: Sequence[Change]) -> UserFacts:
        return NO_USER if changes else found


def _is_ours(user: UserFacts, args: EndTrialArgs | TrialArgs) -> bool:
    return not user.exists or args.mark == _owner(user) or user.gecos == mark_contact(args.service, args.nonce)


def _owner(user: UserFacts) -> str:
    return (user.listing.name if user.listing else "") or user.gecos or ""


def _removal(user: UserFacts, args: EndTrialArgs | TrialArgs) -> tuple[Change, ...]:
    """What makes the scratch account go, if it is there."""
    if not user.exists:
        return ()
    if user.listing is not None and user.listing.name == args.mark:
        return (RemoveScratch(args.user, args.mark),)
    return (UndoUser(args.user, mark_contact(args.service, args.nonce), user.has_data),)
