"""A plan in a dialog: first what the rows say, then, as the nodes answer, every command that would be sent."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from rich.text import Text

from hostdeck.core.domain.order_plan import PlannedTaskView
from hostdeck.core.queries import plans
from hostdeck.screens.base import DeckScreen
from hostdeck.screens.order_plan import task_lines
from hostdeck.tui.feed import Watch
from hostdeck.tui.theme import Tone
from hostdeck.tui.widgets.plan_dialog import PlanDialog
from hostdeck.tui.widgets.words import muted, toned

Tasks = tuple[PlannedTaskView, ...]


@dataclass(frozen=True, slots=True)
class Looked:
    """What is looked at: `question` and `deed` are the dialog's words, `first` stands above the tasks, `typed` is what
    has to be typed. `ask` has the nodes read and gives the plan's number; `go` does it, with that number once all of
    it was read."""

    question: str
    deed: str
    first: Sequence[Text]
    tasks: Tasks
    ask: Callable[[], int]
    go: Callable[[str, int | None], None]
    typed: str = ""


class PlanReading:
    """One plan that somebody is looking at. What is confirmed is what was shown: once the nodes are read, exactly
    their commands."""

    def __init__(self, screen: DeckScreen, looked: Looked) -> None:
        self._screen = screen
        self._looked = looked
        self._tasks = looked.tasks
        self._number: int | None = None
        self._seen: plans.PlanRead | None = None
        self._watch: Watch[plans.PlanRead] | None = None
        self._dialog = PlanDialog(
            looked.question, tuple(self._lines()), looked.deed, typed=looked.typed, env=screen.deck.env
        )

    def open(self) -> None:
        self._screen.app.push_screen(self._dialog, self._answered)
        if self._can_ask():
            self._screen.run_worker(self._ask())

    def _can_ask(self) -> bool:
        pulse = self._screen.deck.head.pulse
        return pulse is not None and pulse.workers_alive > 0

    async def _ask(self) -> None:
        try:
            number = await asyncio.to_thread(self._looked.ask)
        except self._screen.refusals as error:
            self._screen.say(str(error), Tone.WRONG)
            return
        if self._dialog.is_attached:
            self._number = number
            self._watch = self._screen.deck.feed.watch(
                lambda: plans.tasks_view(self._looked.tasks, number),
                self._show,
                visible=lambda: self._dialog.is_attached,
            )

    def _show(self, seen: plans.PlanRead) -> None:
        self._tasks, self._seen = seen.tasks, seen
        self._dialog.say(tuple(self._lines()))

    def _answered(self, answer: str | None) -> None:
        if self._watch is not None:
            self._screen.deck.feed.drop(self._watch)
        if answer is not None:
            self._looked.go(answer, self._number if self._seen is not None and self._seen.read else None)

    def _lines(self) -> Iterator[Text]:
        yield from self._looked.first
        yield Text.assemble(toned(f"Tasks  {len(self._tasks)}", Tone.BRIGHT), muted(f"   {self._how_read()}"))
        for task in self._tasks:
            yield from task_lines(task)

    def _how_read(self) -> str:
        if self._seen is not None and self._seen.over:
            if self._seen.read:
                return "exactly these commands, or nothing"
            return f"not read from {', '.join(self._seen.unread)}: what is sent is not held to this plan"
        if not self._can_ask():
            return "the commands are not known: no worker is running to ask the nodes"
        return "asking the nodes what would be sent …"
