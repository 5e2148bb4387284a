"""A certificate of one's own on the SSL tab: read from files of this machine, checked whole, then installed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from hostdeck.core.domain.items import ItemKind
from hostdeck.core.domain.text import safe
from hostdeck.core.domain.vocabulary import Role
from hostdeck.core.errors import Invalid
from hostdeck.core.intents import own_certificates as wishes
from hostdeck.core.intents.own_certificates import AddedCertificate
from hostdeck.core.queries.items import ItemRow
from hostdeck.core.queries.views import ServiceDetail
from hostdeck.screens.base import DeckScreen
from hostdeck.screens.item_form import ItemForm
from hostdeck.tui.theme import Tone
from hostdeck.tui.widgets.dialogs import Confirm

Wish = Callable[[DeckScreen, ServiceDetail, ItemKind, ItemRow | None], None]
LIMIT = 65_536


def new(screen: DeckScreen, service: ServiceDetail, kind: ItemKind, row: ItemRow | None) -> None:
    def save(form: ItemForm) -> None:
        typed = form.fields.fields(changed=False)
        form.ask_here(lambda: _add(form, service, typed), lambda added: _told(form, added))

    title = "A certificate of one's own, instead of Let's Encrypt's"
    screen.app.push_screen(ItemForm(kind, title, service.domain, None, save))


def _add(form: ItemForm, service: ServiceDetail, typed: Mapping[str, str]) -> AddedCertificate:
    role = Role.MAIL if typed["role"] == "mail" else Role.WEB
    if typed["role"] not in ("web", "mail"):
        raise Invalid("role", "use web or mail", "CRT_ROLE")
    cert, key, chain = (_text(field, typed[field]) for field in ("cert", "key", "chain"))
    return wishes.add_certificate(form.deck.door, service.id, cert, key, chain, role)


def _text(key: str, path: str) -> str:
    if not path:
        if key == "chain":
            return ""
        raise Invalid(key, "is required", "CRT_FILE")
    try:
        with Path(path).expanduser().open("rb") as file:
            raw = file.read(LIMIT + 1)
        if len(raw) > LIMIT:
            raise Invalid(key, f"is longer than {LIMIT} bytes", "CRT_FILE")
        return raw.decode()
    except (OSError, RuntimeError) as error:
        raise Invalid(key, f"{safe(path)}: {getattr(error, 'strerror', None) or error}", "CRT_FILE") from None
    except UnicodeDecodeError:
        raise Invalid(key, "is not PEM text", "CRT_FILE") from None


def _told(form: ItemForm, added: AddedCertificate) -> None:
    form.leave("; ".join((f"task #{added.task} installs it", *added.warnings)))


def remove(screen: DeckScreen, service: ServiceDetail, kind: ItemKind, row: ItemRow | None) -> None:
    if row is None:
        screen.say("there is no certificate of one's own to remove; n installs one", Tone.WAITING)
        return

    def answered(sure: bool | None) -> None:
        if sure:
            screen.ask(
                lambda: wishes.remove_certificate(screen.deck.door, service.id, Role(row.name)),
                lambda tasks: screen.say(f"it goes by task #{tasks[0]}; Let's Encrypt's is ordered then"),
            )

    lines = ("The site has none until Let's Encrypt's is there; its key goes from here too.",)
    screen.app.push_screen(
        Confirm(f"Remove the {row.name} certificate of {service.domain}?", lines, "Remove", env=screen.deck.env),
        answered,
    )


DEEDS: Mapping[str, Wish] = {"new": new, "remove": remove}
