"""A Hestia package and the user that lives by it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hostdeck.core.domain.action_args import PackageArgs, UserArgs
from hostdeck.core.domain.action_names import Action
from hostdeck.core.domain.naming import mark_contact, mark_name
from hostdeck.core.domain.text import clean_line
from hostdeck.core.drivers.changes import (
    AddUser,
    ChangeContact,
    ChangePackage,
    JailUser,
    PutPackage,
    RemovePackage,
    RemoveUser,
    UndoUser,
)
from hostdeck.core.drivers.hestia.package import package_values
from hostdeck.core.drivers.language import AskPackage, AskUser, Change, Package, UserFacts, UserListing
from hostdeck.core.errors import Permanent
from hostdeck.core.steps.base import Step, step
from hostdeck.core.transport.base import Secret

NO_USER = UserFacts(None, None, False, False, False, False, False)


@step(Action.WEB_CREATE_PACKAGE, Action.MAIL_CREATE_PACKAGE, Action.DNS_CREATE_PACKAGE)
class EnsurePackage(Step[PackageArgs, Package | None]):
    def question(self) -> AskPackage:
        return AskPackage(self.args.package)

    def decide(self, found: Package | None) -> tuple[Change, ...]:
        wanted = package_values(self.args)
        self._refuse_foreign(found)
        if found is not None and all(found.values.get(key) == value for key, value in wanted.items()):
            return ()
        return (PutPackage(self.args.package, wanted, replace=found is not None),)

    def _refuse_foreign(self, found: Package | None) -> None:
        """A package by which somebody else's users live is not ours, whatever its name: writing it would change their
        limits. Another hostdeck may number its services as we do."""
        others = sorted(user for user, name in (found.users if found else {}).items() if name != self.args.mark)
        if others:
            raise Permanent(
                f"package '{self.args.package}' on {self.world.server} is not this service's: account '{others[0]}' "
                "lives by it. It was left alone. Whoever knows that account must decide, then retry [OWN_FOREIGN]"
            )

    def blank(self) -> Package | None:
        return None

    def expect(self, found: Package | None, changes: Sequence[Change]) -> Package | None:
        for change in changes:
            if isinstance(change, PutPackage):
                found = Package(change.values, found.users if found else {})
        return found

    def rests_on(self, change: Change) -> bool:
        return isinstance(change, RemovePackage) and change.package == self.args.package


@step(Action.WEB_CREATE_USER, Action.MAIL_CREATE_USER, Action.DNS_CREATE_USER)
class EnsureUser(Step[UserArgs, UserFacts]):
    """Only a user that carries our mark is ours: in GECOS from the first instant, in NAME for ever."""

    def question(self) -> AskUser:
        return AskUser(self.args.user)

    @property
    def _contact(self) -> str:
        return mark_contact(self.args.service, self.args.nonce)

    @property
    def _name(self) -> str:
        return mark_name(self.args.service, self.args.nonce)

    def decide(self, found: UserFacts) -> tuple[Change, ...]:
        args = self.args
        if not found.exists:
            password = Secret(self.world.password())
            # The customer's address comes once the user is found whole: until then the contact is our mark.
            return (AddUser(args.user, password, self._contact, args.package, self._name),)
        self._refuse_foreign(found)
        if not found.complete_but_jail:
            return (UndoUser(args.user, self._contact, found.has_data),)
        changes: list[Change] = []
        if not found.in_jail:
            changes.append(JailUser(args.user))
        if found.listing and found.listing.package != args.package:
            changes.append(ChangePackage(args.user, args.package))
        if found.listing and args.contact and found.listing.contact != args.contact:
            changes.append(ChangeContact(args.user, args.contact))
        return tuple(changes)

    def _refuse_foreign(self, found: UserFacts) -> None:
        if found.gecos == self._contact or (found.listing and found.listing.name == self._name):
            return
        owner = found.listing.name if found.listing else ""
        contact = (found.listing.contact if found.listing else "") or found.gecos or ""
        shown = ", ".join(clean_line(part, 120) for part in (owner, contact) if part) or "nobody's name"
        raise Permanent(
            f"account '{self.args.user}' on {self.world.server} is not managed by hostdeck: it belongs to {shown}. "
            "It was left alone. Whoever knows that account must decide about it; then retry this step [OWN_FOREIGN]"
        )

    def blank(self) -> UserFacts:
        return NO_USER

    def expect(self, found: UserFacts, changes: Sequence[Change]) -> UserFacts:
        for change in changes:
            match change:
                case AddUser(package=package, mark_contact=contact, mark_name=name):
                    listing = UserListing(name, package, contact, suspended=False)
                    found = UserFacts(contact, listing, True, True, True, True, True)
                case UndoUser():
                    found = NO_USER
                case JailUser():
                    found = replace(found, in_jail=True)
                case ChangePackage(package=package) if found.listing:
                    found = replace(found, listing=replace(found.listing, package=package))
                case ChangeContact(contact=contact) if found.listing:
                    found = replace(found, listing=replace(found.listing, contact=contact))
        return found

    def rests_on(self, change: Change) -> bool:
        return isinstance(change, RemoveUser) and change.user == self.args.user
