"""What arrives when a key is pressed: terminals, tmux and keyboards differ."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Static

from hostdeck.tui.theme import Tone
from hostdeck.tui.widgets.dialog import Dialog
from hostdeck.tui.widgets.words import inert, joined, muted, toned

SHOWN = 12


class KeyProbe(Dialog[None]):
    """`does` says what the key would do on the screen beneath, and by which name it can be given another."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "twice", "close", priority=True)]

    def __init__(self, does: Callable[[str], tuple[str, str] | None]) -> None:
        super().__init__()
        self._does = does
        self._lines: list[Text] = []
        self._escaped = False

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog"):
            yield Static(inert("Press any key"), id="dialog-title", markup=False)
            yield Static("", id="dialog-text", markup=False)
            yield Static(muted("esc twice closes; a name goes under [keys] in hostdeck.toml"), markup=False)

    def on_key(self, event: events.Key) -> None:
        event.stop()
        event.prevent_default()
        self._escaped = False
        self._say(event.key, event.character)

    def action_twice(self) -> None:
        if self._escaped:
            self.dismiss()
        else:
            self._say("escape", None)
            self._escaped = True

    def _say(self, key: str, character: str | None) -> None:
        shown = f" {character!r}" if character and character.isprintable() else ""
        found = self._does(key)
        what = joined(toned(found[1], Tone.PLAIN), muted(f"  {found[0]}")) if found else muted("nothing here")
        self._lines.append(joined(toned(f"{key}{shown}".ljust(24), Tone.ACCENT), what))
        self.query_one("#dialog-text", Static).update(Text("\n", end="").join(self._lines[-SHOWN:]))
