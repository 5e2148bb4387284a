"""One backup of an account: taken by the node's own queue, believed when it is listed, and deleted by its name."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from hostdeck.core.domain.action_args import ItemArgs
from hostdeck.core.domain.archives import Archive
from hostdeck.core.domain.findings import BackupsListed, Finding, ItemAsWanted
from hostdeck.core.domain.item_specs import BackupSpec
from hostdeck.core.domain.items import ItemKind
from hostdeck.core.drivers.changes import RemoveBackup, ScheduleBackup
from hostdeck.core.drivers.language import AskBackups, BackupFacts, Change, Owner
from hostdeck.core.errors import NotMeant
from hostdeck.core.steps.backup import archive_since, refuse_account, refuse_what_can_not_be, still_queued
from hostdeck.core.steps.base import World, item_step
from hostdeck.core.steps.item import ItemStep


@item_step(ItemKind.BACKUP)
class EnsureBackupItem(ItemStep[BackupFacts]):
    """An archive of our account is ours whoever asked for it: its name begins with the account's. Success with an empty
    list is no backup, so what is listed is the only proof (`hestia.md` 9)."""

    adds = (ScheduleBackup,)

    def __init__(self, args: ItemArgs, world: World) -> None:
        super().__init__(args, world)
        self._asked = 0.0

    while_closed = True

    def prepare(self) -> None:
        super().prepare()
        assert isinstance(self.item.wanted, BackupSpec)
        self._wanted = self.item.wanted
        self._known: str | None = self.item.known.get("archive")

    def question(self) -> AskBackups:
        # Before the node looks, as the backup before a termination does.
        self._asked = time.time()
        return AskBackups(self.args.user)

    def owner(self) -> Owner | None:
        """The question tells whose it is; where nobody is left there is nothing to back up, or to delete."""
        return None

    def _archive(self, found: BackupFacts) -> str | None:
        """The row's own; of one that was never seen to be taken, the young one that there is. Only the former is ever
        deleted: the node takes backups by itself too."""
        if self._known is not None:
            return self._known if self._known in found.ages else None
        return archive_since(found, self._asked - self._wanted.since)

    def decide(self, found: BackupFacts) -> tuple[Change, ...]:
        refuse_account(found, self.args.user, self.args.mark, self.world.server)
        self._ours = True
        if self._archive(found) is None and self._known is None and found.queued:
            raise still_queued(self.args.user, self.world.server)
        return super().decide(found)

    def stands(self, found: BackupFacts) -> bool:
        if self.item.removing and self._known is None:
            return False
        return self._archive(found) is not None

    def make(self, found: BackupFacts) -> tuple[Change, ...]:
        if self._known is not None:
            raise NotMeant(f"{self._known} is not on {self.world.server} any more: newer ones have taken its place")
        refuse_what_can_not_be(found, self.args.user, self.world.server, "or remove this backup")
        return (ScheduleBackup(self.args.user, self.args.mark),)

    def adjust(self, found: BackupFacts) -> tuple[Change, ...]:
        return ()

    def drop(self, found: BackupFacts) -> tuple[Change, ...]:
        return (RemoveBackup(self.args.user, self.args.mark, self._known),) if self._known else ()

    def known(self, found: BackupFacts) -> dict[str, Any]:
        archive = self._archive(found)
        return found.contents[archive].known(datetime.now(UTC)) if archive else {}

    def learn(self, found: BackupFacts) -> tuple[Finding, ...]:
        listed = BackupsListed(self._wanted.role, tuple(found.contents.values()))
        if self.item.removing:
            return (*super().learn(found), listed)
        named = ItemAsWanted(self.args.item, self.known(found), name=self._archive(found))
        return (named, listed)

    def blank(self) -> BackupFacts:
        return BackupFacts(None, False, False, False, {})

    def expect(self, found: BackupFacts, changes: Sequence[Change]) -> BackupFacts:
        """The node's own queue takes it, sooner or later."""
        ages, contents = dict(found.ages), dict(found.contents)
        for change in changes:
            if isinstance(change, RemoveBackup):
                ages.pop(change.archive, None)
                contents.pop(change.archive, None)
            elif isinstance(change, ScheduleBackup):
                ages["the one asked for"] = 0
                contents["the one asked for"] = Archive("the one asked for", 0, 0, {})
        return replace(found, ages=ages, contents=contents)
