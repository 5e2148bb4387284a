"""Retry and cancel, the same from every screen that shows tasks."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from hostdeck.core.domain.vocabulary import FINAL, TaskStatus
from hostdeck.core.errors import HostdeckError, Refused
from hostdeck.core.intents import accounts, work
from hostdeck.core.intents.base import Door
from hostdeck.core.queries.views import TaskDetail, TaskRow
from hostdeck.screens.base import DeckScreen
from hostdeck.tui.theme import Tone
from hostdeck.tui.widgets.dialogs import Confirm
from hostdeck.tui.widgets.plan_dialog import Choice
from hostdeck.tui.widgets.words import plural

RETRIED = (TaskStatus.FAILED, TaskStatus.CANCELLED, TaskStatus.RETRYING)
"""What `r` queues anew; a task between two attempts is due at once."""


def retry(screen: DeckScreen, task: TaskRow | None) -> None:
    """The failed step again, its attempts counted from nought."""
    if task is None or not screen.may_change():
        return
    if task.status not in RETRIED:
        screen.say(f"#{task.id} is {task.status}; only a failed or cancelled task can be retried", Tone.WAITING)
        return
    screen.ask(lambda: work.retry(screen.deck.door, task.id), lambda _: screen.say(f"#{task.id} is queued again"))


def retry_all(screen: DeckScreen, tasks: Sequence[TaskRow]) -> None:
    """The failed ones of a list that is frozen now; asks first."""
    failed = [task.id for task in tasks if task.status in RETRIED]
    if not failed:
        screen.say(f"none of the {len(tasks)} marked tasks has failed or was cancelled", Tone.WAITING)
    elif screen.may_change():
        lines = _said(tasks, len(failed), "will be queued again")
        _each(screen, f"Retry {plural(len(failed), 'task')}?", lines, "Retry them", failed, work.retry, "queued again")


def cancel_all(screen: DeckScreen, tasks: Sequence[TaskRow]) -> None:
    """Those of a list that is frozen now which have not ended; asks first."""
    live = [task.id for task in tasks if task.status not in FINAL]
    if not live:
        screen.say(f"all of the {len(tasks)} marked tasks have ended", Tone.WAITING)
    elif screen.may_change():
        lines = _said(tasks, len(live), "have not ended; no command on a node is cut off")
        _each(screen, f"Cancel {plural(len(live), 'task')}?", lines, "Cancel them", live, work.cancel, "cancelled")


def _said(tasks: Sequence[TaskRow], count: int, what: str) -> tuple[str, ...]:
    left = f"{len(tasks) - count} others stay as they are." if count < len(tasks) else ""
    places = sorted({task.server for task in tasks if task.server})
    return (f"{count} of {len(tasks)} marked {what}.", left, f"On {', '.join(places)}" if places else "")


def _each(
    screen: DeckScreen,
    question: str,
    lines: Sequence[str],
    deed: str,
    numbers: Sequence[int],
    wish: Callable[[Door, int], None],
    became: str,
) -> None:
    def all_of_them() -> tuple[int, list[str]]:
        done, refused = 0, []
        for number in numbers:
            try:
                wish(screen.deck.door, number)
                done += 1
            except HostdeckError as error:
                refused.append(str(error))
            except screen.deck.unreadable as error:
                left = len(numbers) - done - len(refused)
                raise Refused("tasks", f"{done} done, {left} not asked for: {error}", "DB_BUSY") from error
        return done, refused

    def told(answer: tuple[int, list[str]]) -> None:
        done, refused = answer
        if screen.table is not None:
            screen.table.action_unmark()  # the next key is about the row under the cursor again
        words = f"{plural(done, 'task')} {became}"
        screen.say(f"{words}; {len(refused)} refused: {refused[0]}" if refused else words)

    def answered(sure: bool | None) -> None:
        if sure:
            screen.ask(all_of_them, told)

    screen.app.push_screen(Confirm(question, [line for line in lines if line], deed, env=screen.deck.env), answered)


def offer(screen: DeckScreen, task: TaskDetail) -> None:
    """A menu of the ways out; what changes something on a node is done here, what only looks is shown to be typed."""
    if not screen.may_change():
        return
    if not task.offers:
        screen.say(f"#{task.id} is {task.status}; there is nothing to decide about it", Tone.WAITING)
        return
    ways = {f"{number} {one.deed}": one for number, one in enumerate(task.offers, 1)}

    def chosen(word: str | None) -> None:
        if word is None:
            return
        way = ways[word]
        if way.deed == "retry":
            retry(screen, task)
        elif way.deed == "rename" and task.service is not None and task.server is not None:
            service, server = task.service, task.server
            screen.ask(
                lambda: accounts.rename_account(screen.deck.door, service, server),
                lambda name: screen.say(f"{task.domain}: it is built as {name} on {server}"),
            )
        else:
            screen.say(f"in a shell: {way.command}")

    screen.app.push_screen(
        Choice(f"#{task.id}: what shall be done?", tuple((word, one.means) for word, one in ways.items()), "takes it"),
        chosen,
    )


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
