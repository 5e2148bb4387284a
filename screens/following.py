"""A screen that keeps fresh what it shows, while it is seen."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from textual import on

from hostdeck.core.errors import HostdeckError
from hostdeck.screens.framed import Framed
from hostdeck.tui.theme import Tone
from hostdeck.tui.widgets.prompt import PromptLine
from hostdeck.tui.widgets.table import Table

if TYPE_CHECKING:
    from hostdeck.core.domain.windows import Asked, Window
    from hostdeck.tui.feed import Watch

T = TypeVar("T")


class Following(Framed):
    """Every query runs on the reading thread; what it answers is shown on the screen's."""

    def __init__(self) -> None:
        super().__init__()
        self._watches: list[Watch[Any]] = []
        self._windows: dict[Table[Any], Watch[Any]] = {}
        self._queries: dict[Table[Any], Callable[[Asked], Window[Any]]] = {}

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

    def follow_window(self, table: Table[Any], query: Callable[[Asked], Window[T]], show: Callable[[Window[T]], None],
                      *, every: Callable[[], float | None] = lambda: None) -> None:  # fmt: skip
        """Keeps the window of a long list fresh that `table` asks for."""
        self._queries[table] = query
        self._windows[table] = self.follow(lambda: query(table.rows.asked), show, every=every)

    @on(Table.Asks)
    def window_wanted(self, event: Table.Asks) -> None:
        if (watch := self._windows.get(event.table)) is not None:
            # The last answer may have come too late and not have been shown: the same one would be no difference.
            watch.last = None
            watch.wake()
            self.deck.feed.poke()

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
            if self.is_mounted and not self.is_left:
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

    def say(self, text: str, tone: Tone = Tone.PLAIN) -> None:
        self.query_one(PromptLine).say(text, tone)
        self.deck.keep_notice(text, tone)

    @property
    def refusals(self) -> tuple[type[Exception], ...]:
        """What a wish may be answered with: our own refusals, and a database that can't be reached."""
        return (HostdeckError, *self.deck.unreadable)
