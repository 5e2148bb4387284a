"""What can be done with what is inside a service, by kind: the same keys on every tab that lists items."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from hostdeck.core.domain.item_fields import FIELDS
from hostdeck.core.domain.items import KINDS, ItemKind
from hostdeck.core.intents import items as wishes
from hostdeck.core.intents.items import Deed
from hostdeck.core.queries.items import ItemRow
from hostdeck.core.queries.views import ServiceDetail
from hostdeck.screens import backup_wishes, certificate_wishes, record_wishes
from hostdeck.screens.base import DeckScreen
from hostdeck.screens.item_form import ItemForm
from hostdeck.screens.service_settings import to_edit
from hostdeck.tui.theme import Tone
from hostdeck.tui.widgets.dialogs import Confirm
from hostdeck.tui.widgets.password_dialog import PasswordDialog
from hostdeck.tui.widgets.plan_dialog import PlanDialog
from hostdeck.tui.widgets.words import inert, muted, toned

Wish = Callable[[DeckScreen, ServiceDetail, ItemKind, ItemRow | None], None]
"""`row` is the one under the cursor, None where the list is empty."""

GOES = {
    ItemKind.MAILBOX: "its mail on the node, for good; its forwards and aliases with it",
    ItemKind.DATABASE: "its tables and all that is in them, for good; and its user",
}
"""Kinds with data that nothing brings back: their name is typed."""

STAYS = {
    ItemKind.FTP: "The files stay; nobody logs in with it any more.",
    ItemKind.CRON: "It does not run any more; the website's files stay.",
}


def called(row: ItemRow) -> str:
    """What people call it."""
    return f"{row.name}@{row.domain}" if row.kind is ItemKind.MAILBOX else row.name


def new(screen: DeckScreen, service: ServiceDetail, kind: ItemKind, row: ItemRow | None) -> None:
    def save(form: ItemForm) -> None:
        name, fields, password = form.fields.name_typed, form.fields.fields(changed=False), form.fields.password
        form.ask_here(
            lambda: wishes.add_item(form.deck.door, service.id, kind, name, fields, password),
            lambda deed: told(form, deed, service.domain),
        )

    screen.app.push_screen(ItemForm(kind, f"New {KINDS[kind].noun}", service.domain, None, save))


def edit(screen: DeckScreen, service: ServiceDetail, kind: ItemKind, row: ItemRow | None) -> None:
    """Settings may have no row yet: what is typed becomes their first."""

    def save(form: ItemForm) -> None:
        fields = form.fields.fields(changed=True)
        if not fields:
            form.say("nothing is changed; esc goes back", Tone.WAITING)
            return
        key = f"#{row.id}" if row is not None else ""
        form.ask_here(
            lambda: wishes.change_item(form.deck.door, service.id, kind, key, fields),
            lambda deed: told(form, deed, service.domain),
        )

    if row is None:
        screen.say(f"there is no {KINDS[kind].noun} to edit; n makes one", Tone.WAITING)
    else:
        row = to_edit(service, row)
        title = f"{KINDS[kind].noun.capitalize() if KINDS[kind].noun.islower() else KINDS[kind].noun} {called(row)}"
        screen.app.push_screen(ItemForm(kind, title, service.domain, row, save))


def told(form: ItemForm, deed: Deed, domain: str) -> None:
    """Back to the list; a password that was made is shown over it."""
    name = f"{deed.name}@{domain}" if deed.kind is ItemKind.MAILBOX else deed.name
    form.leave(f"{KINDS[deed.kind].noun} {name} is kept; task #{deed.task} sees to it")
    show_password(form, name, deed)


def show_password(screen: DeckScreen, name: str, deed: Deed) -> None:
    if deed.password is not None:
        screen.app.call_after_refresh(screen.app.push_screen, PasswordDialog(name, deed.password))


def password(screen: DeckScreen, service: ServiceDetail, kind: ItemKind, row: ItemRow | None) -> None:
    if row is None:
        screen.say(f"there is no {KINDS[kind].noun} to give a password", Tone.WAITING)
        return
    _new_password(screen, service, kind, f"#{row.id}", called(row))


def sold_password(screen: DeckScreen, service: ServiceDetail) -> None:
    """Of the one mailbox that a name is sold with: it stands in the provider's account, so no list has it."""
    name, _, parent = service.domain.partition(".")
    _new_password(screen, service, ItemKind.MAILBOX, "", f"{name}@{parent}")


def _new_password(screen: DeckScreen, service: ServiceDetail, kind: ItemKind, key: str, whose: str) -> None:
    def done(deed: Deed) -> None:
        screen.say(f"{whose} gets a new password by task #{deed.task}")
        show_password(screen, whose, deed)

    def answered(sure: bool | None) -> None:
        if sure:
            screen.ask(lambda: wishes.reset_password(screen.deck.door, service.id, kind, key), done)

    lines = ("The old one stops working once the task has run.", "The new one is made here and shown once.")
    screen.app.push_screen(
        Confirm(f"New password for {whose}?", lines, "New password", keep="Leave it", env=screen.deck.env),
        answered,
    )


def suspend(screen: DeckScreen, service: ServiceDetail, kind: ItemKind, row: ItemRow | None) -> None:
    """Closes it, or opens it again: nothing is lost by either."""
    if row is None:
        screen.say(f"there is no {KINDS[kind].noun} to suspend", Tone.WAITING)
        return
    closed = bool(row.field("suspended"))
    fields = {"suspended": "no" if closed else "yes"}
    word = "opened again" if closed else "suspended"
    screen.ask(
        lambda: wishes.change_item(screen.deck.door, service.id, kind, f"#{row.id}", fields),
        lambda deed: screen.say(f"{called(row)} is {word} by task #{deed.task}; u takes it back"),
    )


def remove(screen: DeckScreen, service: ServiceDetail, kind: ItemKind, row: ItemRow | None) -> None:
    noun = KINDS[kind].noun
    if row is None:
        screen.say(f"there is no {noun} to remove", Tone.WAITING)
        return

    def go() -> None:
        screen.ask(
            lambda: wishes.remove_item(screen.deck.door, service.id, kind, f"#{row.id}"),
            lambda deed: screen.say(f"{noun} {called(row)} goes by task #{deed.task}"),
        )

    question, where = f"Remove {noun} {called(row)}?", f"from {row.server or 'its node'}"
    if kind in GOES:
        lines = [toned(f"destroys  {GOES[kind]}", Tone.WRONG), inert(f"          {where}"), inert("")]
        lines.append(muted("A backup taken before may still have it."))
        dialog = PlanDialog(question, lines, "Remove", typed=row.name, env=screen.deck.env)
        screen.app.push_screen(dialog, lambda answer: go() if answer is not None else None)
    else:
        confirm = Confirm(question, (f"It goes {where}.", STAYS.get(kind, "")), "Remove", env=screen.deck.env)
        screen.app.push_screen(confirm, lambda sure: go() if sure else None)


def deeds_of(kind: ItemKind) -> Mapping[str, Wish]:
    """By the word of the key; `suspend` and `password` only where the kind has them."""
    deeds: dict[str, Wish] = {"new": new, "edit": edit, "remove": remove}
    if KINDS[kind].has_password:
        deeds["password"] = password
    if any(spec.key == "suspended" for spec in FIELDS[kind]):
        deeds["suspend"] = suspend
    return deeds


DEEDS: Mapping[ItemKind, Mapping[str, Wish]] = {
    **{kind: deeds_of(kind) for kind in (ItemKind.MAILBOX, ItemKind.DATABASE, ItemKind.FTP, ItemKind.CRON)},
    ItemKind.RECORD: record_wishes.DEEDS,
    ItemKind.WEBSITE: {"edit": edit},
    ItemKind.MAIL_DOMAIN: {"edit": edit},
    # A kind has the keys that stand here for it, and no other.
    ItemKind.BACKUP: backup_wishes.DEEDS,
    ItemKind.CERTIFICATE: certificate_wishes.DEEDS,
}
