"""What can be done with a server: the same from the list and from its own screen."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from hostdeck.core.domain.vocabulary import ServerStatus
from hostdeck.core.intents import fleet as wishes
from hostdeck.core.queries.views import ServerRow
from hostdeck.screens.base import DeckScreen
from hostdeck.screens.server_host_key import compare
from hostdeck.tui.theme import Tone
from hostdeck.tui.widgets.plan_dialog import PlanDialog
from hostdeck.tui.widgets.words import inert, plural, toned


def check(screen: DeckScreen, name: str, then: Callable[[int], None] | None = None) -> None:
    """Queues a check; without `then` it says which task that is."""

    def queued(task: int) -> None:
        if then is not None:
            then(task)
        else:
            screen.say(f"{name}: task #{task} checks it; Enter on the server shows how it goes")

    if screen.may_change():
        screen.ask(lambda: wishes.check_server(screen.deck.door, name), queued)


def collect(screen: DeckScreen, names: Sequence[str]) -> None:
    if names and screen.may_change():
        screen.ask(
            lambda: wishes.refresh_servers(screen.deck.door, names),
            lambda tasks: screen.say(f"{plural(len(tasks), 'server')} will be asked for figures"),
        )


def turn(screen: DeckScreen, row: ServerRow) -> None:
    """An active server drains, any other takes accounts again."""
    if row.status is ServerStatus.ACTIVE:
        drain(screen, row)
    else:
        activate(screen, row)


def drain(screen: DeckScreen, row: ServerRow) -> None:
    _set(screen, row, ServerStatus.DRAINING, "drains: it keeps what it has and takes nothing new; u activates it")


def disable(screen: DeckScreen, row: ServerRow) -> None:
    _set(screen, row, ServerStatus.DISABLED, "is disabled: nothing is placed on it; u activates it")


def activate(screen: DeckScreen, row: ServerRow) -> None:
    """Its host key is looked at first: one that changed must be compared by somebody."""

    def compared(line: str) -> None:
        screen.ask(
            lambda: wishes.activate_server(screen.deck.door, row.name, line),
            lambda _: screen.say(f"{row.name} is active and takes accounts"),
        )

    if screen.may_change():
        screen.run_worker(compare(screen, row.name, row.hostname, row.ssh_port, compared, known=row.host_key))


def _set(screen: DeckScreen, row: ServerRow, status: ServerStatus, words: str) -> None:
    if screen.may_change():
        screen.ask(
            lambda: wishes.set_server_status(screen.deck.door, row.name, status),
            lambda _: screen.say(f"{row.name} {words}"),
        )


def remove(screen: DeckScreen, row: ServerRow, then: Callable[[], None] = lambda: None) -> None:
    """Asks for its name; what stands on it is the intent's to refuse."""
    if not screen.may_change():
        return

    def gone(_: None) -> None:
        then()
        screen.app.call_after_refresh(screen.app.notify, f"{row.name} is removed; the node itself was not touched")

    def answered(typed: str | None) -> None:
        if typed is not None:
            screen.ask(lambda: wishes.remove_server(screen.deck.door, row.name), gone)

    lines = (
        toned(f"forgets   {row.name}, its credential, its figures", Tone.WRONG),
        inert(f"leaves    the node at {row.hostname} as it is"),
        inert("refused   while accounts, zones or work of ours stand on it"),
        inert(""),
    )
    screen.app.push_screen(
        PlanDialog(f"Remove {row.name}?", lines, "Remove", typed=row.name, env=screen.deck.env), answered
    )
