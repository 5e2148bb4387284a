"""A new password for the one mailbox of a sold name, on the provider's mail domain."""

from __future__ import annotations

from collections.abc import Sequence

from hostdeck.core.domain.action_args import SoldPasswordArgs
from hostdeck.core.domain.action_names import Action
from hostdeck.core.domain.findings import Finding, ItemAsWanted
from hostdeck.core.domain.vocabulary import Role
from hostdeck.core.drivers.language import Change
from hostdeck.core.drivers.provider import AskMailbox, ChangeMailboxPassword, MailboxFacts
from hostdeck.core.errors import NotMeant, Permanent, StepError
from hostdeck.core.steps.base import Step, step


@step(Action.MAIL_SET_PASSWORD)
class EnsurePassword(Step[SoldPasswordArgs, MailboxFacts]):
    """What is sealed in the row is sent once; the ledger says whether the mailbox is ours at all."""

    def prepare(self) -> None:
        item = self.world.item(self.args.row)
        if item is None:
            raise NotMeant("its row has gone: its service was terminated")
        self._item, self._due = item, item.password is not None
        self._ours = self.world.ledger(Role.MAIL)

    def question(self) -> AskMailbox:
        return AskMailbox(self.args.user, self.args.parent, self.args.account)

    def decide(self, found: MailboxFacts) -> tuple[Change, ...]:
        args = self.args
        box = f"{args.account}@{args.parent}"
        if found.mailbox is None or not self._ours:
            raise Permanent(f"{self.world.server} has no mailbox {box} of ours; bring it back by a redeployment")
        if found.mailbox.suspended and self._due:
            raise Permanent(f"{self.world.server}: {box} is suspended, and takes no password; open its service first")
        password = self._item.password
        if not self._due or password is None:
            return ()
        return (ChangeMailboxPassword(args.user, args.parent, args.account, password),)

    def after(self, changes: tuple[Change, ...], trouble: StepError | None, found: MailboxFacts) -> tuple[Finding, ...]:
        self._due = trouble is not None
        return ()

    def learn(self, found: MailboxFacts) -> tuple[Finding, ...]:
        return (ItemAsWanted(self.args.row, {}, self._item.sealed),)

    def blank(self) -> MailboxFacts:
        return MailboxFacts(False, "unlimited", 0, None, None)

    def expect(self, found: MailboxFacts, changes: Sequence[Change]) -> MailboxFacts:
        self._due = self._due and not changes
        return found
