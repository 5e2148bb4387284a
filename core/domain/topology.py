"""Which pattern a fleet follows, told from what its servers are ticked for (`features.md` 57)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from hostdeck.core.domain.vocabulary import Role

Ticks = frozenset[Role]


class Pattern(StrEnum):
    """How roles are spread over servers."""

    NONE = "none yet"
    INCOMPLETE = "incomplete"
    ALL_IN_ONE = "all-in-one"
    SPLIT = "web/mail split"
    THREE_TIER = "full three-tier"
    MIXED = "mixed"


@dataclass(frozen=True, slots=True)
class Template:
    """A pattern, what it is good for, and the least servers it needs: each a name and its ticks."""

    pattern: Pattern
    means: str
    servers: tuple[tuple[str, Ticks], ...]


_WEB, _MAIL, _DNS = (frozenset({role}) for role in Role)

TEMPLATES = (
    Template(Pattern.ALL_IN_ONE, "one node does everything; add more of the same kind", (("node01", frozenset(Role)),)),
    Template(
        Pattern.SPLIT,
        "websites can't starve mail; each also answers DNS, so there are two nameservers",
        (("web01", _WEB | _DNS), ("mx01", _MAIL | _DNS)),
    ),
    Template(
        Pattern.THREE_TIER,
        "each role grows by itself; nameservers may be PowerDNS",
        (("web01", _WEB), ("mx01", _MAIL), ("ns1", _DNS), ("ns2", _DNS)),
    ),
)


@dataclass(frozen=True, slots=True)
class Topology:
    """`counts`: servers able to do each role. A server counts for every role it is ticked for."""

    pattern: Pattern
    counts: dict[Role, int]

    @property
    def missing(self) -> tuple[Role, ...]:
        return tuple(role for role in Role if not self.counts[role])

    @property
    def sentence(self) -> str:
        """`your topology is full three-tier: 2 web, 2 mail, 2 dns`."""
        if self.pattern is Pattern.NONE:
            return "your topology is none yet: add a server"
        numbers = ", ".join(f"{self.counts[role]} {role}" for role in Role)
        lacks = f"; no server can host {', '.join(self.missing)}" if self.missing else ""
        return f"your topology is {self.pattern}: {numbers}{lacks}"


def topology(servers: Iterable[Ticks]) -> Topology:
    """All-in-one: every server does all three. Three-tier: every server does one. Split: no server does both web and
    mail. Mixed: anything else that has all three roles."""
    ticked = [ticks for ticks in servers if ticks]
    counts = {role: sum(role in ticks for ticks in ticked) for role in Role}
    return Topology(_pattern(ticked, counts), counts)


def _pattern(ticked: list[Ticks], counts: dict[Role, int]) -> Pattern:
    if not ticked:
        return Pattern.NONE
    if not all(counts.values()):
        return Pattern.INCOMPLETE
    if all(ticks == set(Role) for ticks in ticked):
        return Pattern.ALL_IN_ONE
    if all(len(ticks) == 1 for ticks in ticked):
        return Pattern.THREE_TIER
    if not any({Role.WEB, Role.MAIL} <= ticks for ticks in ticked):
        return Pattern.SPLIT
    return Pattern.MIXED
