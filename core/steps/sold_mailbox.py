"""The one mailbox of a sold name on the provider's mail domain. What else is the provider's is looked at and left as it
is; what is missing there is never made, it is told (`hestia.md` 13.3).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hostdeck.core.domain.action_args import MailboxArgs
from hostdeck.core.domain.action_names import Action
from hostdeck.core.domain.findings import Finding, SlotGone, SlotOurs
from hostdeck.core.domain.text import clean_line
from hostdeck.core.domain.vocabulary import Role
from hostdeck.core.drivers.language import Change
from hostdeck.core.drivers.provider import (
    AddMailbox,
    AskMailbox,
    ChangeMailboxQuota,
    Mailbox,
    MailboxFacts,
    RemoveMailbox,
    SuspendMailbox,
    UnsuspendMailbox,
)
from hostdeck.core.errors import NotMeant, Permanent, StepError, Taken
from hostdeck.core.steps.base import Step, step
from hostdeck.core.transport.base import Secret


class _OneMailbox(Step[MailboxArgs, MailboxFacts]):
    """What all steps about the mailbox share: our ledger says whether it is ours, nothing on the node does."""

    def prepare(self) -> None:
        self._ours = self.world.ledger(Role.MAIL)

    def question(self) -> AskMailbox:
        return AskMailbox(self.args.user, self.args.parent, self.args.account)

    @property
    def _address(self) -> str:
        return f"{self.args.account}@{self.args.parent}"

    def _must_be_usable(self, found: MailboxFacts) -> None:
        args, server = self.args, self.world.server
        if found.domain is None:
            raise Permanent(
                f"{server}: account '{args.user}' has no mail domain {args.parent}. It is the provider's and is never "
                f"made here: make it on that node, or correct it: hostdeck group vanity [VAN_PARENT_MISSING]"
            )
        if found.domain:
            raise Permanent(f"{server}: mail domain {args.parent} is suspended; open it there, then retry this step")

    def _foreign(self, what: str) -> Permanent:
        return Permanent(
            f"{self._address} on {self.world.server} {what}, which hostdeck has not made for this service. It was left "
            "alone. Sell another name, or have it removed by whoever knows it; then retry this step [OWN_FOREIGN]"
        )

    def blank(self) -> MailboxFacts:
        """What an order begins with: the provider's domain, with room, and nothing of that name."""
        return MailboxFacts(False, "unlimited", 0, None, None)

    def expect(self, found: MailboxFacts, changes: Sequence[Change]) -> MailboxFacts:
        for change in changes:
            match change:
                case AddMailbox(quota=quota):
                    found = replace(found, mailbox=Mailbox(quota, False), count=found.count + 1)
                case ChangeMailboxQuota(quota=quota) if found.mailbox:
                    found = replace(found, mailbox=replace(found.mailbox, quota=quota))
                case SuspendMailbox() | UnsuspendMailbox() if found.mailbox:
                    suspended = isinstance(change, SuspendMailbox)
                    found = replace(found, mailbox=replace(found.mailbox, suspended=suspended))
                case RemoveMailbox():
                    found = replace(found, mailbox=None, count=found.count - 1)
        return found

    def rests_on(self, change: Change) -> bool:
        return isinstance(change, RemoveMailbox) and change.account == self.args.account


@step(Action.MAIL_CHECK_MAILBOX)
class CheckMailbox(_OneMailbox):
    """Nothing is made here, and nothing is made elsewhere before this has passed."""

    def decide(self, found: MailboxFacts) -> tuple[Change, ...]:
        self._must_be_usable(found)
        if found.alias_of is not None:
            raise self._foreign(f"is an alias of mailbox '{clean_line(found.alias_of, 64)}'")
        if found.mailbox is not None and not self._ours:
            raise self._foreign("is a mailbox")
        if self.args.fits and found.mailbox is not None and self._is_over(found.mailbox):
            raise Permanent(
                f"{self.world.server}: {self._address} holds {found.mailbox.used} MB, the plan allows {self.args.quota}"
                ". Nothing was changed; lower the use or choose a larger plan [PLAN_SMALLER]"
            )
        if found.mailbox is None and not found.has_room:
            raise Permanent(
                f"{self.world.server}: {self.args.parent} holds {found.count} mailboxes and the package of account "
                f"'{self.args.user}' allows {found.most or 'none'}; raise MAIL_ACCOUNTS there, then retry this step"
            )
        return ()

    def _is_over(self, mailbox: Mailbox) -> bool:
        return self.args.quota.isdigit() and mailbox.used > int(self.args.quota)


@step(Action.MAIL_ADD_MAILBOX)
class EnsureMailbox(_OneMailbox):
    """Called ours from the moment it may be made, because an answer can be lost; taken back where it was not made, or
    where another was quicker."""

    def before(self, changes: tuple[Change, ...]) -> tuple[Finding, ...]:
        if not any(isinstance(change, AddMailbox) for change in changes):
            return ()
        self._ours = True
        return (SlotOurs(Role.MAIL),)

    def after(self, changes: tuple[Change, ...], trouble: StepError | None, found: MailboxFacts) -> tuple[Finding, ...]:
        return self.unsent(changes) if isinstance(trouble, Taken) or found.mailbox is None else ()

    def unsent(self, changes: tuple[Change, ...]) -> tuple[Finding, ...]:
        if not any(isinstance(change, AddMailbox) for change in changes):
            return ()
        self._ours = False
        return (SlotGone(Role.MAIL),)

    def decide(self, found: MailboxFacts) -> tuple[Change, ...]:
        args = self.args
        self._must_be_usable(found)
        if found.mailbox is None:
            return (AddMailbox(args.user, args.parent, args.account, Secret(self.world.password()), args.quota),)
        if not self._ours:
            raise self._foreign("is a mailbox")
        if found.mailbox.quota != args.quota:
            return (ChangeMailboxQuota(args.user, args.parent, args.account, args.quota),)
        return ()


class _StandingMailbox(_OneMailbox):
    def _mailbox(self, found: MailboxFacts) -> Mailbox:
        """A deployment that failed early leaves nothing to suspend, and nothing to open: that is no failure."""
        if found.mailbox is None or not self._ours:
            raise NotMeant(
                f"{self.world.server} has no mailbox {self._address} of ours: it was never made, or has gone"
            )
        return found.mailbox


@step(Action.MAIL_SUSPEND_MAILBOX)
class EnsureMailboxSuspended(_StandingMailbox):
    """Nobody can log in; what is sent to it is still kept for it (`hestia-recipes.md` 3.5)."""

    def decide(self, found: MailboxFacts) -> tuple[Change, ...]:
        args = self.args
        return () if self._mailbox(found).suspended else (SuspendMailbox(args.user, args.parent, args.account),)


@step(Action.MAIL_UNSUSPEND_MAILBOX)
class EnsureMailboxOpen(_StandingMailbox):
    def decide(self, found: MailboxFacts) -> tuple[Change, ...]:
        args = self.args
        return (UnsuspendMailbox(args.user, args.parent, args.account),) if self._mailbox(found).suspended else ()


@step(Action.MAIL_REMOVE_MAILBOX)
class EnsureMailboxGone(_OneMailbox):
    def decide(self, found: MailboxFacts) -> tuple[Change, ...]:
        args = self.args
        if found.mailbox is None:
            return ()
        if not self._ours:
            raise NotMeant(f"{self._address} on {self.world.server} was not made for this service; it is left alone")
        return (RemoveMailbox(args.user, args.parent, args.account),)

    def learn(self, found: MailboxFacts) -> tuple[Finding, ...]:
        return (SlotGone(Role.MAIL),)
