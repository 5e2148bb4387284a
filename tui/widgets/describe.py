"""Everything that is known of one row: in words, or as the JSON that scripts get."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, runtime_checkable

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Static

from hostdeck.tui.theme import STYLE, Tone
from hostdeck.tui.widgets.dialog import Dialog
from hostdeck.tui.widgets.words import inert, muted

if TYPE_CHECKING:
    from rich.syntax import Syntax


def lines(said: Mapping[str, Any], depth: int = 0) -> Iterator[tuple[int, str, str]]:
    """Depth, name and value of every field, those within fields after their own."""
    for name, value in said.items():
        label = str(name).replace("_", " ")
        if isinstance(value, dict) and value:
            yield depth, label, ""
            yield from lines(value, depth + 1)
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            for place, one in enumerate(value, 1):
                yield depth, f"{label} {place}", ""
                yield from lines(one, depth + 1)
        elif isinstance(value, list):
            yield depth, label, ", ".join(str(one) for one in value) or "-"
        else:
            yield depth, label, _said(value)


def _said(value: Any) -> str:
    if value is None or value == "":
        return "-"
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


@runtime_checkable
class Described(Protocol):
    """A row that can tell all of itself, as every pydantic model can."""

    def model_dump(self, *, mode: str) -> dict[str, Any]: ...

    def model_dump_json(self, *, indent: int) -> str: ...


class Describe(Dialog[None]):
    """`raw`: as JSON. `y` and `d` go from one to the other."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "dismiss", "close"),
        Binding("y", "raw(True)", "JSON"),
        Binding("d", "raw(False)", "words"),
    ]

    def __init__(self, title: str, row: Described, *, raw: bool) -> None:
        super().__init__()
        self._title = title
        self._row = row
        self._raw = raw

    def compose(self) -> ComposeResult:
        with Vertical(id="describe"):
            yield Static(inert(self._title), id="dialog-title", markup=False)
            with VerticalScroll(id="describe-scroll"):
                yield Static("", id="describe-text", markup=False)
            yield Static(muted("d in words   y as JSON   esc closes"), markup=False)

    def on_mount(self) -> None:
        self.action_raw(self._raw)
        self.query_one("#describe-scroll").focus()

    def action_raw(self, raw: bool) -> None:
        self.query_one("#describe-text", Static).update(self._json() if raw else self._words())

    def _json(self) -> Syntax:
        from rich.syntax import Syntax

        # The terminal's own colours: a palette of Pygments' would be foreign to every theme.
        return Syntax(self._row.model_dump_json(indent=2), "json", theme="ansi_dark", background_color="default")

    def _words(self) -> Text:
        text = Text(end="")
        for depth, name, value in lines(self._row.model_dump(mode="json")):
            label = f"{'  ' * depth}{name}"
            text.append(f"{label:<24} ", STYLE[Tone.MUTED if value else Tone.BRIGHT]).append_text(inert(value))
            text.append("\n")
        return text
