"""A bulk action from the console: its plan first, the group's name typed, then its tasks while they run."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.text import Text

from hostdeck.core.domain.bulk import BulkPlan, NodePlan
from hostdeck.core.domain.config_wishes import Push
from hostdeck.core.intents import bulk
from hostdeck.core.intents.bulk import EVERYTHING, Only
from hostdeck.tui.theme import Tone
from hostdeck.tui.widgets.plan_dialog import PlanDialog
from hostdeck.tui.widgets.words import ago, inert, joined, muted, plural, toned

if TYPE_CHECKING:
    from hostdeck.screens.base import DeckScreen


def plan(screen: DeckScreen, group: str, to: Push, only: Only = EVERYTHING) -> None:
    """Shows what would be done now; only looking needs no leave to change."""
    screen.run_worker(_plan(screen, group, to, only))


async def _plan(screen: DeckScreen, group: str, to: Push, only: Only) -> None:
    try:
        found = await asyncio.to_thread(bulk.plan_apply, group, to, 0, 1, only)
    except screen.refusals as error:
        screen.say(str(error), Tone.WRONG)
        return
    if not found.nodes:
        why = "; ".join(f"{one.server} {one.why}" for one in found.skipped) or "the group has no servers"
        screen.say(f"no server would be told anything: {why}", Tone.WAITING)
        return

    def answered(typed: str | None) -> None:
        if typed is not None and screen.may_change():
            screen.ask(
                lambda: bulk.apply(screen.deck.door, group, to, only=only),
                lambda run: screen.say(f"{plural(len(found.nodes), 'task')} queued; their progress is below"),
            )

    typed = "" if to is Push.STATUS else group
    lines = tuple(_lines(screen, found))
    dialog = PlanDialog(f"{found.words}: {group}", lines, "Go", typed=typed, env=screen.deck.env)
    screen.app.push_screen(dialog, answered)


def _lines(screen: DeckScreen, found: BulkPlan) -> Iterator[Text]:
    names = ", ".join(node.server for node in found.nodes)
    yield toned(f"{plural(len(found.nodes), 'task')}: {names}", Tone.BRIGHT)
    for one in found.skipped:
        yield muted(f"  {one.server}: {one.why}")
    for node in found.nodes:
        yield from _node_lines(screen, found, node)
    if found.to.is_config:
        yield Text("")
        yield muted("One failed server calls the rest off and puts back what was changed. For a canary first:")
        yield muted(f"hostdeck group apply {found.group} --to {found.to} --canary 1")


def _node_lines(screen: DeckScreen, found: BulkPlan, node: NodePlan) -> Iterator[Text]:
    if found.to is Push.STATUS:
        return
    age = (
        "never read: all of it is sent" if node.read_at is None else f"as read {ago(node.read_at, screen.deck.clock())}"
    )
    yield joined(toned(node.server, Tone.ACCENT), muted(f"   {age}   {node.note}"))
    for step in node.changes:
        now = "?" if node.read_at is None else step.now or "''"
        yield inert(f"  {step.command}").append_text(muted(f"   now: {now}"))
    same = len(node.steps) - len(node.changes)
    if same:
        yield muted(f"  {plural(same, 'more is', 'more are')} right already")
