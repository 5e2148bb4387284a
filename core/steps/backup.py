"""A backup of an account before it is removed, taken by the node's own queue."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

from hostdeck.core.domain.action_args import BackupArgs
from hostdeck.core.domain.action_names import Action
from hostdeck.core.domain.findings import BackupsListed
from hostdeck.core.domain.vocabulary import Role
from hostdeck.core.drivers.base import NodeDriver
from hostdeck.core.drivers.changes import ScheduleBackup
from hostdeck.core.drivers.language import AskBackups, BackupFacts, Change
from hostdeck.core.errors import NotMeant, NotYet, Permanent
from hostdeck.core.steps.base import Step, World, step
from hostdeck.core.steps.life import foreign

ROUNDING = 1
"""Seconds that an age may be too many: it is the difference of two readings of whole seconds."""


@step(Action.WEB_TAKE_BACKUP, Action.MAIL_TAKE_BACKUP)
class EnsureBackup(Step[BackupArgs, BackupFacts]):
    """Done when an archive is no older than the wish. Each age is read from one clock, the archive's from the
    node's and the wish's from ours, so that the two clocks never have to agree."""

    def __init__(self, args: BackupArgs, world: World) -> None:
        super().__init__(args, world)
        self._asked = 0.0

    def question(self) -> AskBackups:
        # Before the node looks: however long it takes to answer, no archive of before the wish seems young enough.
        self._asked = time.time()
        return AskBackups(self.args.user)

    def decide(self, found: BackupFacts) -> tuple[Change, ...]:
        refuse_account(found, self.args.user, self.args.mark, self.world.server)
        if found.queued:
            raise still_queued(self.args.user, self.world.server)
        if archive_since(found, self._asked - self.args.since) is not None:
            return ()
        refuse_what_can_not_be(found, self.args.user, self.world.server, "sell with final_backup=no to go without")
        return (ScheduleBackup(self.args.user, self.args.mark),)

    def blank(self) -> BackupFacts:
        return BackupFacts(None, False, False, False, {})

    def expect(self, found: BackupFacts, changes: Sequence[Change]) -> BackupFacts:
        """The node's own queue takes it, sooner or later."""
        return replace(found, ages=dict(found.ages) | {"the one asked for": 0}) if changes else found


def archive_since(found: BackupFacts, wished: float) -> str | None:
    """The youngest archive that is no older than a wish of so many seconds ago."""
    young = [(age, name) for name, age in found.ages.items() if age - ROUNDING < wished]
    return min(young)[1] if young else None


def still_queued(user: str, server: str) -> NotYet:
    return NotYet(f"the backup of '{user}' is queued on {server}; its cron takes backups every five minutes")


def refuse_account(found: BackupFacts, user: str, mark: str, server: str) -> None:
    """Raises where there is nobody to back up, or somebody else."""
    if found.user is None or not (found.user.name or found.user.package):
        raise NotMeant(f"{server} has no account '{user}', or it was never finished: there is nothing to back up")
    if found.user.name != mark:
        raise foreign(user, server, found.user.name)


def refuse_what_can_not_be(found: BackupFacts, user: str, server: str, instead: str) -> None:
    """The node would queue these and then never take them, or refuse them (`hestia.md` 9). `instead` is what else one
    may do."""
    if not found.allowed:
        raise Permanent(
            f"no backup of '{user}' may be taken on {server}: its package allows none, or the node has no backup "
            f"system. Allow one there, then retry this step; {instead} [BKP_OFF]"
        )
    if found.user is not None and found.user.suspended and not found.suspended_too:
        raise Permanent(
            f"'{user}' on {server} is suspended, and the node takes no backup of suspended accounts. There, either "
            f"'v-change-sys-config-value POLICY_BACKUP_SUSPENDED_USERS yes' or 'v-unsuspend-user {user}', then "
            f"retry this step; {instead} [BKP_SUSPENDED]"
        )


async def read_backups(node: NodeDriver, user: str, mark: str, role: Role, server: str) -> BackupsListed:
    """Every archive that the node has of an account of ours, whoever had it taken; for whoever reads an account whole.
    Raises NotMeant or Permanent where the account is nobody's or another's."""
    found = await node.ask(AskBackups(user))
    refuse_account(found, user, mark, server)
    return BackupsListed(role, tuple(found.contents.values()))
