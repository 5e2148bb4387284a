"""The zone editor: a record added, changed or removed, the last edit taken back. Each shows the difference and the
whole new zone before anything is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from rich.text import Text

from hostdeck.core.domain.items import ItemKind
from hostdeck.core.domain.records import read_record
from hostdeck.core.domain.vocabulary import RecordType
from hostdeck.core.domain.zone import ZoneRecord
from hostdeck.core.intents import records as wishes
from hostdeck.core.intents.records import Edit, ZoneDeed
from hostdeck.core.queries.items import ItemRow
from hostdeck.core.queries.views import ServiceDetail
from hostdeck.screens.base import DeckScreen
from hostdeck.screens.item_form import ItemForm
from hostdeck.tui.theme import Tone
from hostdeck.tui.widgets.plan_dialog import PlanDialog
from hostdeck.tui.widgets.words import inert, muted, plural, toned

if TYPE_CHECKING:
    from hostdeck.screens.item_wishes import Wish


def record_of(row: ItemRow) -> ZoneRecord:
    return ZoneRecord(
        row.name, RecordType(row.field("type")), row.field("value"), row.field("priority"), row.field("ttl")
    )


def preview(deed: ZoneDeed) -> list[Text]:
    """What goes and what comes first, then the zone as it would be."""
    tones = {"-": Tone.WRONG, "+": Tone.OK}
    lines = [toned(line, tones.get(line[:1], Tone.PLAIN)) for line in deed.difference]
    if not lines:
        lines = [muted("no record differs; it is published again as it is")]
    lines += [inert(""), muted(f"zone {deed.zone} as it will be, {plural(len(deed.lines), 'record')}:")]
    return lines + [inert(f"  {line}") for line in deed.lines]


def _offer(screen: DeckScreen, deed: ZoneDeed, send: Callable[[], None], word: str = "Publish it") -> None:
    """The deed is under the cursor: each edit can be taken back by `z`."""
    dialog = PlanDialog(f"Change zone {deed.zone}?", preview(deed), word, env=screen.deck.env, ready=True)
    screen.app.push_screen(dialog, lambda answer: send() if answer is not None else None)


def _sent(deed: ZoneDeed) -> str:
    count = plural(len(deed.tasks), "nameserver")
    return f"zone {deed.zone} is changed and goes to {count}; z takes it back"


def _form(screen: DeckScreen, service: ServiceDetail, row: ItemRow | None) -> None:
    old = record_of(row) if row is not None else None

    def edit(form: ItemForm) -> tuple[Edit, str]:
        text = form.fields.text
        record = read_record(service.domain, text("name"), text("type"), text("value"), text("priority"), text("ttl"))
        said = f"{record.name} {record.type}"
        return (wishes.add(record), f"add {said}") if old is None else (wishes.change(old, record), f"change {said}")

    def save(form: ItemForm) -> None:
        def planned() -> tuple[ZoneDeed, Edit, str]:
            made, what = edit(form)
            return wishes.plan_edit(form.deck.door, service.id, made), made, what

        def shown(answer: tuple[ZoneDeed, Edit, str]) -> None:
            deed, made, what = answer
            if not deed.difference:
                form.say("nothing is changed; esc goes back", Tone.WAITING)
                return

            def send() -> None:
                form.ask_here(
                    lambda: wishes.edit_zone(form.deck.door, service.id, made, what),
                    lambda done: form.leave(_sent(done)),
                )

            _offer(form, deed, send)

        form.ask_here(planned, shown)

    title = "New record" if old is None else f"Record {old.name} {old.type}"
    screen.app.push_screen(ItemForm(ItemKind.RECORD, title, service.domain, row, save))


def new(screen: DeckScreen, service: ServiceDetail, kind: ItemKind, row: ItemRow | None) -> None:
    _form(screen, service, None)


def edit(screen: DeckScreen, service: ServiceDetail, kind: ItemKind, row: ItemRow | None) -> None:
    if row is None:
        screen.say("there is no record to edit; n adds one", Tone.WAITING)
    else:
        _form(screen, service, row)


def remove(screen: DeckScreen, service: ServiceDetail, kind: ItemKind, row: ItemRow | None) -> None:
    if row is None:
        screen.say("there is no record to remove", Tone.WAITING)
        return
    old, door = record_of(row), screen.deck.door
    made, what = wishes.remove(old), f"remove {old.name} {old.type}"

    def send() -> None:
        screen.ask(lambda: wishes.edit_zone(door, service.id, made, what), lambda done: screen.say(_sent(done)))

    screen.ask(lambda: wishes.plan_edit(door, service.id, made), lambda deed: _offer(screen, deed, send, "Remove it"))


def undo(screen: DeckScreen, service: ServiceDetail, kind: ItemKind, row: ItemRow | None) -> None:
    """Takes back the last edit; once more takes back the one before it."""
    door = screen.deck.door

    def send() -> None:
        screen.ask(lambda: wishes.undo_edit(door, service.id), lambda done: screen.say(_undone(done)))

    screen.ask(lambda: wishes.plan_undo(door, service.id), lambda deed: _offer(screen, deed, send, "Take it back"))


def _undone(deed: ZoneDeed) -> str:
    return f"zone {deed.zone} is as it was before; it goes to {plural(len(deed.tasks), 'nameserver')}"


DEEDS: Mapping[str, Wish] = {"new": new, "edit": edit, "remove": remove, "undo": undo}
