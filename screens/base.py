"""What all screens share: keeping fresh what they show, asking for changes, narrowing lists, and the way out."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from textual import on

from hostdeck.screens.listing import Listing
from hostdeck.tui.theme import Tone
from hostdeck.tui.widgets.commands import beginnings
from hostdeck.tui.widgets.prompt import PromptLine
from hostdeck.tui.widgets.searched import Searched

if TYPE_CHECKING:
    from hostdeck.core.queries.views import ServerRow

T = TypeVar("T")
LOG_PROMPTS = ("find", "filter")


class DeckScreen(Listing):
    """A screen is its keys, its `body`, and what it does with an answer."""

    AUTO_FOCUS = "Table, LogTail"

    # -- asking for changes

    def ask(self, wish: Callable[[], T], done: Callable[[T], None]) -> None:
        """Runs an intent beside the screen; a refusal becomes a notice."""
        self.run_worker(self._asked(wish, done))

    async def _asked(self, wish: Callable[[], T], done: Callable[[T], None]) -> None:
        try:
            answer = await asyncio.to_thread(wish)
        except self.refusals as error:
            self.say(str(error), Tone.WRONG)
        else:
            done(answer)
            self.deck.feed.poke()

    def may_change(self) -> bool:
        """False, and says why, where nothing can be changed."""
        if self.deck.door.read_only:
            self.say("hostdeck runs read-only here; nothing can be changed", Tone.WAITING)
        return not self.deck.door.read_only

    def after_typing(self, deed: Callable[[], object]) -> None:
        """Runs `deed` once the field with the focus has taken what was typed before: a priority key overtakes it."""
        (self.focused or self).call_later(deed)

    # -- what `:` words act on

    @property
    def chosen_service(self) -> tuple[int, str] | None:
        """Number and domain of the service shown or marked."""
        return None

    @property
    def chosen_server(self) -> ServerRow | None:
        """The server shown or marked."""
        return None

    def show_service_tab(self, tab: str) -> bool:
        """False where there is no such tab of a service."""
        return False

    def show_only(self, capability: str) -> None:
        """A list of servers keeps those with this capability; an empty word keeps all."""

    # -- filter and find

    def open_prompt(self, kind: str) -> None:
        if kind == "/" and isinstance(self.focused, Searched):
            narrowed = self.focused.narrowed
            if narrowed and not self.focused.needle:
                self.query_one(PromptLine).open("filter", narrowed)
            else:
                self.query_one(PromptLine).open("find", self.focused.needle)
        elif kind == ":" or self.table is not None:
            prompt = self.query_one(PromptLine)
            if kind == "/":
                prompt.open(kind, self.filter_text)
            else:
                prompt.open(kind, history=self.deck.views.typed, words=self.completions)

    def completions(self, typed: str) -> list[str]:
        """The commands, and the views one has named, that begin like this."""
        return [*beginnings(typed), *(name for name in self.deck.views.names if name.startswith(typed))]

    @on(PromptLine.Typed)
    def typed(self, event: PromptLine.Typed) -> None:
        if event.kind == "/":
            self.set_filter(event.text)

    @on(PromptLine.Submitted)
    def submitted(self, event: PromptLine.Submitted) -> None:
        if event.kind in LOG_PROMPTS:
            self._search(event.kind, event.text)

    def _search(self, kind: str, text: str) -> None:
        if isinstance(log := self.focused, Searched):
            (log.find if kind == "find" else log.filter)(text)

    @on(PromptLine.GaveUp)
    def gave_up(self) -> None:
        prompt = self.query_one(PromptLine)
        kind = prompt.kind
        prompt.close()
        if kind == "/":
            self.set_filter("")
        elif kind in LOG_PROMPTS:
            self._search(kind, "")

    def go_back(self) -> bool:
        """One step back within the screen: marks, a filter, a search. False when there is none left."""
        if (table := self.table) is not None and table.rows.marks:
            table.action_unmark()
            return True
        if self.filter_text:
            self.set_filter("")
            return True
        return isinstance(self.focused, Searched) and self.focused.step_back()
