"""Items in bulk: every line is checked against every other, and all are written in one transaction, or none."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from hostdeck.core.domain.item_csv import ItemLine
from hostdeck.core.domain.items import ItemKind
from hostdeck.core.domain.records import read_record
from hostdeck.core.domain.text import safe
from hostdeck.core.domain.vocabulary import ServiceStatus
from hostdeck.core.errors import Invalid, NotFound, Refused
from hostdeck.core.intents.base import Change, Door
from hostdeck.core.intents.inside import BUILDING, held, refuse_closed
from hostdeck.core.intents.items import Deed, new_item, write_item
from hostdeck.core.intents.records import Edit, add, apply_edits, plan_edits
from hostdeck.core.intents.runs import hold_servers
from hostdeck.core.intents.standing import servers_of
from hostdeck.core.store.db import connection
from hostdeck.core.store.item_models import Item
from hostdeck.core.store.work_models import Service


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that can't be had, and why; `code` as of the refusal alone."""

    line: int
    name: str
    field: str
    message: str
    code: str


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a file: nothing was written where a line was bad. `deeds` by line; of
    records there are `tasks` alone."""

    lines: int
    bad: tuple[BadLine, ...]
    deeds: tuple[tuple[int, Deed], ...] = ()
    tasks: tuple[int, ...] = ()


class _Back(Exception):
    pass


def plan_items(kind: ItemKind, lines: Sequence[ItemLine]) -> Imported:
    """What `import_items` would say of these lines; writes nothing, so it may be asked where nothing can be written."""
    bad: list[BadLine] = []
    with connection():
        services = _found(lines, bad, _looked_at)
        if kind is ItemKind.RECORD:
            for parts, row in _edits(lines, services, bad):
                try:
                    plan_edits(row, [edit for _, edit in parts])
                except Refused as error:
                    bad.append(_bad(parts[0][0], error))
        else:
            _check(kind, lines, services, bad)
    return Imported(len(lines), tuple(sorted(bad, key=lambda one: one.line)))


def _looked_at(number: int) -> Service:
    service: Service = Service.get_by_id(number)
    refuse_closed(service, also=BUILDING)
    return service


def _check(kind: ItemKind, lines: Iterable[ItemLine], services: dict[str, Service], bad: list[BadLine]) -> None:
    """Each line against the rows and the good lines above it, which stand as rows that are never written."""
    above: dict[int, list[Item]] = defaultdict(list)
    for line in lines:
        if (row := services.get(line.service)) is None:
            continue
        try:
            _, checked = new_item(row, kind, line.name, line.fields, line.password, above[row.id])
        except Refused as error:
            bad.append(_bad(line, error))
        else:
            wanted = checked.spec.model_dump(mode="json")
            above[row.id].append(Item(service=row, kind=kind, name=checked.name, wanted=wanted))


def import_items(door: Door, kind: ItemKind, lines: Sequence[ItemLine]) -> Imported:
    """All lines, or none. Every bad line is told, not the first alone."""
    bad: list[BadLine] = []
    deeds: list[tuple[int, Deed]] = []
    tasks: list[int] = []
    try:
        with door.change(f"{kind}.import", f"{len(lines)} lines") as change:
            services = _hold(lines, bad)
            if kind is ItemKind.RECORD:
                tasks += _records(door, lines, services, bad)
            else:
                deeds += _items(change, kind, lines, services, bad)
            change.object, change.detail = f"{len(lines)} lines of {kind}", {"lines": len(lines)}
            if bad:
                raise _Back
    except _Back:
        return Imported(len(lines), tuple(sorted(bad, key=lambda one: one.line)))
    return Imported(len(lines), (), tuple(deeds), tuple(tasks))


def _hold(lines: Sequence[ItemLine], bad: list[BadLine]) -> dict[str, Service]:
    """The services by what the lines call them; in the order of their numbers, once all their servers are held."""
    return _found(lines, bad, lambda number: held(number, also=BUILDING), hold=True)


def _found(
    lines: Sequence[ItemLine], bad: list[BadLine], take: Callable[[int], Service], *, hold: bool = False
) -> dict[str, Service]:
    numbers: dict[str, int] = {}
    for key in dict.fromkeys(line.service for line in lines):
        try:
            numbers[key] = _number(key)
        except Refused as error:
            bad += [_bad(line, error) for line in lines if line.service == key]
    if hold:
        named = Service.select().where(Service.id.in_(list(numbers.values())))
        hold_servers({server.id for service in named for server in servers_of(service)})
    services: dict[str, Service] = {}
    for key, number in sorted(numbers.items(), key=lambda one: one[1]):
        try:
            services[key] = take(number)
        except Refused as error:
            bad += [_bad(line, error) for line in lines if line.service == key]
    return services


def _number(key: str) -> int:
    """A service by its number, or the one that has the domain now."""
    bare = key.removeprefix("#")
    if bare.isascii() and bare.isdigit() and len(bare) < 19:
        row = Service.get_or_none(Service.id == int(bare))
    else:
        live = Service.status != ServiceStatus.TERMINATED
        row = Service.get_or_none(live, Service.domain == key.lower())
    if row is None:
        raise NotFound("service", f"there is no service '{safe(key)}'; see 'hostdeck service list'")
    return int(row.id)


def _items(
    change: Change, kind: ItemKind, lines: Iterable[ItemLine], services: dict[str, Service], bad: list[BadLine]
) -> Iterable[tuple[int, Deed]]:
    for line in lines:
        if line.service in services:
            try:
                yield (
                    line.number,
                    write_item(change, services[line.service], kind, line.name, line.fields, line.password),
                )
            except Refused as error:
                bad.append(_bad(line, error))


def _records(door: Door, lines: Iterable[ItemLine], services: dict[str, Service], bad: list[BadLine]) -> Iterable[int]:
    """Each zone is changed once, by all of its lines."""
    for parts, row in _edits(lines, services, bad):
        try:
            yield from apply_edits(door, row, [edit for _, edit in parts], f"import of {len(parts)} records")
        except Refused as error:
            bad.append(_bad(parts[0][0], error))


def _edits(
    lines: Iterable[ItemLine], services: dict[str, Service], bad: list[BadLine]
) -> Iterable[tuple[list[tuple[ItemLine, Edit]], Service]]:
    """The lines of each zone, as edits of it."""
    edits: dict[str, list[tuple[ItemLine, Edit]]] = defaultdict(list)
    for line in lines:
        if (row := services.get(line.service)) is not None:
            said = line.fields
            try:
                record = read_record(
                    row.domain, line.name, said.get("type", "A"), said.get("value", ""),
                    said.get("priority"), said.get("ttl"),
                )  # fmt: skip
            except Refused as error:
                bad.append(_bad(line, error))
            else:
                edits[line.service].append((line, add(record)))
    return [(parts, services[key]) for key, parts in edits.items()]


def _bad(line: ItemLine, error: Refused) -> BadLine:
    field = error.field if isinstance(error, Invalid) else error.where
    return BadLine(line.number, line.name or line.service, field, error.text, error.code)
