"""What all screens share: keeping fresh what they show, asking for changes, narrowing lists, and the way out."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

from textual import on

from hostdeck.core.errors import HostdeckError
from hostdeck.screens.framed import Framed
from hostdeck.tui.feed import Watch
from hostdeck.tui.theme import Tone
from hostdeck.tui.widgets.frame import Part
from hostdeck.tui.widgets.log_tail import LogTail
from hostdeck.tui.widgets.prompt import PromptLine
from hostdeck.tui.widgets.table import Table
from hostdeck.tui.widgets.words import toned

T = TypeVar("T")
LOG_PROMPTS: dict[str, Callable[[LogTail, str], None]] = {"find": LogTail.find, "filter": LogTail.filter}


class DeckScreen(Framed):
    """A screen is its keys, its `body`, and what it does with an answer."""

    AUTO_FOCUS = "Table, LogTail"

    def __init__(self) -> None:
        super().__init__()
        self.filter_text = ""
        self._watches: list[Watch[Any]] = []

    # -- reading

    def follow(
        self,
        query: Callable[[], T],
        show: Callable[[T], None],
        *,
        every: Callable[[], float | None] = lambda: None,
        failed: Callable[[HostdeckError], None] | None = None,
    ) -> Watch[T]:
        """Keeps `query` fresh while this screen is seen."""
        watch = self.deck.feed.watch(
            query, show, visible=lambda: self.is_current, every=every, failed=failed or self._gone
        )
        self._watches.append(watch)
        return watch

    def unfollow(self, watch: Watch[Any]) -> None:
        """What it has brought last is let go of with it."""
        watch.stop()
        self.deck.feed.drop(watch)
        self._watches = [one for one in self._watches if one is not watch]

    def look_up(
        self, query: Callable[[], T], show: Callable[[T], None], failed: Callable[[], None] = lambda: None
    ) -> None:
        """Asks once, beside the screen. What can't be read just now `failed`, and the frame says since when."""
        self.run_worker(self._looked_up(query, show, failed))

    async def _looked_up(self, query: Callable[[], T], show: Callable[[T], None], failed: Callable[[], None]) -> None:
        try:
            answer = await self.deck.feed.read(query)
        except HostdeckError as error:
            failed()
            self.say(str(error), Tone.WRONG)
        except self.deck.unreadable:
            failed()
        else:
            if self.is_mounted:
                show(answer)

    def reread(self) -> None:
        for watch in self._watches:
            watch.wake()
        self.deck.feed.poke()

    def on_unmount(self) -> None:
        for watch in self._watches:
            self.deck.feed.drop(watch)

    def _gone(self, error: HostdeckError) -> None:
        self.say(str(error), Tone.WRONG)

    # -- asking for changes

    @property
    def refusals(self) -> tuple[type[Exception], ...]:
        """What a wish may be answered with: our own refusals, and a database that can't be reached."""
        return (HostdeckError, *self.deck.unreadable)

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

    def say(self, text: str, tone: Tone = Tone.PLAIN) -> None:
        self.query_one(PromptLine).say(text, tone)

    # -- filter and find

    @property
    def has_list(self) -> bool:
        return self.table is not None or isinstance(self.focused, LogTail)

    def chips(self) -> list[Part]:
        if not self.filter_text or (table := self.table) is None:
            return []
        return [Part(toned(f"[/{self.filter_text}  {len(table.rows.shown)} of {table.rows.total}]", Tone.WAITING))]

    @property
    def table(self) -> Table[Any] | None:
        """The table that `/` narrows: the one with the focus, else the first."""
        if isinstance(self.focused, Table):
            return self.focused
        return next((table for table in self.query(Table) if table.display), None)

    def open_prompt(self, kind: str) -> None:
        if kind == "/" and isinstance(self.focused, LogTail):
            wanted = self.focused.wanted
            if wanted is not None and not self.focused.needle:
                self.query_one(PromptLine).open("filter", wanted.text)
            else:
                self.query_one(PromptLine).open("find", self.focused.needle)
        elif kind == ":" or self.table is not None:
            self.query_one(PromptLine).open(kind, self.filter_text if kind == "/" else "")

    def set_filter(self, text: str) -> None:
        self.filter_text = text
        if (table := self.table) is not None:
            table.set_filter(text)
        self.draw_crumbs()

    @on(PromptLine.Typed)
    def typed(self, event: PromptLine.Typed) -> None:
        if event.kind == "/":
            self.set_filter(event.text)

    @on(PromptLine.Submitted)
    def submitted(self, event: PromptLine.Submitted) -> None:
        if event.kind in LOG_PROMPTS and isinstance(self.focused, LogTail):
            LOG_PROMPTS[event.kind](self.focused, event.text)

    @on(PromptLine.GaveUp)
    def gave_up(self) -> None:
        prompt = self.query_one(PromptLine)
        kind = prompt.kind
        prompt.close()
        if kind == "/":
            self.set_filter("")
        elif kind in LOG_PROMPTS and isinstance(self.focused, LogTail):
            LOG_PROMPTS[kind](self.focused, "")

    def go_back(self) -> bool:
        """One step back within the screen: a filter, a search. False when there is none left."""
        if self.filter_text:
            self.set_filter("")
            return True
        return isinstance(self.focused, LogTail) and self.focused.step_back()
