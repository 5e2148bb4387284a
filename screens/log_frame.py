"""A log under its heading: it is followed while it is seen, and copied and saved from; whose log it is, others say."""

from __future__ import annotations

import time
from typing import Any, cast

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.timer import Timer

from hostdeck.core.queries.log_lines import More
from hostdeck.screens import log_exports
from hostdeck.screens.base import DeckScreen
from hostdeck.tui.feed import Watch
from hostdeck.tui.theme import Tone
from hostdeck.tui.widgets.frame import Heading
from hostdeck.tui.widgets.log_body import LogBody
from hostdeck.tui.widgets.log_sources import Begin, LogSource
from hostdeck.tui.widgets.log_tail import LogTail
from hostdeck.tui.widgets.words import joined, muted, toned

COUNT_EVERY = 5.0
"""Seconds between two headings that differ in the number of lines alone: a heading is three lines' worth of bytes."""


class LogFrame(Vertical):
    """Subclasses give a `title` and a `file_name`, and `open` a source."""

    def __init__(self, *, id: str = "log-pane", windows: bool = False) -> None:
        super().__init__(id=id)
        self._windows = windows
        self._watch: Watch[Any] | None = None
        self._said: tuple[str, str, int] = ("", "", 0)
        self._said_at = 0.0
        self._later: Timer | None = None

    def compose(self) -> ComposeResult:
        yield Heading("Log")
        tail = LogTail(zone=self.deck_screen.deck.zone, windows=self._windows)
        tail.read = self.deck_screen.look_up
        yield tail

    @property
    def deck_screen(self) -> DeckScreen:
        return cast(DeckScreen, self.screen)

    @property
    def tail(self) -> LogTail:
        return self.query_one(LogTail)

    @property
    def _lines(self) -> int:
        return self.tail.outline.lines if self.tail.outline is not None else 0

    @property
    def title(self) -> Text:
        """Whose log it is; empty where no log is open."""
        raise NotImplementedError

    @property
    def file_name(self) -> str:
        """What a file of this log is called, without its ending."""
        raise NotImplementedError

    # -- following

    def open(self, source: LogSource | None, empty: str) -> None:
        self._stop()
        self.tail.open(source, empty)
        if source is not None:
            # The log itself, not a look for it: the reading thread may still ask when the screen is being left.
            tail = self.tail
            self._watch = self.deck_screen.follow(lambda: (source, tail.next_answer()), self._take)
            self.deck_screen.deck.feed.poke()

    def wake(self) -> None:
        """The log may have ended, or begun anew."""
        if self._watch is not None:
            self._watch.wake()

    def _take(self, answer: tuple[LogSource, Begin | More | None]) -> None:
        source, page = answer
        if not self.is_attached or source is not self.tail.source or self._watch is None or page is None:
            return
        tries = self.tail.tries
        self.tail.take(page)
        if isinstance(page, Begin) or page.full:
            self._watch.wake()
            self.deck_screen.deck.feed.poke()
        elif page.final:
            self._watch.stop()
        if self.tail.tries != tries:
            self.deck_screen.draw_keys()

    def _stop(self) -> None:
        if self._watch is not None:
            self.deck_screen.unfollow(self._watch)
            self._watch = None

    @on(LogBody.Reopened)
    def reopened(self, event: LogBody.Reopened) -> None:
        """Lines that were shown are no longer kept."""
        event.stop()
        self.wake()
        self.deck_screen.deck.feed.poke()

    # -- the heading

    @on(LogBody.Changed)
    def changed(self, event: LogBody.Changed) -> None:
        event.stop()
        self.say()

    def say(self) -> None:
        """The heading as it is now; a number of lines that grows waits until the last heading is COUNT_EVERY old."""
        words = (self.title.plain, self.tail.state, self._lines)
        left = self._said_at + COUNT_EVERY - time.monotonic()
        if words[:2] == self._said[:2] and self._said[2] and words[2] > self._said[2] and left > 0:
            if self._later is None:
                self._later = self.set_timer(left, self._say)
            return
        self._say()

    def _say(self) -> None:
        if self._later is not None:
            self._later.stop()
            self._later = None
        title, state, count = self.title, self.tail.state, self._lines
        self._said, self._said_at = (title.plain, state, count), time.monotonic()
        if not title.plain:
            self.query_one(Heading).say("Log")
            return
        tone = Tone.WAITING if state.startswith("PAUSED") else Tone.MUTED
        lines = f"{count:,} line{'' if count == 1 else 's'}   "
        self.query_one(Heading).say(title, joined(muted(lines), toned(state, tone)))

    # -- copies and files

    @on(LogTail.Copied)
    def copied(self, event: LogTail.Copied) -> None:
        event.stop()
        log_exports.copy(self.deck_screen, event)

    @on(LogTail.Saved)
    def saved(self, event: LogTail.Saved) -> None:
        event.stop()
        self.save()

    @property
    def is_seen(self) -> bool:
        """Whether it has a place on the screen just now."""
        return bool(self.region)

    def save(self, form: str = "") -> None:
        """The whole log as a file; without a form, which one is asked."""
        log_exports.save_or_ask(self.deck_screen, self.tail, self.file_name, form)
