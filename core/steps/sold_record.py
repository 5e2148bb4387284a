"""The one record of a sold name in the provider's zone, on one nameserver (`hestia.md` 13.3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hostdeck.core.domain.action_args import RecordArgs
from hostdeck.core.domain.action_names import Action
from hostdeck.core.domain.findings import Finding, SlotGone, SlotOurs
from hostdeck.core.domain.text import clean_line
from hostdeck.core.domain.vocabulary import Role
from hostdeck.core.domain.zone import ZoneRecord, address
from hostdeck.core.drivers.language import Change, Service
from hostdeck.core.drivers.provider import (
    AddRecord,
    AskRecord,
    RecordFacts,
    RemoveRecord,
)
from hostdeck.core.errors import NotMeant, Permanent, StepError, Taken, Transient
from hostdeck.core.steps.base import Step, step


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
        if not any(isinstance(change, AddRecord) for change in changes):
            return ()
        self._ours = True
        return (SlotOurs(Role.DNS),)

    def after(self, changes: tuple[Change, ...], trouble: StepError | None, found: RecordFacts) -> tuple[Finding, ...]:
        return self.unsent(changes) if isinstance(trouble, Taken) or not found.at_name else ()

    def unsent(self, changes: tuple[Change, ...]) -> tuple[Finding, ...]:
        if not any(isinstance(change, AddRecord) for change in changes):
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
