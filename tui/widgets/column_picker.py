"""Which columns of a list are shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from hostdeck.tui.widgets.dialog import Dialog
from hostdeck.tui.widgets.words import inert, muted


class ColumnPicker(Dialog[frozenset[str] | None]):
    """Answers the keys of the hidden columns; None where nothing was changed. The last one can't be hidden."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "leave"),
        Binding("space", "turn", "show or hide"),
        Binding("a", "all", "all"),
    ]

    def __init__(self, columns: Sequence[tuple[str, str]], hidden: frozenset[str]) -> None:
        super().__init__()
        self._columns = columns
        self._hidden = hidden

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog"):
            yield Static(inert("Columns"), id="dialog-title", markup=False)
            yield OptionList(*(Option(self._line(key, title), id=key) for key, title in self._columns), compact=True)
            yield Static(muted("space shows or hides   a all   Enter keeps it   esc leaves it"), markup=False)

    def on_mount(self) -> None:
        self.query_one(OptionList).focus()

    def _line(self, key: str, title: str) -> Text:
        return inert(f"[{' ' if key in self._hidden else 'x'}] {title}")

    def action_turn(self) -> None:
        options = self.query_one(OptionList)
        if options.highlighted is None:
            return
        key, _ = self._columns[options.highlighted]
        turned = self._hidden ^ {key}
        if len(turned) < len(self._columns):
            self._put(turned)

    def action_all(self) -> None:
        self._put(frozenset())

    def _put(self, hidden: frozenset[str]) -> None:
        self._hidden = hidden
        for key, title in self._columns:
            self.query_one(OptionList).replace_option_prompt(key, self._line(key, title))

    @on(OptionList.OptionSelected)
    def chosen(self) -> None:
        self.dismiss(self._hidden)

    def action_leave(self) -> None:
        self.dismiss(None)
