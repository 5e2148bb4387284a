"""What a step would send to a node, told before anything is sent. Pure: the same decisions that are carried out later,
asked of facts that were read, or of a node on which there is nothing yet.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from hostdeck.core.drivers.language import Change, Service
from hostdeck.core.errors import StepError
from hostdeck.core.steps.base import Step

ROUNDS = 4
"""How many times a step may find something else to change before that counts as not taking."""

Sends = Callable[[Sequence[Change], Sequence[Service]], tuple[str, ...]]
"""The changing commands of some changes and the reloads after them, as people read them."""

RIGHT = "right already: passed over"


@dataclass(frozen=True, slots=True)
class Forecast:
    """`commands` in the order they would be sent; `note` says why there are none, or why it can't be told. `certain` is
    False where the step would stop with an error as things are."""

    commands: tuple[str, ...]
    note: str | None = None
    certain: bool = True
    changes: tuple[Change, ...] = field(default=(), compare=False)


def forecast(step: Step[Any, Any], found: Any, sends: Sends) -> Forecast:
    """Decides, takes the changes for made, and decides again, as the runner will."""
    commands: list[str] = []
    changes: list[Change] = []
    try:
        for _ in range(ROUNDS):
            left = step.decide(found)
            if not left:
                break
            step.before(tuple(left))
            commands += sends(left, step.flush)
            changes += left
            found = step.expect(found, left)
    except StepError as error:
        return Forecast(tuple(commands), str(error), False, tuple(changes))
    return Forecast(tuple(commands), None if commands else RIGHT, True, tuple(changes))


class Telling:
    """Forecasts steps of one node one after the other: what the earlier ones change, the later ones start from."""

    def __init__(self, sends: Sends) -> None:
        self._sends = sends
        self._earlier: list[Change] = []

    def starts_blank(self, step: Step[Any, Any]) -> bool:
        """Whether what the step looks at will have gone, or have just been made, by then: asking the node now would
        tell nothing."""
        return any(map(step.rests_on, self._earlier))

    def tell(self, step: Step[Any, Any], found: Any) -> Forecast:
        """`found` as the node has it now."""
        told = forecast(step, step.given(found, self._earlier), self._sends)
        self._earlier += told.changes
        return told
