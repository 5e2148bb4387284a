"""What can be done with backups: taken, put back, deleted; each says before what it comes to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TypeGuard

from rich.text import Text

from hostdeck.core.domain.items import ItemKind
from hostdeck.core.intents import backup_proofs as proofs
from hostdeck.core.intents import backups as wishes
from hostdeck.core.queries.items import ItemRow
from hostdeck.core.queries.views import ServiceDetail
from hostdeck.screens.base import DeckScreen
from hostdeck.tui.theme import Tone
from hostdeck.tui.widgets.dialogs import Confirm
from hostdeck.tui.widgets.plan_dialog import PlanDialog
from hostdeck.tui.widgets.words import inert, muted, toned

Wish = Callable[[DeckScreen, ServiceDetail, ItemKind, ItemRow | None], None]


def new(screen: DeckScreen, service: ServiceDetail, kind: ItemKind, row: ItemRow | None) -> None:
    def answered(sure: bool | None) -> None:
        if sure:
            screen.ask(
                lambda: wishes.take_backup(screen.deck.door, service.id),
                lambda begun: screen.say(f"{len(begun.tasks)} on the way; {'; '.join(begun.said)}"),
            )

    lines = (
        "The node's own queue takes it, every five minutes, of each account with a website or mailboxes.",
        "Where the node keeps as many as the product allows, the oldest goes.",
    )
    screen.app.push_screen(
        Confirm(f"Take a backup of {service.domain}?", lines, "Take it", keep="Leave it", env=screen.deck.env), answered
    )


def _is_taken(row: ItemRow | None, screen: DeckScreen) -> TypeGuard[ItemRow]:
    """Whether there is an archive under the cursor; says so where there is none."""
    if row is None or not row.known.get("archive"):
        screen.say("there is no backup here that was taken", Tone.WAITING)
        return False
    return True


def restore(screen: DeckScreen, service: ServiceDetail, kind: ItemKind, row: ItemRow | None) -> None:
    if not _is_taken(row, screen):
        return

    def answered(typed: str | None) -> None:
        if typed is not None:
            screen.ask(
                lambda: wishes.restore_backup(screen.deck.door, service.id, f"#{row.id}", sure=True),
                lambda tasks: screen.say(f"{row.name} is put back by task #{tasks[0]}"),
            )

    dialog = PlanDialog(
        f"Put {row.name} back?", tuple(_contents(row)), "Restore", typed=service.domain, env=screen.deck.env
    )
    screen.app.push_screen(dialog, answered)


def _contents(row: ItemRow) -> Iterator[Text]:
    """What is in it, and what becomes of what is there now."""
    yield toned("overwrites  what was made since and has the same name; databases are emptied first", Tone.WRONG)
    yield muted("stays       the zone: its records are published from here")
    yield inert("")
    said = row.known.get("contents")
    for part, names in said.items() if isinstance(said, Mapping) else ():
        if names:
            yield inert(f"{part:<11} {', '.join(map(str, names))}")


def prove(screen: DeckScreen, service: ServiceDetail, kind: ItemKind, row: ItemRow | None) -> None:
    """Only reads, so nothing is asked before."""
    if not _is_taken(row, screen):
        return
    screen.ask(
        lambda: proofs.prove_backup(screen.deck.door, service.id, f"#{row.id}"),
        lambda tasks: screen.say(f"task #{tasks[0]} reads it to its end; what it finds stands under the list"),
    )


def try_out(screen: DeckScreen, service: ServiceDetail, kind: ItemKind, row: ItemRow | None) -> None:
    """It takes room and time on the node, so it says what it comes to."""
    if not _is_taken(row, screen):
        return

    def answered(sure: bool | None) -> None:
        if sure:
            screen.ask(
                lambda: proofs.try_backup(screen.deck.door, service.id, f"#{row.id}"),
                lambda tasks: screen.say(f"task #{tasks[0]} restores it; what came back stands under the list"),
            )

    lines = (
        f"On {row.server or 'its node'}, as a scratch user in a sandbox: files are unpacked, databases loaded into "
        "servers of its own and counted, and all of it goes again. What the customer has is not touched.",
    )
    heading = f"Restore {row.name} for trial?"
    screen.app.push_screen(Confirm(heading, lines, "Try it", keep="Leave it", env=screen.deck.env), answered)


def remove(screen: DeckScreen, service: ServiceDetail, kind: ItemKind, row: ItemRow | None) -> None:
    if row is None:
        screen.say("there is no backup to delete", Tone.WAITING)
        return

    def answered(sure: bool | None) -> None:
        if sure:
            screen.ask(
                lambda: wishes.remove_backup(screen.deck.door, service.id, f"#{row.id}"),
                lambda tasks: screen.say(f"{row.name} goes by task #{tasks[0]}"),
            )

    lines = (f"The archive goes from {row.server or 'its node'}, for good.",)
    screen.app.push_screen(Confirm(f"Delete {row.name}?", lines, "Delete", env=screen.deck.env), answered)


DEEDS: Mapping[str, Wish] = {"new": new, "restore": restore, "prove": prove, "try": try_out, "remove": remove}
