"""The program of `hostdeck wall`: one screen, no way to change anything, and no key but those it names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, tzinfo
from pathlib import Path

from rich.text import Text

from hostdeck.core.queries.reader import Reader
from hostdeck.core.store.fields import utcnow
from hostdeck.screens.wall import Wall
from hostdeck.tui.crash import crash_words
from hostdeck.tui.feed import Feed
from hostdeck.tui.themed import Themed


class WallApp(Themed[None]):
    """`clock` and `zone` are arguments so that a picture can be the same twice."""

    CSS = Path(__file__).with_name("hostdeck.tcss").read_text("utf-8")
    ENABLE_COMMAND_PALETTE = False
    ALLOW_SELECT = False
    TITLE = "hostdeck wall"

    def __init__(
        self,
        reader: Reader,
        rotate: float,
        pages: Sequence[str],
        env: str = "",
        clock: Callable[[], datetime] = utcnow,
        *,
        zone: tzinfo | None = None,
        home: Path | None = None,
        theme: str = "",
    ) -> None:
        super().__init__(home, theme)
        self.env = env
        self.zone = zone
        self.clock = clock
        self.feed = Feed(reader, clock, lambda: None, lambda: reader.unreadable)
        self._wall = Wall(rotate, pages)

    def on_mount(self) -> None:
        self.push_screen(self._wall, lambda _: self.exit())
        self.run_worker(self.feed.run(), name="feed")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The keys are the screen's; those a program has by itself do nothing here."""
        return False

    def notify(
        self, message: str, *, title: str = "", severity: str = "information", timeout: float | None = None,
        markup: bool = True,
    ) -> None:  # fmt: skip
        """Nothing comes over a picture on the wall."""

    def _fatal_error(self) -> None:
        if not self._exit_renderables:
            self._exit_renderables.append(Text(crash_words(self._exception, self._home, self.clock())))
        self._close_messages_no_wait()
