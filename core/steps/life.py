"""Suspending, opening and removing an account of ours, and its package."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hostdeck.core.domain.action_args import OwnedPackageArgs, OwnedUserArgs
from hostdeck.core.domain.action_names import Action
from hostdeck.core.domain.findings import AccountGone, Finding
from hostdeck.core.domain.naming import mark_contact
from hostdeck.core.domain.text import clean_line
from hostdeck.core.drivers.changes import (
    Reload,
    RemovePackage,
    RemoveUser,
    SuspendMailDomain,
    SuspendUser,
    SuspendWebDomain,
    UndoUser,
    UnsuspendUser,
)
from hostdeck.core.drivers.language import (
    AskHosting,
    AskPackage,
    AskUser,
    Change,
    HostingFacts,
    Package,
    Service,
    UserFacts,
    UserListing,
)
from hostdeck.core.errors import NotMeant, NotYet, Permanent
from hostdeck.core.steps.account import NO_USER
from hostdeck.core.steps.base import Step, step

EVERYTHING = (Service.WEB_BACKEND, Service.WEB, Service.PROXY, Service.MAIL, Service.DNS)
"""With `no` nothing is live before these have reloaded, the nameserver among them (`hestia-recipes.md` 3.5)."""


def foreign(user: str, server: str, owner: str) -> Permanent:
    """An account of that name which does not carry this service's mark."""
    shown = clean_line(owner, 120) or "nobody we know"
    return Permanent(
        f"account '{user}' on {server} is not this service's: it belongs to {shown}. It was left alone. "
        "Whoever knows that account must decide about it; then retry this step [OWN_FOREIGN]"
    )


@step(Action.WEB_SUSPEND_USER, Action.MAIL_SUSPEND_USER)
class EnsureSuspended(Step[OwnedUserArgs, HostingFacts]):
    """Done when the node lists the user and each of its domains as suspended, whatever the command said."""

    flush = EVERYTHING

    def question(self) -> AskHosting:
        return AskHosting(self.args.user, self.args.domain)

    def decide(self, found: HostingFacts) -> tuple[Change, ...]:
        args = self.args
        if not self._ours(found).suspended:
            return (SuspendUser(args.user, args.mark),)
        changes: list[Change] = []
        if found.web is False:
            changes.append(SuspendWebDomain(args.user, args.mark, args.domain))
        if found.mail is False:
            changes.append(SuspendMailDomain(args.user, args.mark, args.domain))
        if not changes and (found.site_live or found.mail_live):
            # Listed as suspended and given to people all the same: an earlier reload was lost, or failed.
            changes.append(Reload())
        return tuple(changes)

    def blank(self) -> HostingFacts:
        return HostingFacts(None, None, None)

    def expect(self, found: HostingFacts, changes: Sequence[Change]) -> HostingFacts:
        for change in changes:
            match change:
                case SuspendUser() | UnsuspendUser():
                    found = _all_of(found, isinstance(change, SuspendUser))
                case SuspendWebDomain():
                    found = replace(found, web=True, site_live=False)
                case Reload():
                    found = replace(found, site_live=False, mail_live=False)
                case SuspendMailDomain():
                    found = replace(found, mail=True, mail_live=False)
        return found

    def _ours(self, found: HostingFacts) -> UserListing:
        """A deployment that failed early leaves nothing to suspend, and nothing to open: that is no failure."""
        if found.user is None:
            raise NotMeant(f"{self.world.server} has no account '{self.args.user}': it was never built, or has gone")
        if found.user.name != self.args.mark:
            raise foreign(self.args.user, self.world.server, found.user.name)
        return found.user


def _all_of(found: HostingFacts, suspended: bool) -> HostingFacts:
    """A user and each domain it has."""
    return HostingFacts(
        user=replace(found.user, suspended=suspended) if found.user else None,
        web=None if found.web is None else suspended,
        mail=None if found.mail is None else suspended,
        site_live=found.web is not None and not suspended,
        mail_live=found.mail is not None and not suspended,
    )


@step(Action.WEB_UNSUSPEND_USER, Action.MAIL_UNSUSPEND_USER)
class EnsureOpen(EnsureSuspended):
    def decide(self, found: HostingFacts) -> tuple[Change, ...]:
        if self._ours(found).suspended or found.web or found.mail:
            return (UnsuspendUser(self.args.user, self.args.mark),)
        return ()


@step(Action.WEB_REMOVE_USER, Action.MAIL_REMOVE_USER, Action.DNS_REMOVE_USER)
class EnsureUserGone(Step[OwnedUserArgs, UserFacts]):
    """Absent in passwd, in Hestia and on disk; somebody else's user of that name is left alone."""

    flush = EVERYTHING

    def question(self) -> AskUser:
        return AskUser(self.args.user)

    def decide(self, found: UserFacts) -> tuple[Change, ...]:
        args = self.args
        if found.restoring:
            raise NotYet(f"{self.world.server}: a restore of '{args.user}' waits or runs there; it would bring it back")
        if not found.exists:
            return ()
        half_made = mark_contact(args.service, args.nonce)
        if found.listing is not None and found.listing.name == args.mark:
            return (RemoveUser(args.user, args.mark),)
        if found.gecos == half_made and not found.whole:
            return (UndoUser(args.user, half_made, found.has_data),)
        raise foreign(args.user, self.world.server, (found.listing.name if found.listing else "") or found.gecos or "")

    def learn(self, found: UserFacts) -> tuple[Finding, ...]:
        return (AccountGone(self.args.user),)

    def blank(self) -> UserFacts:
        return NO_USER

    def expect(self, found: UserFacts, changes: Sequence[Change]) -> UserFacts:
        return NO_USER if changes else found


@step(Action.WEB_REMOVE_PACKAGE, Action.MAIL_REMOVE_PACKAGE, Action.DNS_REMOVE_PACKAGE)
class EnsurePackageGone(Step[OwnedPackageArgs, Package | None]):
    """Removing a package resets the users that live by it, so it goes only when nobody does (`hestia.md` 13.4)."""

    def question(self) -> AskPackage:
        return AskPackage(self.args.package)

    def decide(self, found: Package | None) -> tuple[Change, ...]:
        if found is None:
            return ()
        if found.users:
            user = sorted(found.users)[0]
            raise Permanent(
                f"package '{self.args.package}' on {self.world.server} can't go: account '{user}' lives by it. "
                "Look whose that account is, then retry this step [PKG_IN_USE]"
            )
        return (RemovePackage(self.args.package),)

    def blank(self) -> Package | None:
        return None

    def expect(self, found: Package | None, changes: Sequence[Change]) -> Package | None:
        return None if changes else found

    def given(self, found: Package | None, earlier: Sequence[Change]) -> Package | None:
        """Whoever has gone by then lives by it no more."""
        gone = {change.user for change in earlier if isinstance(change, RemoveUser | UndoUser)}
        if found is None:
            return None
        return replace(found, users={user: name for user, name in found.users.items() if user not in gone})
