"""A zone on one nameserver, whole: all records in one swap, checked by us before and by the nameserver after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hostdeck.core.domain.action_args import OwnedZoneArgs, ZoneArgs
from hostdeck.core.domain.action_names import Action
from hostdeck.core.domain.findings import Finding, ZoneServed
from hostdeck.core.domain.zone import ZoneRecord, check_zone
from hostdeck.core.drivers.changes import AddZone, RemoveZone, SwapZone
from hostdeck.core.drivers.language import AskZone, Change, Owner, ZoneFacts
from hostdeck.core.errors import Invalid, Permanent
from hostdeck.core.steps.base import Step, World, step
from hostdeck.core.steps.owner import refuse_other_owner

NO_ZONE = ZoneFacts(False, frozenset(), None, False, None, frozenset())


@step(Action.DNS_DEPLOY_ZONE)
class EnsureZone(Step[ZoneArgs, ZoneFacts]):
    def __init__(self, args: ZoneArgs, world: World) -> None:
        super().__init__(args, world)
        self._wanted: tuple[ZoneRecord, ...] = ()

    def prepare(self) -> None:
        try:
            self._wanted = check_zone(self.args.domain, self.world.zone_records(self.args.domain))
        except Invalid as error:
            raise Permanent(f"{error}; the zone was not sent") from None

    @property
    def _user(self) -> str:
        return self.args.user or self.args.mark

    def owner(self) -> Owner | None:
        return Owner(self.args.user, self.args.mark) if self.args.user else None

    def question(self) -> AskZone:
        return AskZone(self._user, self.args.domain)

    def decide(self, found: ZoneFacts) -> tuple[Change, ...]:
        refuse_other_owner(found.owners, self._user, self.args.domain, self.world.server)
        swap = SwapZone(self._user, self.args.domain, self._wanted)
        if not found.exists:
            return (AddZone(self._user, self.args.domain, self.args.ip, self.args.nameservers), swap)
        if found.records != frozenset(self._wanted) or not found.served_as_listed:
            return (swap,)
        return ()

    def learn(self, found: ZoneFacts) -> tuple[Finding, ...]:
        return (ZoneServed(self.args.domain, found.served_serial or ""),)

    def blank(self) -> ZoneFacts:
        return NO_ZONE

    def expect(self, found: ZoneFacts, changes: Sequence[Change]) -> ZoneFacts:
        """The serial is the nameserver's own; that it is answered as listed is what counts."""
        for change in changes:
            match change:
                case AddZone(user=user):
                    found = replace(NO_ZONE, exists=True, owners=frozenset({user}))
                case SwapZone(records=records):
                    found = ZoneFacts(True, frozenset(records), "1", True, "1", frozenset({self._user}))
        return found

    def rests_on(self, change: Change) -> bool:
        gone = isinstance(change, RemoveZone) and change.domain == self.args.domain
        return gone or super().rests_on(change)


@step(Action.DNS_REMOVE_ZONE)
class EnsureZoneGone(Step[OwnedZoneArgs, ZoneFacts]):
    """PowerDNS only: on Hestia a zone goes with its user."""

    def question(self) -> AskZone:
        return AskZone(self.args.mark, self.args.domain)

    def decide(self, found: ZoneFacts) -> tuple[Change, ...]:
        refuse_other_owner(found.owners, self.args.mark, self.args.domain, self.world.server)
        return (RemoveZone(self.args.mark, self.args.domain),) if found.owners else ()

    def blank(self) -> ZoneFacts:
        return NO_ZONE

    def expect(self, found: ZoneFacts, changes: Sequence[Change]) -> ZoneFacts:
        return NO_ZONE if changes else found
