"""What `hostdeck` shows where there is no home yet: what a home is, where it would be, and three ways on."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from hostdeck.tui.theme import Tone
from hostdeck.tui.themed import Themed
from hostdeck.tui.widgets.words import inert, muted, styled

MAKE, TRY, LEAVE = "make", "try", "leave"
WAYS = (
    (MAKE, "make it", "then the console leads to the first service"),
    (TRY, "try it first", "a simulated fleet in a home that is thrown away"),
    (LEAVE, "leave", "nothing is made"),
)


class FirstRun(Themed[str]):
    """Ends with one of MAKE, TRY and LEAVE, or None."""

    CSS = """
    Screen { background: $background; color: $foreground; padding: 1 2; }
    #title, #path, #ways { margin-bottom: 1; height: auto; }
    #ways { background: $background; border: none; padding: 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("m", "take('make')", "make it"),
        Binding("t", "take('try')", "try it"),
        Binding("q,escape", "take('leave')", "leave"),
    ]

    def __init__(self, home: Path, database: str, theme: str = "") -> None:
        super().__init__(home, theme)
        self._where = home
        self._database = database

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static(styled((("Welcome to hostdeck. There is no home for it yet.", Tone.BRIGHT),)), id="title")
            yield Static(self._explained(), id="path", markup=False)
            words = (Text.assemble(inert(f"{name:<16}"), muted(means), end="") for _, name, means in WAYS)
            options = (Option(text, id=key) for text, (key, _, _) in zip(words, WAYS, strict=True))
            yield OptionList(*options, compact=True, id="ways")
            yield Static(muted("Enter takes it   m make it   t try it first   q or esc leave"), markup=False)

    def _explained(self) -> Text:
        return styled(
            (
                ("A home is one folder, open to you alone, with all that hostdeck keeps:\n", Tone.PLAIN),
                ("the database, the queue, the key its worker opens credentials with, and\n", Tone.PLAIN),
                ("hostdeck.toml, should you want settings. Back it up as a whole.\n\n", Tone.PLAIN),
                ("It would be  ", Tone.MUTED), (f"{self._where}\n", Tone.ACCENT),
                ("database     ", Tone.MUTED), (f"{self._database}\n", Tone.ACCENT),
                ("elsewhere:   ", Tone.MUTED), ("hostdeck --home DIR, or HOSTDECK_HOME=DIR", Tone.PLAIN),
            )
        )  # fmt: skip

    def on_mount(self) -> None:
        self.query_one(OptionList).focus()

    def action_take(self, way: str) -> None:
        self.exit(way)

    @on(OptionList.OptionSelected)
    def selected(self, event: OptionList.OptionSelected) -> None:
        self.exit(event.option_id)
