"""Suspend, unsuspend, redeploy, resume and terminate: the plan first, the same from every screen with services."""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text

from hostdeck.core.domain.wishes import DESTROYS, Wish, WishPlan
from hostdeck.core.intents import life
from hostdeck.screens.base import DeckScreen
from hostdeck.screens.order_plan import task_line
from hostdeck.tui.theme import Tone
from hostdeck.tui.widgets.plan_dialog import Choice, PlanDialog
from hostdeck.tui.widgets.words import inert, muted, toned

RESUME = "resume"
MEANINGS = (
    (str(Wish.SUSPEND), "close website and mailboxes"),
    (str(Wish.UNSUSPEND), "open them again"),
    (str(Wish.REDEPLOY), "bring back what is missing"),
    (RESUME, "take up every failed step again"),
    (str(Wish.HARD_REDEPLOY), "remove all of it and build it anew"),
    (str(Wish.TERMINATE), "remove all of it for good"),
)
WORDS = tuple(word for word, _ in MEANINGS)


def choose(screen: DeckScreen, service: int, domain: str) -> None:
    """A menu of what can be done with a service."""
    if not screen.may_change():
        return

    def chosen(word: str | None) -> None:
        if word is not None:
            begin(screen, service, domain, word)

    screen.app.push_screen(Choice(f"{domain}: what shall be done?", MEANINGS), chosen)


def begin(screen: DeckScreen, service: int, domain: str, word: str) -> None:
    """One word of WORDS: its plan, then the deed."""
    if not screen.may_change():
        return
    if word == RESUME:
        screen.ask(
            lambda: life.resume(screen.deck.door, service),
            lambda count: screen.say(f"{domain}: {count} {'step' if count == 1 else 'steps'} queued again"),
        )
        return
    wish = Wish(word)
    screen.ask(lambda: life.plan_wish(screen.deck.door, service, wish), lambda plan: _ask(screen, plan))


def _ask(screen: DeckScreen, plan: WishPlan) -> None:
    typed = plan.domain if plan.wish in DESTROYS else ""

    def answered(answer: str | None) -> None:
        if answer is not None:
            screen.ask(
                lambda: life.grant(screen.deck.door, plan.service, plan.wish, answer),
                lambda _: screen.say(f"{plan.domain}: {plan.wish} has begun"),
            )

    dialog = PlanDialog(
        f"{_capital(plan.wish)} {plan.domain}?", tuple(_lines(plan)), _capital(plan.wish), typed=typed,
        env=screen.deck.env,
    )  # fmt: skip
    screen.app.push_screen(dialog, answered)


def _lines(plan: WishPlan) -> Iterator[Text]:
    for line in plan.destroys:
        yield toned(f"destroys  {line}", Tone.WRONG)
    for line in plan.leaves:
        yield muted(f"stays     {line}")
    if plan.stops:
        yield toned(f"stops     {plan.stops} tasks of the run that is under way", Tone.WAITING)
    if plan.destroys or plan.leaves or plan.stops:
        yield inert("")
    yield toned(f"Tasks  {len(plan.tasks)}", Tone.BRIGHT)
    for task in plan.tasks:
        yield task_line(task)


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
