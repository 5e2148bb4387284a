"""Look, decide, apply, look again: how a step is carried out on a node."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from hostdeck.core.domain.findings import Finding, Partly
from hostdeck.core.domain.plan_reading import moved
from hostdeck.core.drivers.base import NodeDriver
from hostdeck.core.errors import NotYet, Permanent, StepError, Transient
from hostdeck.core.plans.forecast import ROUNDS
from hostdeck.core.steps.base import Step

Note = Callable[[tuple[Finding, ...]], Awaitable[None]]


async def ensure(
    step: Step[Any, Any],
    node: NodeDriver,
    note: Note,
    *,
    again: bool,
    snoozed: bool = False,
    planned: tuple[str, ...] | None = None,
) -> tuple[Finding, ...]:
    """Look, decide, apply, look again, until nothing is left to decide; the last facts are what is learnt.

    What the node shows decides, never an exit code alone. `again`: an earlier claim may have died between a change and
    its reload, so the reload is made once more; where it was `snoozed`, not at each look of one that is done but for
    what it waits for. `note` has rows written around each change.
    `planned`: the commands that somebody has looked at; nothing else is sent.
    """
    found = await node.ask(step.question(), step.owner())
    flush_due = again and bool(step.flush)
    try:
        left = step.decide(found)
    except Partly:
        if flush_due and not snoozed:
            applied = await node.apply((), step.question(), step.flush, step.owner())
            if applied.unflushed:
                raise applied.unflushed from None
        raise
    sent: tuple[str, ...] = ()
    for _ in range(ROUNDS):
        if not left and not flush_due:
            return step.learn(found)
        coming = node.sends(left, step.flush)
        if planned is not None and left and step.is_foreseen(left):
            _keep_to(planned, sent, coming, step, again=again)
        sent += coming
        await note(step.before(left))
        try:
            applied = await node.apply(left, step.question(), step.flush, step.owner())
        except StepError as error:
            if error.unsent:
                await note(step.unsent(left))
            raise
        await note(step.after(left, applied.trouble, applied.facts))
        try:
            done, found, left, flush_due = left, applied.facts, step.decide(applied.facts), False
        except NotYet:
            if applied.unflushed:
                raise applied.unflushed from None
            raise
        if left and (applied.trouble or list(map(type, left)) == list(map(type, done))):
            if closing := step.leave(found):
                await node.apply(closing, step.question(), step.flush, step.owner())
            break
        if applied.unflushed:
            raise applied.unflushed
    if not left:
        return step.learn(found)
    raise applied.trouble or Transient(
        f"{step.world.server}: {', '.join(type(change).__name__ for change in left)} did not take although the node "
        "reported success"
    )


def _keep_to(
    planned: tuple[str, ...], sent: tuple[str, ...], coming: tuple[str, ...], step: Step[Any, Any], *, again: bool
) -> None:
    """Permanent where the node has become another since the plan was read from it."""
    strange = moved(planned, sent, coming, again=again)
    if strange is not None:
        raise Permanent(
            f"{step.world.server}: it has changed since the plan was made: '{strange}' was not in it. Nothing more was "
            "sent. Plan it again, or retry this step to go on from what is there now [PLAN_MOVED]"
        )
