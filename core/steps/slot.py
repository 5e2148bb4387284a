"""A name sold on the provider's domain: is it free, its one mailbox, its one record. Whatever else is the provider's is
looked at and left as it is; what is missing there is never made, it is told (`hestia.md` 13.3).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hostdeck.core.domain.actions import Action, MailboxArgs, ParentArgs, RecordArgs
from hostdeck.core.domain.findings import Finding, SlotGone, SlotOurs
from hostdeck.core.domain.inputs import clean_line
from hostdeck.core.domain.vocabulary import Role
from hostdeck.core.domain.zone import ZoneRecord, address
from hostdeck.core.drivers.language import Change, Service
from hostdeck.core.drivers.provider import (
    AddMailbox,
    AddRecord,
    AskMailbox,
    AskParent,
    AskRecord,
    ChangeMailboxQuota,
    Mailbox,
    MailboxFacts,
    ParentFacts,
    RecordFacts,
    RemoveMailbox,
    RemoveRecord,
    SuspendMailbox,
    UnsuspendMailbox,
)
from hostdeck.core.errors import NotMeant, Permanent, StepError, Taken, Transient
from hostdeck.core.steps.base import Step, step
from hostdeck.core.transport.base import Secret


def _adds(changes: tuple[Change, ...]) -> bool:
    return any(isinstance(change, AddMailbox | AddRecord) for change in changes)


@step(Action.WEB_CHECK_PARENT)
class CheckParent(Step[ParentArgs, ParentFacts]):
    def question(self) -> AskParent:
        return AskParent(self.args.parent)

    def decide(self, found: ParentFacts) -> tuple[Change, ...]:
        args, server = self.args, self.world.server
        if not found.lets(args.user):
            owner = clean_line(", ".join(sorted(found.owners)), 64)
            raise Permanent(
                f"{server}: '{args.domain}' can't be made there: {args.parent} belongs to account '{owner}' on that "
                f"node, which keeps names below it for that account. Choose other web servers for it (hostdeck group "
                f"vanity --web-server), or let others in on that node: v-add-web-domain-allow-users {owner} "
                f"{args.parent}, once it is a web domain there. Then retry this step [VAN_BLOCKED]"
            )
        return ()

    def blank(self) -> ParentFacts:
        return ParentFacts(frozenset(), True, False)

    def expect(self, found: ParentFacts, changes: Sequence[Change]) -> ParentFacts:
        return found


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
        if not _adds(changes):
            return ()
        self._ours = True
        return (SlotOurs(Role.MAIL),)

    def after(self, changes: tuple[Change, ...], trouble: StepError | None, found: MailboxFacts) -> tuple[Finding, ...]:
        return self.unsent(changes) if isinstance(trouble, Taken) or found.mailbox is None else ()

    def unsent(self, changes: tuple[Change, ...]) -> tuple[Finding, ...]:
        if not _adds(changes):
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


class _OneRecord(Step[RecordArgs, RecordFacts]):
    """What all steps about the record share; `_wanted` is it."""

    flush: tuple[Service, ...] = (Service.SERIAL,)

    def prepare(self) -> None:
        self._ours = self.world.ledger(Role.DNS)

    @property
    def _wanted(self) -> ZoneRecord:
        return replace(address(self.args.name, self.args.value), ttl=self.args.ttl)

    def question(self) -> AskRecord:
        return AskRecord(self.args.user, self.args.parent, self._wanted)

    def _must_be_usable(self, found: RecordFacts) -> None:
        args, server = self.args, self.world.server
        if found.zone is None:
            others = sorted(found.owners - {args.user})
            where = (
                f"belongs to account '{clean_line(others[0], 64)}' there, not to '{args.user}'"
                if others
                else ("is not there")
            )
            raise Permanent(
                f"{server}: the zone {args.parent} {where}. It is the provider's and is never made or moved here: put "
                "that right on the node, or detach the nameserver from the group; then retry this step "
                "[VAN_PARENT_MISSING]"
            )
        if found.zone:
            raise Permanent(f"{server}: zone {args.parent} is suspended; open it there, then retry this step")
        if found.transferred:
            raise Permanent(
                f"{server} holds {args.parent} only as it is transferred from elsewhere; what is written there is gone "
                "with the next transfer. Put the nameserver it comes from into the group instead, then retry this step "
                "[VAN_SECONDARY]"
            )
        if found.signed:
            raise Permanent(
                f"{server}: zone {args.parent} is signed (DNSSEC): a name added there is denied by its NSEC records "
                "until the whole zone is rectified, which hostdeck does to no zone of the provider's. Detach the "
                "nameserver from the group, or sell names below an unsigned zone; then retry this step [VAN_SIGNED]"
            )

    def _is_wanted(self, one: ZoneRecord) -> bool:
        """By what it answers (`hestia.md` 13.4): with another TTL, which a provider may well give a whole zone, it is
        the same record, and would point at an address we have given up if it were left behind."""
        return replace(one, ttl=self._wanted.ttl) == self._wanted

    def _refuse_others(self, found: RecordFacts) -> None:
        other = next((one for one in found.at_name.values() if not self._is_wanted(one)), None)
        if other is None and (self._ours or not found.at_name):
            return
        shown = other or self._wanted
        raise Permanent(
            f"{self.args.name}.{self.args.parent} on {self.world.server} holds a record already, "
            f"{shown.type} {clean_line(shown.value, 64)}, which hostdeck has not made for this service. It was left "
            "alone. Sell another name, or have it removed by whoever knows it; then retry this step [OWN_FOREIGN]"
        )

    def _ours_at(self, found: RecordFacts) -> str | None:
        """The panel's id of our record."""
        return next((number for number, one in found.at_name.items() if self._is_wanted(one)), None)

    def blank(self) -> RecordFacts:
        return RecordFacts(False, frozenset(), {}, frozenset())

    def expect(self, found: RecordFacts, changes: Sequence[Change]) -> RecordFacts:
        for change in changes:
            if isinstance(change, AddRecord):
                found = replace(found, at_name={"1": self._wanted}, answers=frozenset({self._wanted.value}))
            elif isinstance(change, RemoveRecord):
                found = replace(found, at_name={}, answers=frozenset())
        return found

    def rests_on(self, change: Change) -> bool:
        return isinstance(change, RemoveRecord) and change.record == self._wanted


@step(Action.DNS_CHECK_RECORD)
class CheckRecord(_OneRecord):
    def decide(self, found: RecordFacts) -> tuple[Change, ...]:
        self._must_be_usable(found)
        self._refuse_others(found)
        return ()


@step(Action.DNS_ADD_RECORD)
class EnsureRecord(_OneRecord):
    """Done when the zone lists it and the running server answers it. Called ours as a mailbox is."""

    def before(self, changes: tuple[Change, ...]) -> tuple[Finding, ...]:
        if not _adds(changes):
            return ()
        self._ours = True
        return (SlotOurs(Role.DNS),)

    def after(self, changes: tuple[Change, ...], trouble: StepError | None, found: RecordFacts) -> tuple[Finding, ...]:
        return self.unsent(changes) if isinstance(trouble, Taken) or not found.at_name else ()

    def unsent(self, changes: tuple[Change, ...]) -> tuple[Finding, ...]:
        if not _adds(changes):
            return ()
        self._ours = False
        return (SlotGone(Role.DNS),)

    def decide(self, found: RecordFacts) -> tuple[Change, ...]:
        self._must_be_usable(found)
        self._refuse_others(found)
        if not found.at_name:
            return (AddRecord(self.args.user, self.args.parent, self._wanted),)
        if self._wanted.value not in found.answers:
            raise Transient(
                f"{self.world.server}: {self.args.name}.{self.args.parent} is in the zone, but the nameserver does not "
                "answer it: something else in that zone may keep it from loading; look with named-checkzone there"
            )
        return ()


@step(Action.DNS_REMOVE_RECORD)
class EnsureRecordGone(_OneRecord):
    def decide(self, found: RecordFacts) -> tuple[Change, ...]:
        if found.zone is None or found.transferred:
            self.flush = ()  # there is no serial of ours to raise
            return ()
        number = self._ours_at(found)
        if number is None:
            return ()
        if not self._ours:
            raise NotMeant(
                f"{self.args.name}.{self.args.parent} on {self.world.server} was not made for this service; it is left "
                "alone"
            )
        return (RemoveRecord(self.args.user, self.args.parent, number, self._wanted),)

    def learn(self, found: RecordFacts) -> tuple[Finding, ...]:
        return (SlotGone(Role.DNS),)
