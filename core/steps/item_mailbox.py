"""A mailbox of the customer's own mail domain.

To HestiaCP a name is a pattern: a command about `a.b` reaches `axb` too (`hestia.md` 1.6, 7). Nothing is sent about a
mailbox while another name of the domain looks like it; the node looks once more before each command.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, cast

from hostdeck.core.domain.autoreply import unsendable
from hostdeck.core.domain.item_specs import MailboxSpec
from hostdeck.core.domain.items import ItemKind
from hostdeck.core.domain.mailbox_names import alike, forward_moves, in_the_way, is_plain, reached
from hostdeck.core.drivers import mail_items as tell
from hostdeck.core.drivers.changes import AddMailDomain
from hostdeck.core.drivers.language import Change
from hostdeck.core.drivers.mail_items import AskMailAccount, MailAccount, MailAccountFacts
from hostdeck.core.errors import Permanent
from hostdeck.core.steps.base import item_step
from hostdeck.core.steps.item import ItemStep
from hostdeck.core.transport.base import Secret


@item_step(ItemKind.MAILBOX)
class EnsureItemMailbox(ItemStep[MailAccountFacts]):
    adds = (tell.AddMailAccount, tell.SetMailPassword)

    @property
    def wanted(self) -> MailboxSpec:
        return cast(MailboxSpec, self.item.wanted)

    @property
    def _quota(self) -> str:
        """As the node lists it: 0 is no limit there."""
        return "unlimited" if self.wanted.quota == "0" else self.wanted.quota

    @property
    def _at(self) -> tuple[str, str, str]:
        return self.args.user, self.args.domain, self.item.name

    def question(self) -> AskMailAccount:
        return AskMailAccount(*self._at)

    def stands(self, found: MailAccountFacts) -> bool:
        return found.box is not None

    # -- decisions

    def decide(self, found: MailAccountFacts) -> tuple[Change, ...]:
        changes = super().decide(found)
        if changes and found.box is not None:
            self._must_be_alone(found.box, found.others)
        return changes

    def make(self, found: MailAccountFacts) -> tuple[Change, ...]:
        if not found.has_domain:
            raise Permanent(
                f"{self.world.server}: account '{self.args.user}' has no mail domain {self.args.domain}; redeploy the "
                "service, then retry this step"
            )
        self._must_be_plain(self.item.name)
        other = in_the_way(self.item.name, found.others)
        if other is not None:
            raise self._alike(self.item.name, other)
        made = tell.AddMailAccount(*self._at, self.password(), self._quota)
        return (made, *self._differences(MailAccount(self._quota), found.others))

    def adjust(self, found: MailAccountFacts) -> tuple[Change, ...]:
        assert found.box is not None
        return self._differences(found.box, found.others)

    def _differences(self, box: MailAccount, others: frozenset[str]) -> tuple[Change, ...]:
        wanted = self.wanted
        changes: list[Change] = []
        if box.quota != self._quota:
            changes.append(tell.SetMailQuota(*self._at, self._quota))
        changes += self._forwards(box)
        changes += [tell.RemoveMailAlias(*self._at, one) for one in box.aliases if one not in wanted.aliases]
        changes += self._new_aliases(box, others)
        if box.autoreply != wanted.autoreply:
            changes += self._autoreply()
        return tuple(changes)

    def _forwards(self, box: MailAccount) -> Iterable[Change]:
        """Mail is never sent nowhere: it is kept here before the last forward goes, and not kept only once there is
        one."""
        wanted = self.wanted
        if not wanted.keep and not wanted.forwards:
            raise Permanent(
                f"{self._name}: mail that is not kept must be forwarded somewhere; give it a forward, or keep its mail"
            )
        if box.forward_only and wanted.keep:
            yield tell.SetForwardOnly(*self._at, False)
        for adds, address in forward_moves(box.forwards, wanted.forwards):
            yield (tell.AddForward if adds else tell.RemoveForward)(*self._at, address)
        if not wanted.keep and not box.forward_only:
            yield tell.SetForwardOnly(*self._at, True)

    def _new_aliases(self, box: MailAccount, others: frozenset[str]) -> Iterable[Change]:
        names = {self.item.name, *others, *(one for one in box.aliases if one in self.wanted.aliases)}
        for alias in self.wanted.aliases:
            if alias in box.aliases:
                continue
            self._must_be_plain(alias)
            other = in_the_way(alias, names)
            if other is not None:
                raise self._alike(alias, other)
            names.add(alias)
            yield tell.AddMailAlias(*self._at, alias)

    def _autoreply(self) -> Iterable[Change]:
        text = self.wanted.autoreply
        if not text:
            return (tell.RemoveAutoreply(*self._at),)
        reason = unsendable(text)
        if reason is not None:
            raise Permanent(f"{self._name}: its automatic answer can't be set: {reason}; write it anew")
        return (tell.SetAutoreply(*self._at, text),)

    def _must_be_alone(self, box: MailAccount, others: frozenset[str]) -> None:
        mine = (self.item.name, *box.aliases)
        other = reached(mine, {*others, *mine})
        if other is not None:
            raise self._alike(next(name for name in mine if alike(name, other)), other)

    def _must_be_plain(self, name: str) -> None:
        if not is_plain(name):
            raise Permanent(
                f"'{name}' can't be a mailbox's name on {self.world.server}: use letters, digits, '.', '_' and '-'"
            )

    def _alike(self, name: str, other: str) -> Permanent:
        at = f"@{self.args.domain}"
        if name == other:
            return Permanent(
                f"{name}{at} is there already on {self.world.server}, as a mailbox or an alias of one; it was left "
                "alone. Choose another name [MAIL_ALIKE]"
            )
        return Permanent(
            f"{self.world.server}: HestiaCP can't tell {name}{at} from {other}{at}: to it a dot is any letter, and a "
            "command about one of them would reach the other's mail too. Nothing was sent. Choose another name, or "
            f"rename '{other}' first [MAIL_ALIKE]"
        )

    def give_password(self, password: Secret) -> tuple[Change, ...]:
        return (tell.SetMailPassword(*self._at, password),)

    def drop(self, found: MailAccountFacts) -> tuple[Change, ...]:
        assert found.box is not None
        return (tell.RemoveMailAccount(*self._at),)

    def is_suspended(self, found: MailAccountFacts) -> bool:
        return found.box is not None and found.box.suspended

    def suspend(self, found: MailAccountFacts, *, on: bool) -> tuple[Change, ...]:
        return ((tell.SuspendMailAccount if on else tell.UnsuspendMailAccount)(*self._at),)

    # -- forecasts

    def blank(self) -> MailAccountFacts:
        return MailAccountFacts(True, None, frozenset())

    def expect(self, found: MailAccountFacts, changes: Sequence[Change]) -> MailAccountFacts:
        box = found.box
        for change in changes:
            match change:
                case tell.AddMailAccount(quota=quota):
                    box = MailAccount(quota)
                case tell.RemoveMailAccount():
                    box = None
                case tell.MailAccountChange() if box is not None:
                    box = replace(box, **_effect(box, change))
        return replace(found, box=box)

    def rests_on(self, change: Change) -> bool:
        made = isinstance(change, AddMailDomain) and change.domain == self.args.domain
        return made or super().rests_on(change)


def _effect(box: MailAccount, change: Change) -> dict[str, Any]:
    match change:
        case tell.SetMailQuota(quota=quota):
            return {"quota": quota}
        case tell.AddForward(address=address):
            return {"forwards": (*box.forwards, address)}
        case tell.RemoveForward(address=address):
            return {"forwards": tuple(one for one in box.forwards if one != address)}
        case tell.SetForwardOnly(on=on):
            return {"forward_only": on}
        case tell.AddMailAlias(alias=alias):
            return {"aliases": (*box.aliases, alias)}
        case tell.RemoveMailAlias(alias=alias):
            return {"aliases": tuple(one for one in box.aliases if one != alias)}
        case tell.SetAutoreply(text=text):
            return {"autoreply": text}
        case tell.RemoveAutoreply():
            return {"autoreply": ""}
        case tell.SuspendMailAccount() | tell.UnsuspendMailAccount():
            return {"suspended": isinstance(change, tell.SuspendMailAccount)}
    return {}
