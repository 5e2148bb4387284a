"""The way from an empty fleet to its first service: four steps, each with its key, the done ones ticked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.text import Text

from hostdeck.screens.base import DeckScreen
from hostdeck.tui.theme import Tone
from hostdeck.tui.widgets.words import styled

if TYPE_CHECKING:
    from hostdeck.core.queries.first_steps import FirstSteps


@dataclass(frozen=True, slots=True)
class Step:
    """`keys` lead there from anywhere; `open` is what Enter does."""

    name: str
    what: str
    means: str
    keys: str
    open: Callable[[DeckScreen], None]


def _group(screen: DeckScreen) -> None:
    from hostdeck.screens import group_new

    group_new.ask_name(screen)


def _server(screen: DeckScreen) -> None:
    if screen.may_change():
        screen.deck.open_server_form()


def _product(screen: DeckScreen) -> None:
    if screen.may_change():
        screen.deck.open_product()


def _order(screen: DeckScreen) -> None:
    if screen.may_change():
        screen.deck.order()


STEPS = (
    Step("group", "a group", "servers and products belong to one", "3 then n", _group),
    Step("server", "a server", "you compare its host key before it is added", "2 then n", _server),
    Step("product", "a product", "what you sell, with its limits", ":prod, n", _product),
    Step("order", "an order", "the first service", "n", _order),
)


def next_step(done: FirstSteps) -> Step | None:
    """The first that is left; None where all are done."""
    return next((step for step in STEPS if not getattr(done, step.name)), None)


def steps_text(done: FirstSteps) -> Text:
    """State is a word before it is a colour: `[x]` is done, `>` comes next."""
    comes = next_step(done)
    text = styled((("Welcome. Four steps lead to the first service:\n\n", Tone.BRIGHT),))
    for number, step in enumerate(STEPS, 1):
        is_done = getattr(done, step.name)
        mark, box = ("> " if step is comes else "  "), ("[x]" if is_done else "[ ]")
        tone = Tone.BRIGHT if step is comes else Tone.MUTED if is_done else Tone.PLAIN
        text.append_text(
            styled(
                (
                    (f"{mark}{box} {number}  ", Tone.ACCENT if step is comes else tone),
                    (f"{step.what:<11}", tone),
                    (f"{step.means:<44}", Tone.MUTED),
                    (f"{step.keys}\n", Tone.MUTED if is_done else Tone.ACCENT),
                )
            )
        )
    if comes is not None:
        goes_on = "begins" if comes is STEPS[0] else "goes on"
        text.append_text(styled((("\nEnter", Tone.ACCENT), (f" {goes_on} with {comes.what}.\n", Tone.MUTED))))
    return text


SHELL = styled(
    (
        ("\nIn a shell beside it:\n\n", Tone.MUTED),
        ("  hostdeck worker          ", Tone.ACCENT), ("does the work; leave it running\n", Tone.PLAIN),
        ("  hostdeck init --systemd  ", Tone.ACCENT), ("has systemd run it, now and at every boot\n", Tone.PLAIN),
        ("  hostdeck demo            ", Tone.ACCENT), ("to look around first, on a simulated fleet\n\n", Tone.PLAIN),
        ("Whatever is not as it should be, ", Tone.MUTED), (":doctor", Tone.ACCENT), (" says so.", Tone.MUTED),
    )
)  # fmt: skip
