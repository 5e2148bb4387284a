"""Retry and cancel, the same from every screen that shows tasks."""

from __future__ import annotations

from hostdeck.core.domain.vocabulary import FINAL, TaskStatus
from hostdeck.core.intents import work
from hostdeck.core.queries.views import TaskRow
from hostdeck.screens.base import DeckScreen
from hostdeck.tui.theme import Tone
from hostdeck.tui.widgets.dialogs import Confirm


def retry(screen: DeckScreen, task: TaskRow | None) -> None:
    """The failed step again, its attempts counted from nought."""
    if task is None or not screen.may_change():
        return
    if task.status is not TaskStatus.FAILED:
        screen.say(f"#{task.id} is {task.status}; only a failed task can be retried", Tone.WAITING)
        return
    screen.ask(lambda: work.retry(screen.deck.door, task.id), lambda _: screen.say(f"#{task.id} is queued again"))


def cancel(screen: DeckScreen, task: TaskRow | None) -> None:
    """Asks first; nothing is cut off on the node."""
    if task is None or not screen.may_change():
        return
    if task.status in FINAL:
        screen.say(f"#{task.id} is {task.status}; there is nothing left to cancel", Tone.WAITING)
        return
    what = f"{task.label} for {task.domain or task.target}" + (f" on {task.server}" if task.server else "")
    how = (
        "It is running: it stops when the command under way has ended."
        if task.status is TaskStatus.RUNNING
        else "It has not started: nothing happens on the node. Tasks that wait for it will not run."
    )

    def answered(sure: bool | None) -> None:
        if sure:
            screen.ask(
                lambda: work.cancel(screen.deck.door, task.id), lambda _: screen.say(f"#{task.id} will be cancelled")
            )

    screen.app.push_screen(
        Confirm(f"Cancel task #{task.id}?", (what, "", how), "Cancel task", env=screen.deck.env), answered
    )
