"""Questions and help over a screen. The answer that changes nothing is the one under the cursor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Button, Static

from hostdeck.tui.widgets.dialog import Dialog
from hostdeck.tui.widgets.words import inert, muted


class Confirm(Dialog[bool]):
    """True only for the deed's own button, or its letter `y`."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,n", "answer(False)", "no"),
        Binding("y", "answer(True)", "yes"),
        Binding("left,right", "other", "other", show=False),
    ]

    def __init__(self, question: str, lines: Sequence[str], deed: str, *, keep: str = "Keep it", env: str = "") -> None:
        super().__init__()
        self._question = question
        self._lines = lines
        self._deed = deed
        self._keep = keep
        self._env = env

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog"):
            heading = f"[{self._env.upper()}] {self._question}" if self._env else self._question
            yield Static(inert(heading), id="dialog-title", markup=False)
            yield Static(Text("\n").join(inert(line) for line in self._lines), id="dialog-text", markup=False)
            with Horizontal(id="dialog-buttons"):
                yield Button(Text(self._keep), id="keep", compact=True)
                yield Button(Text(self._deed), id="deed", compact=True)
            yield Static(muted("Enter the marked one   y yes   n or esc no"), markup=False)

    def on_mount(self) -> None:
        self.query_one("#keep").focus()

    def action_answer(self, answer: bool) -> None:
        self.dismiss(answer)

    def action_other(self) -> None:
        self.focus_next()

    @on(Button.Pressed)
    def pressed(self, event: Button.Pressed) -> None:
        self.dismiss(event.button.id == "deed")
