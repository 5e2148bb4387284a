"""`z` and `:undo N`: what one's last wish, or that of a number, has queued and nobody has begun is taken back, once it
was read and confirmed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hostdeck.core.domain.askers import age
from hostdeck.core.intents.undo import Undone, undo
from hostdeck.core.queries.undo import Undoable, undoable
from hostdeck.core.queries.views import TaskRow
from hostdeck.screens.base import DeckScreen
from hostdeck.tui.theme import Tone
from hostdeck.tui.widgets.dialogs import Confirm
from hostdeck.tui.widgets.words import plural

NAMED = 4
"""Tasks that the question names; the others are counted."""
WIDE = 56
"""Letters of a line of a dialog."""


def offer(screen: DeckScreen, wish: int | None = None) -> None:
    """`wish`: the number of its line in the audit; the last one of one's own without it."""
    if screen.may_change():
        screen.run_worker(_offer(screen, wish))


async def _offer(screen: DeckScreen, number: int | None) -> None:
    actor, now = screen.deck.door.actor, screen.deck.clock()
    try:
        found = await screen.deck.feed.read(lambda: undoable(actor, wish=number, now=now))
    except screen.refusals as error:
        screen.say(str(error), Tone.WRONG)
        return
    if found is None:
        none = "you have not wished anything yet that could be undone"
        screen.say(none if number is None else f"there is no wish #{number}; 8 lists them", Tone.WAITING)
    elif found.actor != actor[:128]:
        wish = f"wish #{found.wish}, {found.intent} {found.object}"
        screen.say(f"{wish}, is {found.actor}'s; it is theirs to undo", Tone.WAITING)
    elif not found.count:
        wish = f"{_which(found, number)}, {found.intent} {found.object}"
        screen.say(f"{wish}, {age(found.at, now)} ago, has begun or ended; nothing of it waits", Tone.WAITING)
    else:
        _ask(screen, found, number)


def _which(found: Undoable, number: int | None) -> str:
    return "your last wish" if number is None else f"your wish #{found.wish}"


def _ask(screen: DeckScreen, found: Undoable, number: int | None) -> None:
    wish, ago = f"{found.intent} {found.object}", age(found.at, screen.deck.clock())
    lines = [f"{wish}, {ago} ago", "", "Will not run:", *_said(found.cancels, found.count)]
    if found.stays:
        lines += ["Has begun and stays:", *_said(found.stays, len(found.stays))]

    def answered(sure: bool | None) -> None:
        if sure:
            screen.ask(lambda: undo(screen.deck.door, found.wish), lambda done: screen.say(_words(done)))

    question = f"Undo {_which(found, number)}: {plural(found.count, 'task')}?"
    screen.app.push_screen(Confirm(question, lines, "Undo it", env=screen.deck.env), answered)


def _said(tasks: Sequence[TaskRow], count: int) -> Iterator[str]:
    """At most so many as a dialog has room for, each on one line; whose they are where they are several services'."""
    several = len({task.domain for task in tasks}) > 1
    for task in tasks[:NAMED]:
        place = [task.server or task.target, *([task.domain] if several and task.domain else [])]
        line = f"  #{task.id} {task.label}, {' '.join(place)}"
        yield line if len(line) <= WIDE else f"{line[: WIDE - 1]}…"
    if count > NAMED:
        yield f"  and {count - NAMED} more"


def _words(done: Undone) -> str:
    stays = f"; {plural(len(done.stays), 'task')} had begun and {'stays' if len(done.stays) == 1 else 'stay'}"
    return f"{plural(len(done.cancelled), 'task')} taken back: {done.became}{stays if done.stays else ''}"
