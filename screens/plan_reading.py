"""A wish's plan in a dialog: first what the rows say, then, as the nodes answer, every command that would be sent."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from rich.text import Text

from hostdeck.core.domain.wishes import DESTROYS, Wish, WishPlan
from hostdeck.core.intents import life
from hostdeck.core.queries import plans
from hostdeck.screens.base import DeckScreen
from hostdeck.screens.order_plan import task_lines
from hostdeck.tui.feed import Watch
from hostdeck.tui.theme import Tone
from hostdeck.tui.widgets.plan_dialog import PlanDialog
from hostdeck.tui.widgets.words import inert, muted, toned


class PlanReading:
    """One plan that somebody is looking at; `product` is what a change is to. What is confirmed is what was shown: once
    the nodes are read, exactly their commands."""

    def __init__(self, screen: DeckScreen, plan: WishPlan, product: str) -> None:
        self._screen = screen
        self._plan = plan
        self._product = product
        self._watch: Watch[WishPlan] | None = None
        deed = capital(plan.wish)
        what = f"{deed} {plan.domain}" + (f" to {product}" if product else "")
        self._dialog = PlanDialog(
            f"{what}?",
            tuple(self._lines()),
            deed,
            typed=plan.domain if plan.wish in DESTROYS else "",
            env=screen.deck.env,
        )

    def open(self) -> None:
        self._screen.app.push_screen(self._dialog, self._answered)
        if self._can_ask():
            self._screen.run_worker(self._ask())

    def _can_ask(self) -> bool:
        pulse = self._screen.deck.head.pulse
        return pulse is not None and pulse.workers_alive > 0

    async def _ask(self) -> None:
        deck, plan = self._screen.deck, self._plan
        try:
            number = await asyncio.to_thread(life.ask_nodes, deck.door, plan.service, plan.wish, self._product)
        except self._screen.refusals as error:
            self._screen.say(str(error), Tone.WRONG)
            return
        if self._dialog.is_attached:
            self._watch = deck.feed.watch(
                lambda: plans.plan_view(plan, number), self._show, visible=lambda: self._dialog.is_attached
            )

    def _show(self, plan: WishPlan) -> None:
        self._plan = plan
        self._dialog.say(tuple(self._lines()))

    def _answered(self, answer: str | None) -> None:
        if self._watch is not None:
            self._screen.deck.feed.drop(self._watch)
        if answer is None:
            return
        plan, number = self._plan, self._plan.plan if self._plan.read else None
        self._screen.ask(
            lambda: life.grant(
                self._screen.deck.door, plan.service, plan.wish, answer, product=self._product, plan=number
            ),
            lambda _: self._screen.say(f"{plan.domain}: {plan.wish} has begun"),
        )

    def _lines(self) -> Iterator[Text]:
        plan = self._plan
        for line in plan.destroys:
            yield toned(f"destroys  {line}", Tone.WRONG)
        for line in plan.changes:
            yield inert(f"changes   {line}")
        if plan.wish is Wish.CHANGE_PRODUCT and not plan.changes:
            yield muted("changes   no limit; only the product's name")
        for line in plan.leaves:
            yield muted(f"stays     {line}")
        if plan.stops:
            yield toned(f"stops     {plan.stops} tasks of the run that is under way", Tone.WAITING)
        if plan.destroys or plan.changes or plan.leaves or plan.stops:
            yield inert("")
        yield Text.assemble(toned(f"Tasks  {len(plan.tasks)}", Tone.BRIGHT), muted(f"   {self._how_read()}"))
        for task in plan.tasks:
            yield from task_lines(task)

    def _how_read(self) -> str:
        if self._plan.read:
            return "exactly these commands, or nothing"
        if not self._can_ask():
            return "the commands are not known: no worker is running to ask the nodes"
        return "asking the nodes what would be sent …"


def capital(words: str) -> str:
    return words[:1].upper() + words[1:]
