"""A bulk action from the console: its plan first, the group's name typed, then its tasks while they run."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from rich.text import Text

from hostdeck.core.domain.bulk import EVERYTHING, BulkPlan, NodePlan, Only
from hostdeck.core.domain.config_wishes import Push
from hostdeck.core.intents import bulk
from hostdeck.core.queries.bulk import bulk_plan
from hostdeck.core.queries.drift import FRESH
from hostdeck.screens.base import DeckScreen
from hostdeck.tui.feed import Watch
from hostdeck.tui.theme import Tone
from hostdeck.tui.widgets.plan_dialog import PlanDialog
from hostdeck.tui.widgets.words import ago, joined, muted, plural, toned


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
    BulkPlanDialog(screen, found, only).open()


def _deed(found: BulkPlan, only: Only) -> str:
    """What Go does, in few words: some keys are not the whole configuration, nor one server all of them."""
    if not only.keys:
        return found.words
    return f"Apply {', '.join(only.keys)} to {', '.join(only.servers) or 'every server it is for'}"


class BulkPlanDialog:
    """A plan that goes on being read: where a worker is alive, servers that were never read, or not of late, are asked
    what they have, and the plan follows."""

    def __init__(self, screen: DeckScreen, found: BulkPlan, only: Only) -> None:
        self._screen = screen
        self._found = found
        self._only = only
        self._watch: Watch[BulkPlan] | None = None
        typed = "" if found.to is Push.STATUS else found.group
        heading = f"{_deed(found, only)}: {found.group}"
        self._dialog = PlanDialog(heading, tuple(self._lines()), "Go", typed=typed, env=screen.deck.env)

    def open(self) -> None:
        deck, found = self._screen.deck, self._found
        self._screen.app.push_screen(self._dialog, self._answered)
        self._watch = deck.feed.watch(
            lambda: bulk_plan(found.group, found.to, self._only), self._show, visible=lambda: self._dialog.is_attached
        )
        if found.to.is_config and self._is_old() and self._can_ask():
            self._screen.run_worker(self._ask())

    def _is_old(self) -> bool:
        now = self._screen.deck.clock()
        return any(node.read_at is None or now - node.read_at > FRESH for node in self._found.nodes)

    def _can_ask(self) -> bool:
        pulse = self._screen.deck.head.pulse
        return pulse is not None and pulse.workers_alive > 0 and not self._screen.deck.door.read_only

    async def _ask(self) -> None:
        try:
            await asyncio.to_thread(bulk.read_config, self._screen.deck.door, self._found.group)
        except self._screen.refusals as error:
            self._screen.say(str(error), Tone.WRONG)

    def _show(self, found: BulkPlan) -> None:
        self._found = found
        self._dialog.say(tuple(self._lines()))

    def _answered(self, typed: str | None) -> None:
        screen, found = self._screen, self._found
        if self._watch is not None:
            screen.deck.feed.drop(self._watch)
        if typed is not None and screen.may_change():
            screen.ask(
                lambda: bulk.apply(screen.deck.door, found.group, found.to, only=self._only),
                lambda run: screen.say(f"{plural(len(found.nodes), 'task')} queued; Actions shows how they go"),
            )

    def _lines(self) -> Iterator[Text]:
        found = self._found
        names = ", ".join(node.server for node in found.nodes)
        yield toned(f"{plural(len(found.nodes), 'task')}: {names}", Tone.BRIGHT)
        for one in found.skipped:
            yield muted(f"  {one.server}: {one.why}")
        for node in found.nodes:
            yield from self._node_lines(node)
        if found.to.is_config:
            yield from self._safety()

    def _safety(self) -> Iterator[Text]:
        """Of several servers; the command for a canary only where it does the same as this plan."""
        found, words = self._found, "One failed server calls the rest off and puts back what was changed."
        if len(found.nodes) < 2:
            return
        yield Text("")
        if self._only == EVERYTHING:
            yield muted(f"{words} For a canary first:")
            yield muted(f"hostdeck group apply {found.group} --to {found.to} --canary 1")
        else:
            yield muted(words)

    def _node_lines(self, node: NodePlan) -> Iterator[Text]:
        if self._found.to is Push.STATUS:
            return
        age = "never read: what differs is sent"
        if node.read_at is not None:
            since = ago(node.read_at, self._screen.deck.clock())
            age = "as read just now" if since == "now" else f"as read {since} ago"
        yield joined(toned(node.server, Tone.ACCENT), muted(f"   {age}   {node.note}"))
        for step in node.changes:
            now = "?" if node.read_at is None else step.now or "''"
            yield joined(f"  {step.command}", muted(f"   now: {now}"))
        same = len(node.steps) - len(node.changes)
        if same:
            yield muted(f"  {plural(same, 'more is', 'more are')} right already")
