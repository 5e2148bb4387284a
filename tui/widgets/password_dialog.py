"""A password that was made here, shown this once: nothing keeps it, and no key but two takes it away."""

from __future__ import annotations

import asyncio
import os
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Static

from hostdeck.tui.clipboard import way
from hostdeck.tui.theme import Tone
from hostdeck.tui.widgets.dialog import Dialog
from hostdeck.tui.widgets.words import inert, muted, toned


class PasswordDialog(Dialog[None]):
    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,escape", "close", "close"),
        Binding("c", "copy", "copy"),
    ]

    def __init__(self, whose: str, password: str) -> None:
        super().__init__()
        self._whose = whose
        self._password = password

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog"):
            yield Static(inert(f"Password of {self._whose}"), id="dialog-title", markup=False)
            yield Static(toned(self._password, Tone.BRIGHT), id="dialog-password", markup=False)
            yield Static(
                muted("It is shown this once and kept nowhere that could be read. P makes another one."),
                id="dialog-text",
                markup=False,
            )
            yield Static("", id="dialog-note", markup=False)
            yield Static(muted("c copies it   Enter or esc closes"), markup=False)

    def action_copy(self) -> None:
        self.run_worker(self._copy())

    async def _copy(self) -> None:
        """By the terminal, which gives no answer, and never by a file."""
        by = await asyncio.to_thread(way, self._password, os.environ)
        if by.sequence:
            self.app.copy_to_clipboard(self._password)
            if self.app._driver is not None and by.wrapped:
                self.app._driver.write(by.sequence)
            words = toned(f"sent to the terminal's clipboard by {by.words}; paste it to see that it arrived", Tone.OK)
        else:
            words = toned(f"not copied: {by.why}", Tone.WAITING)
        self.query_one("#dialog-note", Static).update(words)

    def action_close(self) -> None:
        self.dismiss(None)
