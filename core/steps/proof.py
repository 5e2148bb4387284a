"""Proving that a backup could be put back: its archive is read through on its node, and nothing is changed there."""

from __future__ import annotations

from datetime import UTC, datetime

from hostdeck.core.domain.action_args import ProofArgs
from hostdeck.core.domain.action_names import Action
from hostdeck.core.domain.findings import BackupProven, Finding, Told, Unfit
from hostdeck.core.domain.proofs import troubles, words
from hostdeck.core.drivers.base import NodeDriver
from hostdeck.core.drivers.language import Owner
from hostdeck.core.drivers.proofs import AskArchive
from hostdeck.core.steps.base import Reading, step


@step(Action.WEB_PROVE_BACKUP, Action.MAIL_PROVE_BACKUP)
class ProveBackup(Reading[ProofArgs]):
    """What is wrong with it is kept in its row too: a backup that is none should be known before it is needed."""

    async def read(self, node: NodeDriver) -> tuple[Finding, ...]:
        args = self.args
        found = await node.ask(AskArchive(args.archive), Owner(args.user, args.mark))
        at = datetime.now(UTC).isoformat(timespec="seconds")
        contents = {part: tuple(names) for part, names in args.contents.items()}
        if wrong := troubles(contents, found):
            said = "; ".join(wrong)
            failed = BackupProven(args.row, {"at": at, "words": "", "error": said, "sha256": found.digest})
            text = f"{args.archive} on {self.world.server} can't be put back as it is listed: {said}"
            raise Unfit(f"{text}; take another: hostdeck service add backup {args.domain} [BKP_BROKEN]", (failed,))
        proven = {"at": at, "words": words(found), "error": None, "sha256": found.digest}
        return (BackupProven(args.row, proven), Told(proven))
