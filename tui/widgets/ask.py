"""One line asked for over a screen; what is wrong with it is said where it is typed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Input, Static

from hostdeck.tui.theme import Tone
from hostdeck.tui.widgets.dialog import Dialog
from hostdeck.tui.widgets.field import Field
from hostdeck.tui.widgets.words import inert, muted, toned


class Ask(Dialog[str | None]):
    """Answers what was typed, or None. `wrong` says what is wrong with a text, empty where nothing is."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", "no")]

    def __init__(
        self,
        question: str,
        lines: Sequence[str | Text] = (),
        value: str = "",
        *,
        wrong: Callable[[str], str] = lambda text: "",
        enter: str = "keeps it",
    ) -> None:
        super().__init__()
        self._question = question
        self._lines = lines
        self._value = value
        self._wrong = wrong
        self._enter = enter

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog"):
            yield Static(inert(self._question), id="dialog-title", markup=False)
            yield Static(Text("\n").join(inert(line) for line in self._lines), id="dialog-text", markup=False)
            yield Field(self._value, id="dialog-typed", compact=True)
            yield Static("", id="dialog-wrong", markup=False)
            yield Static(muted(f"Enter {self._enter}   esc leaves it as it is"), markup=False)

    def on_mount(self) -> None:
        self.query_one("#dialog-text").display = bool(self._lines)
        self.query_one(Field).focus()

    def action_leave(self) -> None:
        self.dismiss(None)

    @on(Input.Submitted)
    def entered(self, event: Input.Submitted) -> None:
        if complaint := self._wrong(event.value):
            self.query_one("#dialog-wrong", Static).update(toned(complaint, Tone.WRONG))
        else:
            self.dismiss(event.value)
