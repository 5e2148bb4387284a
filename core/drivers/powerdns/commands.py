"""A question or a change about a zone as the commands of one guarded exec. Pure (`hestia.md` 12)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hostdeck.core.domain.zone import ZoneRecord
from hostdeck.core.drivers import changes as tell
from hostdeck.core.drivers import language as say
from hostdeck.core.drivers import provider
from hostdeck.core.drivers.guard import Argument, GuardStep, Scratch
from hostdeck.core.drivers.hestia.scripts import PUT
from hostdeck.core.drivers.powerdns.scripts import BASH, OWNED_ZONE, RRSET_AT, RRSET_IS, SERVED, script
from hostdeck.core.drivers.powerdns.zonefile import zone_lines

Steps = tuple[GuardStep, ...]
USUAL = "/etc/powerdns"
SCRATCH = Scratch("zone")


@dataclass(frozen=True, slots=True)
class Tools:
    """The two programs, told where a configuration is that does not lie in the usual folder."""

    home: str = USUAL

    def _argv(self, program: str) -> tuple[str, ...]:
        return (program,) if self.home == USUAL else (program, f"--config-dir={self.home}")

    def util(self, *args: Argument) -> tuple[Argument, ...]:
        return (*self._argv("pdnsutil"), *args)

    def control(self, *args: Argument) -> tuple[Argument, ...]:
        return (*self._argv("pdns_control"), *args)

    def owned(self, domain: str, mark: str) -> tuple[str, ...]:
        return script(OWNED_ZONE, "owned-zone", domain, mark, *self._argv("pdnsutil"))

    def rrset_at(self, domain: str, name: str) -> tuple[str, ...]:
        return script(RRSET_AT, "rrset-at", domain, name, *self._argv("pdnsutil"))

    def rrset_is(self, domain: str, record: ZoneRecord) -> tuple[str, ...]:
        what = (domain, record.name, str(record.type), record.value)
        return script(RRSET_IS, "rrset-is", *what, *self._argv("pdnsutil"))

    def served(self, domain: str) -> tuple[str, ...]:
        return script(SERVED, "served", domain, *self._argv("pdns_control"))


def question_steps(ask: say.AskZone | provider.AskRecord, tools: Tools) -> Steps:
    """Each runs whatever the one before it said."""
    looks: tuple[tuple[Argument, ...], ...]
    if isinstance(ask, provider.AskRecord):
        # Never the whole zone: a provider's may hold more than is kept of a listing.
        looks = (
            tools.util("show-zone", ask.parent),
            tools.rrset_at(ask.parent, ask.record.name),
            tools.rrset_at(ask.parent, "@"),
            tools.served(ask.parent),
        )
    else:
        looks = (
            tools.owned(ask.domain, ask.user),
            tools.util("list-zone", ask.domain),
            tools.util("check-zone", ask.domain),
            tools.served(ask.domain),
        )
    return tuple(GuardStep(argv, "any", quiet=True, looks=True) for argv in looks)


def record_steps(change: provider.AddRecord | provider.RemoveRecord, tools: Tools) -> Steps:
    """One record of the provider's zone, which is never loaded whole: what stands at the name decides in the same
    exec."""
    zone, record = change.parent, change.record
    if isinstance(change, provider.AddRecord):
        first = GuardStep(tools.rrset_at(zone, record.name), "3", quiet=True, looks=True)
        act = tools.util("replace-rrset", zone, record.name, str(record.type), str(record.ttl), record.value)
    else:
        first = GuardStep(tools.rrset_is(zone, record), "0", quiet=True, looks=True)
        act = tools.util("delete-rrset", zone, record.name, str(record.type))
    return (first, GuardStep(act))


def serial_steps(zone: str, tools: Tools) -> Steps:
    """One changed record does not raise the serial by itself (`hestia.md` 12), and is not answered before a purge."""
    return (
        GuardStep(tools.util("increase-serial", zone), "any"),
        GuardStep(tools.control("purge", f"{zone}$"), "any"),
    )


def swap_steps(change: tell.SwapZone, serial: int, tools: Tools) -> Steps:
    """All records in one load. Whose zone it is, is looked at in the same exec; the mark is set right after the load
    and again each time, because a load makes the zone where there is none. Its kind stays as the node has it: native,
    unless an operator decided otherwise."""
    domain, lines = change.domain, zone_lines(change.domain, change.records, serial)
    return (
        GuardStep(tools.owned(domain, change.user), "0,3,5", looks=True),
        GuardStep((*BASH, PUT, "put", SCRATCH, *lines), looks=True),
        GuardStep(tools.util("load-zone", domain, SCRATCH)),
        GuardStep(tools.util("set-account", domain, change.user)),
        GuardStep(tools.util("rectify-zone", domain)),
        *_refresh(domain, tools),
    )


def remove_steps(change: tell.RemoveZone, tools: Tools) -> Steps:
    return (
        GuardStep(tools.owned(change.domain, change.user), "0", looks=True),
        GuardStep(tools.util("delete-zone", change.domain), "0,1"),
        *_refresh(change.domain, tools),
    )


def sends(changes: Sequence[say.Change], flush: Sequence[say.Service], tools: Tools) -> tuple[str, ...]:
    """The changing commands, as people read them; the serial of a whole zone stands in the file that is loaded."""
    steps = steps_of(changes, 0, tools)
    if say.Service.SERIAL in flush:
        zones = dict.fromkeys(
            one.parent for one in changes if isinstance(one, provider.AddRecord | provider.RemoveRecord)
        )
        steps += tuple(step for zone in zones for step in serial_steps(zone, tools))
    return tuple(step.shown() for step in steps if not step.looks)


def _refresh(domain: str, tools: Tools) -> Steps:
    """The server's list of zones first, then what it has answered: a new zone is refused for up to five minutes
    otherwise, and the refusal itself is cached (seen on 4.7.3)."""
    return (
        GuardStep(tools.control("rediscover")),
        GuardStep(tools.control("purge", f"{domain}$"), "any"),
    )


def steps_of(changes: Sequence[say.Change], serial: int, tools: Tools) -> Steps:
    """AddZone asks for nothing here: the load makes the zone."""
    steps: list[GuardStep] = []
    for change in changes:
        if isinstance(change, tell.SwapZone):
            steps += swap_steps(change, serial, tools)
        elif isinstance(change, tell.RemoveZone):
            steps += remove_steps(change, tools)
        elif isinstance(change, provider.AddRecord | provider.RemoveRecord):
            steps += record_steps(change, tools)
        elif not isinstance(change, tell.AddZone):
            raise TypeError(f"PowerDNS has no {type(change).__name__}")
    return tuple(steps)
