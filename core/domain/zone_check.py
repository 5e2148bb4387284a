"""What nameservers answer, held against what they should: record by record, serial by serial. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from hostdeck.core.domain.order_plan import View
from hostdeck.core.domain.vocabulary import RecordType
from hostdeck.core.domain.zone import ZoneRecord

Key = tuple[str, str]
"""(relative name, type) of a set of records."""

Values = frozenset[tuple[str, int]]
"""(content, TTL) of each record of a set, as `content_of` writes it."""


class Verdict(StrEnum):
    SAME = "same"
    DIFFERS = "differs"
    STALE = "stale"
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class Answers:
    """What one nameserver said. `error`: why it said nothing; `unasked` sets were refused or did not come."""

    server: str
    error: str | None = None
    serial: str | None = None
    authoritative: bool = True
    sets: Mapping[Key, Values] = field(default_factory=dict)


class Difference(View):
    name: str
    type: str
    wanted: tuple[str, ...]
    got: tuple[str, ...]


class ServerVerdict(View):
    """`serial` as answered, `deployed_serial` as it was when this server was last right."""

    server: str
    verdict: Verdict
    serial: str | None
    deployed_serial: str | None
    reason: str
    differences: tuple[Difference, ...]


def content_of(record: ZoneRecord) -> str:
    """As a DNS library prints it, TXT in one piece."""
    return record.value if record.priority is None else f"{record.priority} {record.value}"


def wanted_sets(records: Iterable[ZoneRecord]) -> dict[Key, Values]:
    sets: dict[Key, set[tuple[str, int]]] = {}
    for record in records:
        values = sets.setdefault((record.name, str(record.type)), set())
        values.add((fold(record.type, content_of(record)), record.ttl))
    return {key: frozenset(values) for key, values in sets.items()}


def fold(kind: str, content: str) -> str:
    """Content made comparable: names know no case, texts do."""
    return content if kind in (RecordType.TXT, RecordType.CAA) else content.lower()


def judge(wanted: Mapping[Key, Values], answers: Answers, deployed: str | None) -> ServerVerdict:
    """Serials of different panels are counters of their own: a server's is held against what it itself had."""

    def verdict(kind: Verdict, reason: str, differences: tuple[Difference, ...] = ()) -> ServerVerdict:
        return ServerVerdict(
            server=answers.server, verdict=kind, serial=answers.serial, deployed_serial=deployed, reason=reason,
            differences=differences,
        )  # fmt: skip

    if answers.error is not None:
        return verdict(Verdict.SILENT, answers.error)
    if not answers.authoritative or answers.serial is None:
        return verdict(Verdict.DIFFERS, "it does not know the zone: no authoritative SOA")
    differences = tuple(
        Difference(name=name, type=kind, wanted=_shown(wanted[name, kind]), got=_shown(got))
        for name, kind in sorted(wanted)
        if (got := answers.sets.get((name, kind), frozenset())) != wanted[name, kind]
    )
    if differences:
        first = differences[0]
        words = f"{first.name} {first.type}"
        more = f" and {len(differences) - 1} more" if len(differences) > 1 else ""
        return verdict(Verdict.DIFFERS, f"{words}{more} differ{'' if more else 's'}", differences)
    if deployed is not None and _older(answers.serial, deployed):
        return verdict(Verdict.STALE, f"serial {answers.serial} is older than {deployed}, which it had before")
    return verdict(Verdict.SAME, f"{len(wanted)} sets of records as wanted")


def _older(serial: str, than: str) -> bool:
    """Serial arithmetic of RFC 1982."""
    return serial != than and (int(than) - int(serial)) % (1 << 32) < 1 << 31


def _shown(values: Values) -> tuple[str, ...]:
    return tuple(sorted(f"{content} (TTL {ttl})" for content, ttl in values))
