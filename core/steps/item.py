"""What the steps of all kinds of items share: whose it is, whether it shall be there or go, and its password.

The row decides, as it is when the step runs. What stands under the same name and is not called ours in the row was
made by somebody else in the customer's own account: it is told, never changed.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar, TypeVar

from hostdeck.core.domain.action_args import ItemArgs
from hostdeck.core.domain.findings import Finding, ItemAsWanted, ItemGone, ItemNotMade, ItemOurs
from hostdeck.core.drivers.language import Change, Owner
from hostdeck.core.errors import NotMeant, NotYet, Permanent, StepError, Taken
from hostdeck.core.steps.base import Step, WantedItem
from hostdeck.core.transport.base import Secret

F = TypeVar("F")


class ItemStep(Step[ItemArgs, F]):
    """A kind says what to look at and how to change it; the order of things is here. `keeps_secret`: the row keeps it
    once the node has taken it."""

    keeps_secret: ClassVar[bool] = False
    while_closed: ClassVar[bool] = False
    """Whether it may be seen to while its service is suspended."""

    adds: ClassVar[tuple[type[Change], ...]] = ()
    """The changes that make one, or that give one its password."""
    adopts: ClassVar[bool] = False
    """Whether one that stands as it is wanted is as good as ours, whoever made it."""

    def prepare(self) -> None:
        item = self.world.item(self.args.item)
        if item is None:
            raise NotMeant("its row has gone: it was removed, or its service was terminated")
        if item.closed and not self.while_closed:
            raise NotYet(f"{self.args.domain} is suspended; what is inside it is seen to when it is opened again")
        self.item: WantedItem = item
        self._ours = item.ours
        self._password_due = item.password is not None and not self.keeps_secret
        self._drawn = False

    def owner(self) -> Owner | None:
        return Owner(self.args.user, self.args.mark)

    # -- what a kind says

    @abstractmethod
    def stands(self, found: F) -> bool:
        """Whether the node has one by this name."""

    @abstractmethod
    def make(self, found: F) -> tuple[Change, ...]:
        """What makes it, where the node has none. May raise Permanent."""

    @abstractmethod
    def adjust(self, found: F) -> tuple[Change, ...]:
        """What differs from the wanted, where the node has one."""

    @abstractmethod
    def drop(self, found: F) -> tuple[Change, ...]:
        """What removes it."""

    def give_password(self, password: Secret) -> tuple[Change, ...]:
        """What gives a standing one its new password."""
        return ()

    def is_suspended(self, found: F) -> bool:
        """Whether the node has it, suspended."""
        return False

    def suspend(self, found: F, *, on: bool) -> tuple[Change, ...]:
        """What suspends it, or opens it again; only of kinds that can be."""
        return ()

    def known(self, found: F) -> dict[str, Any]:
        """What else the node says of it, for the row."""
        return {}

    # -- the order of things

    def password(self) -> Secret:
        """The one that was wished; one that nobody will know where it is built anew long after."""
        if self.item.password is not None:
            return self.item.password
        self._drawn = True
        return Secret(self.world.password())

    def decide(self, found: F) -> tuple[Change, ...]:
        if self.item.removing:
            return self._decide_going(found)
        if not self.stands(found):
            return self._around(found, self.make(found))
        if not self._ours and not self.adopts:
            raise Permanent(
                f"{self._name} stands on {self.world.server} already and was not made by hostdeck; it was left alone. "
                f"Take it over with 'hostdeck service resync {self.args.domain} --adopt', or choose another name "
                "[ITEM_FOREIGN]"
            )
        changes = self.adjust(found)
        if self._password_due and self.item.password is not None:
            changes += self.give_password(self.item.password)
        return self._around(found, changes)

    def _around(self, found: F, changes: tuple[Change, ...]) -> tuple[Change, ...]:
        """A suspended one refuses nearly everything (exit 5): it is opened for its changes, and closed after them."""
        shut, shall = self.is_suspended(found), bool(getattr(self.item.wanted, "suspended", False))
        if shut and (changes or not shall):
            changes, shut = (*self.suspend(found, on=False), *changes), False
        if shall and not shut:
            changes = (*changes, *self.suspend(found, on=True))
        return changes

    def leave(self, found: F) -> tuple[Change, ...]:
        """What was opened for changes of which one failed is closed all the same."""
        shall = self._ours and not self.item.removing and bool(getattr(self.item.wanted, "suspended", False))
        return self.suspend(found, on=True) if shall and self.stands(found) and not self.is_suspended(found) else ()

    def _decide_going(self, found: F) -> tuple[Change, ...]:
        if not self.stands(found):
            return ()
        if not self._ours:
            raise NotMeant(f"{self._name} on {self.world.server} was not made by hostdeck; it is left alone")
        return self.drop(found)

    @property
    def _name(self) -> str:
        return f"{self.args.kind} '{self.item.name}'"

    def before(self, changes: tuple[Change, ...]) -> tuple[Finding, ...]:
        if not any(isinstance(change, self.adds) for change in changes):
            return ()
        self._password_due = False
        if self._ours:
            return ()
        self._ours = True
        return (ItemOurs(self.args.item),)

    def after(self, changes: tuple[Change, ...], trouble: StepError | None, found: F) -> tuple[Finding, ...]:
        if trouble is not None:
            self._password_due = self.item.password is not None and not self.keeps_secret
        if isinstance(trouble, Taken) or (trouble is not None and not self.stands(found)):
            return self.unsent(changes)
        return ()

    def unsent(self, changes: tuple[Change, ...]) -> tuple[Finding, ...]:
        if not self.makes(changes):
            return ()
        self._ours = False
        return (ItemNotMade(self.args.item),)

    def makes(self, changes: Sequence[Change]) -> bool:
        """Whether these changes make one anew."""
        return bool(self.adds) and any(isinstance(change, self.adds[0]) for change in changes)

    def learn(self, found: F) -> tuple[Finding, ...]:
        if self.item.removing:
            return (ItemGone(self.args.item),)
        known = self.known(found)
        if self._drawn or (self.item.known.get("password") == "unknown" and self.item.password is None):
            known |= {"password": "unknown"}
        return (ItemAsWanted(self.args.item, known, None if self.keeps_secret else self.item.sealed),)
