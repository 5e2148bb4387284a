"""What every driver honours, so that a step never asks which panel a node runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from hostdeck.core.domain.preflight import Check
from hostdeck.core.domain.vocabulary import Role
from hostdeck.core.drivers.language import Change, Owner, Question, Service
from hostdeck.core.errors import StepError

F = TypeVar("F")


@dataclass(frozen=True, slots=True)
class Applied:
    """What a node looked like after changes: facts answer the question again; `trouble` is what went wrong on the
    way, if anything, and `unflushed` what did not reload."""

    facts: Any
    trouble: StepError | None
    unflushed: StepError | None


@dataclass(frozen=True, slots=True)
class Examined:
    """A node looked over from the door to its panel: every check, the figures, and the error met on the way."""

    checks: tuple[Check, ...]
    facts: dict[str, Any] = field(default_factory=dict)
    trouble: StepError | None = None


class NodeDriver(Protocol):
    """Asked and told in the words of `language`; raises StepErrors. `has_users`: the panel knows users at all."""

    has_users: bool

    async def ask(self, question: Question[F], owner: Owner | None = None) -> F:
        """Looks, beside other looks, while nothing of ours changes the node. Permanent where `owner` is another."""

    async def apply(
        self, changes: Sequence[Change], then: Question[Any], flush: Sequence[Service], owner: Owner | None = None
    ) -> Applied:
        """Looks whose the user is, makes the changes, reloads, and looks again, all in one exclusive exec."""

    def sends(self, changes: Sequence[Change], flush: Sequence[Service]) -> tuple[str, ...]:
        """The changing commands that `apply` would send, as people read them."""

    async def probe(self) -> dict[str, Any]:
        """The node's figures in one round trip; keys of the health view."""

    async def examine(self, ticked: frozenset[Role]) -> Examined:
        """Comes in anew and looks at everything in order, up to the first failure; each check stands in the log as soon
        as it is known."""
