"""A screen for the wall: nobody types there, it changes nothing, turns its pages itself, and says so when what it
shows is no longer true."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo
from functools import partial
from typing import ClassVar, Protocol, cast

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal

from hostdeck.core.queries import wall
from hostdeck.screens.wall_pages import PAGES, Known, Room, page_lines
from hostdeck.screens.wall_silence import LIVE_FOR, silence, silence_lines
from hostdeck.tui.feed import Feed
from hostdeck.tui.theme import Tone
from hostdeck.tui.widgets.dialog import Dialog
from hostdeck.tui.widgets.digits import ROWS
from hostdeck.tui.widgets.frame import OneLine, Part
from hostdeck.tui.widgets.lines import Lines
from hostdeck.tui.widgets.words import ago, joined, muted, toned

ROTATE = 20.0
"""Seconds that a page stays where nothing else is asked for."""

QUIT_WITHIN = 2.0
SHIFTS = ((0, 0), (1, 0), (1, 1), (0, 1))
"""Where the picture stands, in cells from the left and the top, one after the other: nothing burns in."""


class WallDeck(Protocol):
    """What the wall needs of the program it runs in."""

    feed: Feed
    zone: tzinfo | None
    env: str

    def clock(self) -> datetime: ...


class Wall(Dialog[None]):
    """Modal, so that no key of the program reaches over it. `rotate`: seconds a page stays, 0 for as long as nobody
    turns it."""

    ALLOW_SELECT = False
    KEYS_OF_ITS_OWN = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "hold", "hold page"),
        Binding("left", "turn(-1)", "page before"),
        Binding("right", "turn(1)", "next page"),
        Binding("plus", "grow(1)", "larger numbers"),
        Binding("underscore", "grow(-1)", "smaller numbers"),
        Binding("q", "leave", "leave"),
        Binding("escape", "back", "back to the console", show=False),
    ]

    def __init__(self, rotate: float = ROTATE, pages: Sequence[str] = PAGES, *, over: bool = False) -> None:
        """`over` the console, esc goes back to it."""
        super().__init__()
        self._over = over
        self.page = pages[0]
        self.held = rotate == 0 or len(pages) == 1
        self._rotate = rotate or ROTATE
        self._pages = tuple(pages)
        self._known = Known()
        self._grown: int | None = None
        self._turned_at = time.monotonic()
        self._q_at = -QUIT_WITHIN

    @property
    def deck(self) -> WallDeck:
        return cast(WallDeck, self.app)

    def compose(self) -> ComposeResult:
        with Horizontal(id="wall-head"):
            yield OneLine(id="wall-title")
            yield OneLine(id="wall-next")
        yield Lines(id="wall-body")
        yield OneLine(id="wall-keys")

    def on_mount(self) -> None:
        self._since = self.deck.clock()
        now, feed = self.deck.clock, self.deck.feed
        # Whatever the console beneath has frozen or slowed down: a wall says that it is live.
        watch = partial(feed.watch, steady=True)
        self._watches = (
            watch(lambda: wall.counts(now=now()), self._counted, visible=self._seen, every=lambda: 5.0, rest=2.0),
            watch(
                lambda: wall.tasks(now=now()), self._worked, visible=lambda: self._seen("tasks"), every=lambda: 15.0,
                rest=1.0,
            ),
            watch(
                lambda: wall.zones(now=now()), self._deployed, visible=lambda: self._seen("zones"), every=lambda: 60.0,
                rest=5.0,
            ),
            watch(
                lambda: wall.courses(now=now()), self._coursed, visible=lambda: self._seen("home", "tasks"),
                every=lambda: 60.0, rest=30.0,
            ),
        )  # fmt: skip
        self.set_interval(1.0, self.tick)
        self.tick()

    def on_unmount(self) -> None:
        for watch in self._watches:
            self.deck.feed.drop(watch)

    def on_resize(self) -> None:
        self.call_after_refresh(self.draw)

    def _seen(self, *pages: str) -> bool:
        """Whether anything of these pages is ever shown now; without any, whether the wall is."""
        return self.is_current and (not pages or not set(pages).isdisjoint(self._pages))

    # -- what was read

    def _counted(self, found: wall.WallCounts) -> None:
        self._known.counts = found
        self.draw()

    def _worked(self, found: wall.WallTasks) -> None:
        self._known.tasks = found
        self.draw()

    def _deployed(self, found: wall.WallZones) -> None:
        self._known.zones = found
        self.draw()

    def _coursed(self, found: wall.WallCourses) -> None:
        self._known.courses = found
        self.draw()

    # -- the picture

    def tick(self) -> None:
        if not self.held and time.monotonic() - self._turned_at >= self._rotate:
            self._turn(1)
        self.draw()

    def draw(self) -> None:
        if not self.is_mounted:
            return
        now = self.deck.clock()
        x, y = SHIFTS[int(now.timestamp() // 3600) % len(SHIFTS)]
        self.styles.padding = (y, 1 - x, 1 - y, x)
        self.query_one("#wall-title", OneLine).put(*self._title(now))
        left = max(0.0, self._rotate - (time.monotonic() - self._turned_at))
        self.query_one("#wall-next", OneLine).put([], [Part(muted("held" if self.held else f"next {left:.0f}s"))])
        body, width = self.query_one("#wall-body", Lines), self.size.width - 1
        room = Room(width, self.size.height - 3, now, self._grown)
        quiet = silence(self._known.counts, self.deck.feed, now, self._since)
        body.put(page_lines(self.page, self._known, room) if quiet is None else silence_lines(quiet, room, self._at))
        self.query_one("#wall-keys", OneLine).put(self._keys())

    def _at(self, moment: datetime) -> str:
        """The time of day; with the date when that is another day."""
        here, today = moment.astimezone(self.deck.zone), self.deck.clock().astimezone(self.deck.zone)
        return here.strftime("%H:%M" if here.date() == today.date() else "%Y-%m-%d %H:%M")

    def _title(self, now: datetime) -> tuple[list[Part], list[Part]]:
        here = now.astimezone(self.deck.zone)
        name = [toned("hostdeck WALL", Tone.BRIGHT)]
        name += [toned(f"[{self.deck.env.upper()}]", Tone.WRONG)] if self.deck.env else []
        left = [
            Part(Text(" ", end="").join(name)),
            Part(toned("READ-ONLY", Tone.WAITING), 2, toned("RO", Tone.WAITING)),
        ]
        page = f"page {self._pages.index(self.page) + 1}/{len(self._pages)}"
        right = [Part(toned(f"{here:%H:%M} {here.tzname() or ''}".rstrip(), Tone.BRIGHT)), Part(muted(page), 4)]
        right.append(self._data(now))
        if self._known.counts is not None and (at := self._known.counts.figures_at) is not None:
            age = ago(at, now)
            right.append(Part(muted("figures new" if age == "now" else f"figures {age} old"), 3))
        return left, right

    def _data(self, now: datetime) -> Part:
        age = now - (self.deck.feed.heard_at or self._since)
        if age <= LIVE_FOR:
            return Part(joined(muted("data "), toned("live", Tone.OK)))
        seconds = int(age / timedelta(seconds=1))
        return Part(toned(f"data {seconds}s old" if seconds < 120 else f"data {seconds // 60}m old", Tone.WRONG))

    def _keys(self) -> list[Part]:
        if time.monotonic() - self._q_at < QUIT_WITHIN:
            return [Part(toned("q again to leave the wall", Tone.WAITING))]
        known = (
            ("space", "let the pages turn" if self.held else "hold page", "go on" if self.held else "hold"),
            ("left right", "page", "page"), ("+ _", "number size", "size"), ("q q", "leave", "leave"),
        )  # fmt: skip
        return [Part(_key(key, long), 0, _key(key, short)) for key, long, short in known]

    # -- the keys there are

    def _turn(self, step: int) -> None:
        self.page = self._pages[(self._pages.index(self.page) + step) % len(self._pages)]
        self._turned_at = time.monotonic()

    def action_hold(self) -> None:
        self.held = not self.held
        self._turned_at = time.monotonic()
        self.draw()

    def action_turn(self, step: int) -> None:
        self._turn(step)
        self.draw()

    def action_grow(self, step: int) -> None:
        self._grown = max(0, min(len(ROWS) - 1, (1 if self._grown is None else self._grown) + step))
        self.draw()

    def action_back(self) -> None:
        if self._over:
            self.dismiss()

    def action_leave(self) -> None:
        now = time.monotonic()
        if now - self._q_at < QUIT_WITHIN:
            self.dismiss()
        self._q_at = now
        self.draw()


def _key(key: str, word: str) -> Text:
    return joined(toned(key, Tone.ACCENT), muted(f" {word}"))
