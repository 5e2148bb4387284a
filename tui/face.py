"""What the console is beside its screens: its theme, its two first lines, its notices, its clock and its pulse."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from socket import gethostname
from typing import TYPE_CHECKING

from textual.timer import Timer

from hostdeck.screens.base import DeckScreen
from hostdeck.tui.keymap import IDS, check_keys
from hostdeck.tui.list_views import ListViews
from hostdeck.tui.notices import Notices
from hostdeck.tui.screen_table import load_all
from hostdeck.tui.theme import Tone
from hostdeck.tui.themed import Themed
from hostdeck.tui.widgets.frame import Head
from hostdeck.tui.widgets.row_view import RowView

if TYPE_CHECKING:
    from hostdeck.core.intents.base import Door
    from hostdeck.core.queries.views import Pulse
    from hostdeck.tui.feed import Feed
    from hostdeck.tui.kept_views import ListView

PULSE_EVERY = 5.0
AGES_EVERY = 15
"""Seconds after which a list says again how old its rows are."""
VIEWS_AFTER = 1.0
"""Seconds after which it is written how lists were left, so that ten letters of a filter are one write."""
SLOW_LEAST = 2.0
"""Seconds between two looks on a slow line."""
MOUSE_MODES = (1000, 1003, 1015, 1006)
"""What a terminal reports of its mouse: clicks, moves, and both in numbers of any size."""
SEVERITY = {"information": Tone.PLAIN, "warning": Tone.WAITING, "error": Tone.WRONG}


@dataclass(frozen=True, slots=True)
class Looks:
    """How the console is to look and behave here: `theme` by name, `keys` by the names of the keymap."""

    theme: str = ""
    keys: Mapping[str, str] | None = None
    bell: bool = False
    slow: bool = False


class Face(Themed[None]):
    """Subclasses have the screens."""

    def __init__(
        self,
        feed: Callable[[Face], Feed],
        door: Door,
        *,
        env: str,
        demo: bool,
        clock: Callable[[], datetime],
        zone: tzinfo | None,
        host: str,
        home: Path | None,
        looks: Looks,
    ) -> None:
        super().__init__(home, looks.theme)
        self.door = door
        self.env = env
        self.clock = clock
        self.zone = zone
        self._local = zone
        self.looks = looks
        self.feed = feed(self)
        self.views = ListViews(home, door.actor, read_only=door.read_only)
        self._views_due: Timer | None = None
        self._views_told = False
        self.notices = Notices()
        self.head = Head(f"{door.actor[:24]}@{host or gethostname()}", env, door.read_only, demo, "")
        self.pulse: Pulse | None = None
        self._ticks = 0
        if looks.keys:
            load_all()  # a key has its name once its screen is loaded
            self.set_keymap(check_keys(looks.keys, IDS))
        self.feed.least = SLOW_LEAST if looks.slow else 0.0

    def theme_worn(self) -> None:
        self.feed.show_again()
        self.draw_frames()

    def themes_wrong(self, why: str) -> None:
        self.say(why, Tone.WRONG)

    def wear_theme(self, name: str) -> None:
        """By name; without one, says which there are."""
        if name in self.available_themes:
            self.theme = name
        else:
            self.say(f"themes: {', '.join(sorted(self.available_themes))}", Tone.WAITING)

    # -- how lists are left

    def keep_view(self, name: str, view: ListView) -> None:
        self.views.put(name, view)
        self.views_changed()

    def views_changed(self) -> None:
        """They are written soon."""
        if self._views_due is None:
            self._views_due = self.set_timer(VIEWS_AFTER, self._write_views)

    async def _write_views(self) -> None:
        self._views_due = None
        try:
            await asyncio.to_thread(self.views.write)
        except OSError as error:
            if not self._views_told:
                self._views_told = True
                self.say(f"how the lists are left is not remembered: {error}", Tone.WAITING)

    async def on_unmount(self) -> None:
        """What was asked for in the last second is kept too."""
        with suppress(OSError):
            await asyncio.to_thread(self.views.write)

    # -- the first two lines

    def on_mount(self) -> None:
        self._tick()
        self.set_interval(1.0, self._tick)
        self.feed.watch(self._read_pulse, self._beat, every=lambda: PULSE_EVERY, steady=True)
        # What loads the database would hold up the first picture, thread or no thread.
        self.call_after_refresh(lambda: self.run_worker(self._live(), name="feed"))

    async def _live(self) -> None:
        if await self.open_store():
            await self.feed.run()

    async def open_store(self) -> bool:
        """False where it can't be opened: the console is about to end."""
        raise NotImplementedError

    def _read_pulse(self) -> Pulse:
        """On the reading thread, which loads what it needs while the first picture is drawn."""
        from hostdeck.core.queries import fleet

        return fleet.pulse(now=self.clock())

    def _tick(self) -> None:
        """The clock shows minutes, so that it costs a line a minute."""
        now = self.clock().astimezone(self.zone)
        self._head(time=now.strftime("%H:%M ") + (now.tzname() or ""))
        self._ticks += 1
        if self._ticks % AGES_EVERY == 0 and self.feed.frozen is None:
            # What is only older than before comes with no answer: the lists say it anew.
            for table in self.screen.query(RowView):
                table.redraw()
        self.look_for_themes()
        if self.feed.frozen is not None:
            self.draw_frames()

    def _beat(self, pulse: Pulse) -> None:
        before, self.pulse = self.pulse, pulse
        self._head(pulse=pulse)
        went = before is not None and before.workers_alive > 0 and not pulse.workers_alive
        # The demo's own worker is still starting when its console is.
        if went or (before is None and not pulse.workers_alive and not self.head.demo):
            self.say(self.idle_words, Tone.WAITING)
        if self.looks.bell and before is not None and pulse.tasks_failed > before.tasks_failed:
            self.bell()

    @property
    def idle_words(self) -> str:
        """That nobody works, and what starts a worker; empty where one lives, or before that is known."""
        raise NotImplementedError

    def _head(self, *, time: str | None = None, pulse: Pulse | None = None) -> None:
        head = replace(self.head, time=time or self.head.time, pulse=pulse or self.head.pulse)
        if head != self.head:
            self.head = head
            self.draw_frames()

    def draw_frames(self) -> None:
        for screen in self.screen_stack:
            if isinstance(screen, DeckScreen) and screen.is_current:
                screen.draw_frame()

    # -- notices

    def say(self, text: str, tone: Tone = Tone.PLAIN) -> None:
        for screen in reversed(self.screen_stack):
            if isinstance(screen, DeckScreen) and screen.is_mounted:
                screen.say(text, tone)
                return

    def keep_notice(self, text: str, tone: Tone) -> None:
        """For those who looked away: `:events` shows them."""
        self.notices.put(self.clock(), text, tone)

    def notify(
        self, message: str, *, title: str = "", severity: str = "information", timeout: float | None = None,
        markup: bool = True,
    ) -> None:  # fmt: skip
        """On the line of notices, never over a table, and never as markup."""
        self.say(f"{title}: {message}" if title else message, SEVERITY[severity])

    # -- keys of the frame

    def action_freeze(self) -> None:
        """What is shown stays as it is; collecting and working go on."""
        self.feed.freeze(None if self.feed.frozen is not None else self.clock())
        self.draw_frames()

    def action_time(self) -> None:
        """Times of the place where one sits, or UTC."""
        self.zone = UTC if self.zone is not UTC and self._local is not UTC else self._local
        self._tick()
        self.feed.show_again()
        self.draw_frames()

    def action_header(self) -> None:
        """A line more for what matters on a small terminal."""
        self.toggle_class("-no-head")

    def set_mouse(self, on: bool) -> None:
        """With the mouse off, the terminal itself selects and copies again."""
        if self._driver is not None:
            for mode in MOUSE_MODES:
                self._driver.write(f"\x1b[?{mode}{'h' if on else 'l'}")
            self._driver.flush()
        self.say(f"mouse {'on' if on else 'off: the terminal selects text itself'}")
