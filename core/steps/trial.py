"""Trying a backup: its node restores it into a sandbox beside the customer's account, which goes again at the end.

What came of it is in the archive's row before the node forgets it: a second attempt after that has nothing left but to
end.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from hostdeck.core.domain.action_args import EndTrialArgs, TrialArgs
from hostdeck.core.domain.action_names import Action
from hostdeck.core.domain.findings import BackupTried, Finding, Told, Unfit
from hostdeck.core.domain.proofs import READ, Parts, troubles, words
from hostdeck.core.domain.trials import space
from hostdeck.core.drivers.language import Change, Owner
from hostdeck.core.drivers.trials import AskTrial, EndTrial, StartTrial, TrialFacts
from hostdeck.core.errors import NotYet, Permanent
from hostdeck.core.steps.base import Step, World, step

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

    def owner(self) -> Owner:
        return Owner(self.args.user, self.args.mark)

    def question(self) -> AskTrial:
        return AskTrial(self.args.trial, self.args.archive)

    def decide(self, found: TrialFacts) -> tuple[Change, ...]:
        args = self.args
        ours = (found.begun, found.since) == (args.archive, args.since)
        if ours and found.found is not None:
            self._take(found.found)
        if self._fault or self._tried is not None:
            return self._clear(found) or self._end()
        if ours and found.running:
            raise NotYet(f"{self.world.server} is restoring {found.begun} for trial")
        if found.begun is not None:
            # Left by another wish, which nobody has any more, or the node went down while it restored.
            return self._clear(found)
        self._refuse_what_can_not_be(found)
        return (StartTrial(args.trial, args.archive, args.since),)

    def _refuse_what_can_not_be(self, found: TrialFacts) -> None:
        args, server = self.args, self.world.server
        if found.gone:
            shows = f"'hostdeck service items {args.domain} backup' shows what there is"
            raise Permanent(f"{args.archive} does not lie on {server} any more; {shows} [BKP_GONE]")
        if found.free < (needed := space(found.size)):
            room = f"{server} has {found.free} MB free in /var/tmp, and {args.archive} may take {needed}"
            read = f"hostdeck service prove {args.domain} {args.archive}"
            raise Permanent(f"{room}; make room there, or have it read without it: {read} [BKP_ROOM]")

    def _clear(self, found: TrialFacts) -> tuple[Change, ...]:
        return _ended(self.args.trial, found)

    def _take(self, found: Parts) -> None:
        """What came of it. Where the node could not take a part, nothing is known of the archive but what is bad."""
        faults = {at: why for at, why in found.faults.items() if at[0] in READ}
        if faults and not found.bad:
            said = "; ".join(f"{part} {name}: {why}" for (part, name), why in faults.items())
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
        """Before the node forgets it."""
        if self._tried is None or self._noted:
            return ()
        self._noted = True
        return (BackupTried(self.args.row, self._tried),)

    def leave(self, found: TrialFacts) -> tuple[Change, ...]:
        return self._clear(found)

    def learn(self, found: TrialFacts) -> tuple[Finding, ...]:
        return (Told(self._tried or {}),)

    def blank(self) -> TrialFacts:
        return TrialFacts()

    def expect(self, found: TrialFacts, changes: Sequence[Change]) -> TrialFacts:
        """What a plan could go on from; nobody plans a trial, and how it ends only the node knows."""
        return self.blank() if any(isinstance(change, EndTrial) for change in changes) else found


@step(Action.WEB_END_TRIAL, Action.MAIL_END_TRIAL)
class EndTrialLeft(Step[EndTrialArgs, TrialFacts]):
    """What goes on of a trial that was stopped ends, and nothing of it stays."""

    def question(self) -> AskTrial:
        return AskTrial(self.args.trial)

    def decide(self, found: TrialFacts) -> tuple[Change, ...]:
        return _ended(self.args.trial, found)

    def blank(self) -> TrialFacts:
        return TrialFacts()

    def expect(self, found: TrialFacts, changes: Sequence[Change]) -> TrialFacts:
        return self.blank() if changes else found


def _ended(trial: str, found: TrialFacts) -> tuple[Change, ...]:
    return (EndTrial(trial),) if found.begun is not None else ()
