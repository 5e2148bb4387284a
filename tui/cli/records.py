"""`hostdeck service add|change|remove record` and `undo-zone`: the zone editor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from hostdeck.tui.cli import output
from hostdeck.tui.cli.given import given
from hostdeck.tui.cli.item_words import Item, Service, Timeout, Wait
from hostdeck.tui.cli.services import service
from hostdeck.tui.cli.session import opened, refuse_read_only
from hostdeck.tui.cli.shape import verb

if TYPE_CHECKING:
    from hostdeck.core.intents.base import Door
    from hostdeck.core.intents.records import Edit, ZoneDeed

Plan = Annotated[bool, typer.Option("--plan", help="Say what would change in the zone; change nothing.")]
Priority = Annotated[str | None, typer.Option(metavar="N", help="Of MX and SRV.")]
Ttl = Annotated[str | None, typer.Option(metavar="S", help="Seconds a resolver may keep it.")]


TOLD = ("id", "server", "status", "error")


def register(add: typer.Typer, change: typer.Typer) -> None:
    """Puts the verbs about records into the tables of all kinds."""
    verb(add, "record", "hostdeck service add record customer.com www A 192.0.2.10 --ttl 300 --plan")(add_record)
    verb(change, "record", "hostdeck service change record customer.com 'www A' --value 192.0.2.11")(change_record)


def add_record(
    key: Service,
    name: Annotated[str, typer.Argument(metavar="NAME", help="@ is the domain itself.", show_default=False)],
    kind: Annotated[str, typer.Argument(metavar="TYPE", show_default=False)],
    value: Annotated[str, typer.Argument(metavar="VALUE", show_default=False)],
    priority: Priority = None,
    ttl: Ttl = None,
    plan: Plan = False,
    wait: Wait = False,
    timeout: Timeout = 900,
) -> int:
    """A record; the whole zone is checked before it is sent."""
    from hostdeck.core.domain.records import read_record
    from hostdeck.core.intents.records import add

    with opened() as door:
        if not plan:
            refuse_read_only("zone.edit", door.read_only)
        number, domain = _zone(key)
        record = read_record(domain, name, kind, value, priority, ttl)
        what = f"add {record.name} {record.type}"
        return _carry(door, number, add(record), what, plan, wait, timeout)


def change_record(
    key: Service,
    item: Item,
    name: Annotated[str | None, typer.Option(help="Another name.")] = None,
    kind: Annotated[str | None, typer.Option("--type", metavar="TYPE")] = None,
    value: Annotated[str | None, typer.Option()] = None,
    priority: Priority = None,
    ttl: Ttl = None,
    plan: Plan = False,
    wait: Wait = False,
    timeout: Timeout = 900,
) -> int:
    """Change a record, found by its number, by NAME TYPE, or by NAME TYPE VALUE."""
    from hostdeck.core.domain.records import read_record
    from hostdeck.core.intents.records import change, find_record

    with opened() as door:
        if not plan:
            refuse_read_only("zone.edit", door.read_only)
        number, domain = _zone(key)
        old = find_record(number, item)
        new = read_record(
            domain,
            old.name if name is None else name,
            old.type if kind is None else kind,
            old.value if value is None else value,
            old.priority if priority is None else priority,
            old.ttl if ttl is None else ttl,
        )
        return _carry(door, number, change(old, new), f"change {old.name} {old.type}", plan, wait, timeout)


def remove(key: str, item: str, plan: bool, wait: bool, timeout: float) -> int:
    """A record, found as change finds it."""
    from hostdeck.core.intents.records import find_record
    from hostdeck.core.intents.records import remove as removed

    with opened() as door:
        if not plan:
            refuse_read_only("zone.edit", door.read_only)
        number, _ = _zone(key)
        old = find_record(number, item)
        return _carry(door, number, removed(old), f"remove {old.name} {old.type}", plan, wait, timeout)


@verb(service, "undo-zone", "hostdeck service undo-zone customer.com --wait")
def service_undo_zone(key: Service, wait: Wait = False, timeout: Timeout = 900) -> int:
    """Put back what the zone held before its last edit; again: before the edit before."""
    from hostdeck.core.intents.records import undo_edit

    with opened() as door:
        refuse_read_only("zone.undo", door.read_only)
        number, _ = _zone(key)
        return _show(undo_edit(door, number), wait, timeout)


def _zone(key: str) -> tuple[int, str]:
    from hostdeck.core.queries.services import service as found

    row = found(key)
    return row.id, row.domain


def _carry(door: Door, number: int, edit: Edit, what: str, plan: bool, wait: bool, timeout: float) -> int:
    from hostdeck.core.intents.records import edit_zone, plan_edit

    if plan:
        return _show(plan_edit(door, number, edit), False, timeout)
    return _show(edit_zone(door, number, edit, what), wait, timeout)


def _show(deed: ZoneDeed, wait: bool, timeout: float) -> int:
    """The difference, and the tasks that publish it."""
    from hostdeck.core.domain.vocabulary import DONE
    from hostdeck.core.queries.tasks import task
    from hostdeck.tui.cli.waiting import wait_for_tasks

    done = wait_for_tasks(deed.tasks, timeout) if wait else tuple(task(number) for number in deed.tasks)
    if given.json:
        output.document(
            {
                "zone": deed.zone,
                "difference": deed.difference,
                "lines": deed.lines,
                "tasks": [
                    {"id": row.id, "server": row.server, "status": row.status, "error": row.error} for row in done
                ],
            }
        )
    else:
        for line in deed.difference or ("nothing differs",):
            output.text(line)
        for row in done:
            output.text(f"task #{row.id} {row.server}: {row.status}" + (f": {row.error}" if row.error else ""))
    return 0 if not wait or all(row.status in DONE for row in done) else 1
