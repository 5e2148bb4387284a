"""What can be done with a service: the plan first, the same from every screen with services."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from rich.text import Text

from hostdeck.core.domain.wishes import DESTROYS, Wish, WishPlan, stops_words
from hostdeck.core.errors import Conflict
from hostdeck.core.intents import life
from hostdeck.core.queries import fleet
from hostdeck.screens.base import DeckScreen
from hostdeck.screens.plan_reading import Looked, PlanReading
from hostdeck.screens.resync import ResyncScreen
from hostdeck.tui.theme import Tone
from hostdeck.tui.widgets.gauges import roles
from hostdeck.tui.widgets.plan_dialog import Choice
from hostdeck.tui.widgets.words import inert, muted, toned

RESUME = "resume"
RESYNC = "resync"
MEANINGS = (
    (str(Wish.SUSPEND), "close website and mailboxes"),
    (str(Wish.UNSUSPEND), "open them again"),
    (str(Wish.REDEPLOY), "bring back what is missing"),
    (RESUME, "take up every failed step again"),
    (str(Wish.CHANGE_PRODUCT), "give it another product's limits"),
    (RESYNC, "read its nodes, and see what differs"),
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


def begin(screen: DeckScreen, service: int, domain: str, word: str, product: str = "") -> None:
    """One word of WORDS: its plan, then the deed."""
    if word == RESYNC:
        # What was read last may be looked at by whoever may change nothing.
        screen.app.push_screen(ResyncScreen(service, domain))
        return
    if not screen.may_change():
        return
    if word == RESUME:
        screen.ask(
            lambda: life.resume(screen.deck.door, service),
            lambda count: screen.say(f"{domain}: {count} {'step' if count == 1 else 'steps'} queued again"),
        )
        return
    wish = Wish(word)
    if wish is Wish.CHANGE_PRODUCT and not product:
        screen.run_worker(_choose_product(screen, service, domain))
        return
    screen.run_worker(_plan(screen, service, domain, wish, product))


async def _plan(screen: DeckScreen, service: int, domain: str, wish: Wish, product: str) -> None:
    try:
        plan = await asyncio.to_thread(life.plan_wish, screen.deck.door, service, wish, product)
    except Conflict as error:
        screen.say(str(error), Tone.WRONG)
        if error.code == "SVC_MODE":
            _offer_anew(screen, domain, product)
    except screen.refusals as error:
        screen.say(str(error), Tone.WRONG)
    else:
        PlanReading(screen, _looked(screen, plan, product)).open()


def _looked(screen: DeckScreen, plan: WishPlan, product: str) -> Looked:
    door, deed = screen.deck.door, _capital(plan.wish)

    def go(answer: str, number: int | None) -> None:
        screen.ask(
            lambda: life.grant(door, plan.service, plan.wish, answer, product=product, plan=number),
            lambda _: screen.say(f"{plan.domain}: {plan.wish} has begun"),
        )

    return Looked(
        question=f"{deed} {plan.domain}" + (f" to {product}?" if product else "?"),
        deed=deed,
        first=tuple(_first(plan)),
        tasks=plan.tasks,
        ask=lambda: life.ask_nodes(door, plan.service, plan.wish, product),
        go=go,
        typed=plan.domain if plan.wish in DESTROYS else "",
    )


def _first(plan: WishPlan) -> Iterator[Text]:
    for line in plan.destroys:
        yield toned(f"destroys  {line}", Tone.WRONG)
    for line in plan.changes:
        yield inert(f"changes   {line}")
    if plan.wish is Wish.CHANGE_PRODUCT and not plan.changes:
        yield muted("changes   no limit; only the product's name")
    for line in plan.leaves:
        yield muted(f"stays     {line}")
    if plan.stops:
        yield toned(f"stops     {stops_words(plan)}", Tone.WAITING)
    if plan.destroys or plan.changes or plan.leaves or plan.stops:
        yield inert("")


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


async def _choose_product(screen: DeckScreen, service: int, domain: str) -> None:
    try:
        rows = await screen.deck.feed.read(fleet.products)
    except screen.refusals as error:
        screen.say(str(error), Tone.WRONG)
        return
    options = tuple((row.name, f"{row.mode}  {roles(row.roles)}  group {row.group}") for row in rows)
    if not options:
        screen.say("there is no product to change to", Tone.WAITING)
        return

    def chosen(product: str | None) -> None:
        if product is not None:
            begin(screen, service, domain, str(Wish.CHANGE_PRODUCT), product)

    screen.app.push_screen(Choice(f"{domain}: which product instead?", options), chosen)


def _offer_anew(screen: DeckScreen, domain: str, product: str) -> None:
    """The way that is open where the mode is another: a second service beside this one."""
    options = (
        ("leave it", f"{domain} stays what it is"),
        ("order anew", f"a {product} beside it, under a name of its own; then move what is in it"),
    )

    def chosen(word: str | None) -> None:
        if word == "order anew":
            screen.deck.order(f"new.{domain}", product)

    screen.app.push_screen(Choice(f"The deployment mode of {domain} is fixed", options, "takes it"), chosen)
