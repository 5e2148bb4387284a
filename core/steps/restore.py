"""An archive put back over a living account by the node's own queue.

The node says nowhere that a restore is done but in its logs, so those are the proof: a line of success that is younger
than the wish. A restore that is queued, runs or has ended is never asked for a second time.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

from hostdeck.core.domain.action_args import RestoreArgs
from hostdeck.core.domain.action_names import Action
from hostdeck.core.domain.backups import missing_parts
from hostdeck.core.domain.findings import Finding, Told
from hostdeck.core.drivers.changes import ScheduleRestore
from hostdeck.core.drivers.language import AskRestore, BackupFacts, Change, RestoreFacts
from hostdeck.core.errors import NotYet, Permanent
from hostdeck.core.steps.backup import ROUNDING, refuse_account
from hostdeck.core.steps.base import Step, World, step

LOADED = 14
"""Hestia waits a quarter of an hour for the load to fall, and then gives up (`hestia.md` 9)."""

BETWEEN = 600
"""Seconds for which a restore may be in no queue and in no log: it has just been taken from the one and not yet written
to the other. After that its process was killed, and only a second one brings the account into order."""

LONG = 1800
"""Seconds in the queue after which something is wrong with the node's cron, which comes every five minutes."""

WHY = {
    3: "the archive is not where the node looks for it",
    4: "something in it stands on the node already",
    5: "the account is suspended",
    12: "a part of the archive can't be unpacked, or one of its domains belongs to another user by now",
    13: "the node's disk is full",
    15: "a service did not come up again",
}


@step(Action.WEB_RESTORE_BACKUP, Action.MAIL_RESTORE_BACKUP)
class EnsureRestored(Step[RestoreArgs, RestoreFacts]):
    """Each age is read from one clock, as a backup's is: the two clocks never have to agree."""

    def __init__(self, args: RestoreArgs, world: World) -> None:
        super().__init__(args, world)
        self._looked = 0.0

    def question(self) -> AskRestore:
        self._looked = time.time()
        return AskRestore(self.args.user, self.args.archive)

    def _since(self, age: int | None) -> bool:
        """Whether something of that age came after the wish."""
        return age is not None and age - ROUNDING < self._looked - self.args.since

    def decide(self, found: RestoreFacts) -> tuple[Change, ...]:
        args, server = self.args, self.world.server
        refuse_account(found.backups, args.user, args.mark, server)
        asked = found.asked if self._since(found.asked) else None
        if self._since(found.done) and not found.running and _newest(found.done, found.failed):
            return ()
        if found.running:
            raise NotYet(f"{server} is restoring '{args.user}' from {args.archive}")
        # The node leaves the line of some failures in its queue, and fails again every five minutes.
        failed = self._since(found.failed) and (asked is None or _newest(found.failed, asked))
        if failed and found.code != LOADED:
            raise Permanent(self._failure(found))
        if found.queued:
            raise NotYet(self._waiting(asked))
        if found.busy:
            raise NotYet(f"another restore of '{args.user}' is queued on {server}; it takes one at a time")
        if asked is not None and asked < BETWEEN and not failed:
            raise NotYet(f"{server} has taken the restore of '{args.user}' from its queue and has not ended it yet")
        self._refuse_what_can_not_be(found.backups)
        return (ScheduleRestore(args.user, args.mark, args.archive, args.parts),)

    def _waiting(self, asked: int | None) -> str:
        text = f"the restore of '{self.args.user}' is queued on {self.world.server}; its cron takes it"
        if asked is not None and asked > LONG:
            minutes = asked // 60
            return f"{text} every five minutes, but has not for {minutes}: does 'v-update-sys-queue backup' run there?"
        return f"{text} every five minutes, once the load lets it"

    def _failure(self, found: RestoreFacts) -> str:
        why = WHY.get(found.code, "its log on the node says why")
        stays = " It is still in the node's queue and tried again every five minutes." if found.queued else ""
        return (
            f"{self.world.server} did not restore '{self.args.user}' from {self.args.archive}: {why} (exit "
            f"{found.code}; /usr/local/hestia/log/restore.log).{stays} Mend that, then wish it anew: hostdeck service "
            f"restore {self.args.domain} {self.args.archive} --yes [BKP_RESTORE]"
        )

    def _refuse_what_can_not_be(self, found: BackupFacts) -> None:
        args, server = self.args, self.world.server
        if not args.archive.startswith(f"{args.user}."):
            # The node would first drop the databases of the account that it is named after (`domain/proofs.py`).
            raise Permanent(
                f"{args.archive} on {server} is not named after '{args.user}': restore it by hand, on a node "
                "without the account that it was taken of [BKP_FOREIGN]"
            )
        archive = found.contents.get(args.archive)
        if archive is None:
            raise Permanent(
                f"{server} has no backup {args.archive} any more; 'hostdeck service items {args.domain} backup' shows "
                "what there is [BKP_GONE]"
            )
        if missing := missing_parts(args.parts, archive.parts):
            raise Permanent(f"{args.archive} on {server} holds no {missing[0]}; nothing was restored [BKP_PART]")
        if found.user is not None and found.user.suspended:
            text = "is suspended, and a node restores nothing of a suspended account; open it first [BKP_SUSPENDED]"
            raise Permanent(f"'{args.user}' on {server} {text}")

    def learn(self, found: RestoreFacts) -> tuple[Finding, ...]:
        return (Told({"archive": self.args.archive, "parts": dict(self.args.parts)}),)

    def blank(self) -> RestoreFacts:
        return RestoreFacts(BackupFacts(None, False, False, False, {}))

    def expect(self, found: RestoreFacts, changes: Sequence[Change]) -> RestoreFacts:
        """The node's own queue takes it, sooner or later."""
        return replace(found, done=0, failed=None) if changes else found


def _newest(one: int | None, other: int | None) -> bool:
    """Whether of two ages the first is of what came last, or there is no second."""
    return one is not None and (other is None or one <= other)
