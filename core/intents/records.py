"""The zone editor: records added, changed, removed and taken back. The whole zone is checked first, kept as it was,
and published as a whole on every nameserver.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from hostdeck.core.domain.records import relative, zone_difference, zone_lines
from hostdeck.core.domain.text import safe
from hostdeck.core.domain.vocabulary import RecordType, RunKind
from hostdeck.core.domain.zone import ZoneRecord, check_zone
from hostdeck.core.errors import Conflict, Invalid, NotFound
from hostdeck.core.intents.base import Change, Door
from hostdeck.core.intents.inside import BUILDING, begin, held
from hostdeck.core.intents.waiting import waiting_task
from hostdeck.core.intents.zones import zone_tasks
from hostdeck.core.store.db import connection
from hostdeck.core.store.item_models import ZoneVersion
from hostdeck.core.store.work_models import Record, Service, Zone

VERSIONS = 50
"""Former contents that are kept of a zone."""

Edit = Callable[[tuple[ZoneRecord, ...]], tuple[ZoneRecord, ...]]


@dataclass(frozen=True, slots=True)
class ZoneDeed:
    """What an edit comes to: the difference, the whole new zone, and, once it was made, the tasks that publish it."""

    zone: str
    difference: tuple[str, ...]
    lines: tuple[str, ...]
    tasks: tuple[int, ...] = ()


def add(record: ZoneRecord) -> Edit:
    def edit(records: tuple[ZoneRecord, ...]) -> tuple[ZoneRecord, ...]:
        if any(_same(record, one) for one in records):
            raise Conflict("record", f"{record.name} {record.type} {record.value} is there already", "ITEM_TAKEN")
        return (*records, record)

    return edit


def change(old: ZoneRecord, new: ZoneRecord) -> Edit:
    def edit(records: tuple[ZoneRecord, ...]) -> tuple[ZoneRecord, ...]:
        _refuse_missing(records, old)
        return tuple(new if one == old else one for one in records)

    return edit


def remove(old: ZoneRecord) -> Edit:
    def edit(records: tuple[ZoneRecord, ...]) -> tuple[ZoneRecord, ...]:
        _refuse_missing(records, old)
        return tuple(one for one in records if one != old)

    return edit


def _same(one: ZoneRecord, other: ZoneRecord) -> bool:
    return (one.name, one.type, one.value) == (other.name, other.type, other.value)


def _refuse_missing(records: tuple[ZoneRecord, ...], old: ZoneRecord) -> None:
    if old not in records:
        raise Conflict("record", f"{old.name} {old.type} {old.value} is there no more; look again", "ITEM_GONE")


def plan_edit(door: Door, service: int, edit: Edit) -> ZoneDeed:
    """What `edit_zone` would do; writes nothing. Raises the same refusals."""
    with connection():
        row = Service.get_or_none(Service.id == service)
        if row is None:
            raise NotFound("service", f"there is no service #{service}")
        return _drawn(row, _zone_of(row), edit)[0]


def edit_zone(door: Door, service: int, edit: Edit, what: str) -> ZoneDeed:
    """Writes the records and one task a nameserver. Invalid [ZONE_*] where the zone would not load."""
    with door.change("zone.edit", f"service #{service}") as change:
        row = held(service, also=BUILDING)
        zone = _zone_of(row)
        return _write(change, row, zone, edit, lambda before, after: _keep(door, zone, what, before, after))


def plan_edits(row: Service, edits: Sequence[Edit]) -> None:
    """Raises what `apply_edits` would; writes nothing."""
    _drawn(row, _zone_of(row), _all_of(edits))


def apply_edits(door: Door, row: Service, edits: Sequence[Edit], what: str) -> tuple[int, ...]:
    """Several edits of a zone as one, of a service that is held already, inside a change that is under way."""
    zone = _zone_of(row)
    before = _held(zone)
    _, records = _drawn(row, zone, _all_of(edits))
    _keep(door, zone, what, before, records)
    _write_records(zone, records)
    return _publish(row)


def _all_of(edits: Sequence[Edit]) -> Edit:
    def all_of_them(records: tuple[ZoneRecord, ...]) -> tuple[ZoneRecord, ...]:
        for edit in edits:
            records = edit(records)
        return records

    return all_of_them


Kept = Callable[[tuple[ZoneRecord, ...], tuple[ZoneRecord, ...]], None]


def _write(change: Change, row: Service, zone: Zone, edit: Edit, keep: Kept | None = None) -> ZoneDeed:
    before = _held(zone)
    deed, records = _drawn(row, zone, edit)
    if keep is not None:
        keep(before, records)
    _write_records(zone, records)
    change.object, change.detail = f"zone {zone.name}", {"difference": list(deed.difference)}
    return ZoneDeed(deed.zone, deed.difference, deed.lines, _publish(row))


def _write_records(zone: Zone, records: Sequence[ZoneRecord]) -> None:
    """Rows that stay keep their numbers."""
    standing = {_record(one): one for one in Record.select().where(Record.zone == zone)}
    for one in set(standing) - set(records):
        standing[one].delete_instance()
    for one in sorted(set(records) - set(standing)):
        Record.create(zone=zone, name=one.name, type=one.type, value=one.value, priority=one.priority, ttl=one.ttl)


def plan_undo(door: Door, service: int) -> ZoneDeed:
    """What `undo_edit` would do; writes nothing. Raises the same refusals."""
    with connection():
        row = Service.get_or_none(Service.id == service)
        if row is None:
            raise NotFound("service", f"there is no service #{service}")
        zone = _zone_of(row)
        return _drawn(row, zone, _undoing(_version_to_undo(zone)))[0]


def undo_edit(door: Door, service: int) -> ZoneDeed:
    """Takes back what the last edit changed, and that alone: what was written beside it since stays. Conflict where
    nothing is kept, or where somebody has changed the same records meanwhile."""
    with door.change("zone.undo", f"service #{service}") as change:
        row = held(service, also=BUILDING)
        zone = _zone_of(row)
        version = _version_to_undo(zone)
        deed = _write(change, row, zone, _undoing(version))
        # It is not kept once more: undoing again takes back the edit before it.
        version.delete_instance()
        return deed


def _undoing(version: ZoneVersion) -> Edit:
    before, after = (frozenset(map(_read, kept)) for kept in (version.records, version.after))

    def edit(records: tuple[ZoneRecord, ...]) -> tuple[ZoneRecord, ...]:
        gone = after - before - set(records)
        if gone:
            one = min(gone)
            text = f"'{version.what}' can't be taken back: {one.name} {one.type} {one.value} was changed since"
            raise Conflict("zone", text, "ZONE_VERSION")
        return tuple(sorted((set(records) - (after - before)) | (before - after)))

    return edit


def find_record(service: int, key: str) -> ZoneRecord:
    """A record by its number, or by `NAME TYPE [VALUE]` where that is one alone."""
    with connection():
        row = Service.get_or_none(Service.id == service)
        zone = _zone_of(row) if row else None
        if zone is None:
            raise NotFound("service", f"there is no service #{service}")
        rows = list(Record.select().where(Record.zone == zone).order_by(Record.id))
        words = key.split(None, 2)
        if len(words) == 1 and words[0].lstrip("#").isdigit():
            found = [one for one in rows if one.id == int(words[0].lstrip("#"))]
        elif len(words) >= 2 and words[1].upper() in list(RecordType):
            name = relative(zone.name, words[0])
            found = [one for one in rows if one.name == name and one.type == words[1].upper()]
            found = [one for one in found if len(words) < 3 or one.value == words[2]]
        else:
            raise Invalid("record", "give its number, or NAME TYPE, or NAME TYPE VALUE", "ZONE_KEY")
        if not found:
            raise NotFound("record", f"{zone.name} has no '{safe(key)}'; see: hostdeck service items {service} record")
        if len(found) > 1:
            numbers = ", ".join(f"#{one.id}" for one in found)
            raise Conflict("record", f"'{safe(key)}' are {len(found)} records: {numbers}; give one number", "ZONE_KEY")
        return _record(found[0])


def _zone_of(row: Service) -> Zone:
    zone = Zone.get_or_none(Zone.service == row, Zone.name == row.domain)
    if zone is None:
        raise Conflict("service", f"{row.domain} has no zone of its own", "ITEM_ROLE_OFF")
    found: Zone = zone
    return found


def _drawn(row: Service, zone: Zone, edit: Edit) -> tuple[ZoneDeed, tuple[ZoneRecord, ...]]:
    old = _held(zone)
    new = check_zone(zone.name, edit(old))
    limit = row.limits.get("dns_records", "unlimited")
    if limit.isdigit() and len(new) > max(int(limit), len(old)):
        text = f"{len(old)} of {limit} records are used; remove one, or change the product [dns_records]"
        raise Conflict("record", text, "ITEM_LIMIT")
    return ZoneDeed(zone.name, zone_difference(old, new), zone_lines(new)), new


def _record(row: Record) -> ZoneRecord:
    return ZoneRecord(row.name, row.type, row.value, row.priority, row.ttl)


def _held(zone: Zone) -> tuple[ZoneRecord, ...]:
    return tuple(_record(one) for one in Record.select().where(Record.zone == zone))


def _keep(door: Door, zone: Zone, what: str, before: Iterable[ZoneRecord], after: Iterable[ZoneRecord]) -> None:
    kept = [
        [[one.name, str(one.type), one.value, one.priority, one.ttl] for one in sorted(records)]
        for records in (before, after)
    ]
    ZoneVersion.create(zone=zone, actor=door.actor[:128], what=what[:400], records=kept[0], after=kept[1])
    newest = ZoneVersion.select(ZoneVersion.id).where(ZoneVersion.zone == zone).order_by(ZoneVersion.id.desc())
    ids = [one.id for one in newest.limit(VERSIONS)]
    ZoneVersion.delete().where(ZoneVersion.zone == zone, ZoneVersion.id.not_in(ids)).execute()


def _version_to_undo(zone: Zone) -> ZoneVersion:
    last = ZoneVersion.select().where(ZoneVersion.zone == zone).order_by(ZoneVersion.id.desc()).first()
    if last is None:
        raise Conflict("zone", f"nothing was changed in zone {zone.name} yet", "ZONE_VERSION")
    version: ZoneVersion = last
    return version


def _read(item: list[object]) -> ZoneRecord:
    name, kind, value, priority, ttl = item
    return ZoneRecord(str(name), RecordType(str(kind)), str(value), None if priority is None else int(str(priority)),
                      int(str(ttl)))  # fmt: skip


def _publish(row: Service) -> tuple[int, ...]:
    """One task a nameserver, side by side; where the zone is being built, each waits for that. One that has not begun
    since an edit before takes this one with it."""
    planned = zone_tasks(row, ())
    waiting = {task.server.id: waiting_task(row, task) for task in planned}
    begun = [found.id for found in waiting.values() if found is not None]
    new = [task for task in planned if waiting[task.server.id] is None]
    return (*begun, *begin(row, new, RunKind.ZONE)) if new else tuple(begun)
