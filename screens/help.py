"""The keys that work here, and the `:` words that work everywhere."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import ActiveBinding, Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Static

from hostdeck.screens.base import DeckScreen
from hostdeck.screens.framed import Framed
from hostdeck.tui.theme import Tone
from hostdeck.tui.widgets.columns import fitted
from hostdeck.tui.widgets.commands import COMMANDS
from hostdeck.tui.widgets.dialog import Dialog
from hostdeck.tui.widgets.words import inert, muted, toned

Rows = list[tuple[str, str]]


class Help(Dialog[None]):
    """Read from the keys that are bound, so that it can't be out of date."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q,question_mark,f1", "dismiss", "close")]

    def __init__(self, screen: DeckScreen) -> None:
        super().__init__()
        self._about = screen
        self._active = screen.active_bindings
        ours = [kind for kind in type(screen).__mro__ if issubclass(kind, Framed)]
        bound = [binding for kind in ours for binding in kind.__dict__.get("BINDINGS", ())]
        self._own = {binding.action for binding in bound if isinstance(binding, Binding)}

    def compose(self) -> ComposeResult:
        with Vertical(id="help"), VerticalScroll(id="help-scroll"):
            yield Static(self._words(), id="help-text", markup=False)

    def on_resize(self) -> None:
        self.query_one("#help-text", Static).update(self._words())

    def _words(self) -> Text:
        focus, here, everywhere = self._groups()
        words: Rows = [
            (f":{command.word} {command.takes}".strip(), f"{command.help}{f'   {command.key}' if command.key else ''}")
            for command in COMMANDS
        ]
        lists = [*_section("Here", here), *_section("In this panel", focus)]
        general = _section("Everywhere", everywhere)
        lines = [*lists, *general] if self.size.width < 100 else _beside(lists, general)
        lines += [
            *_section("Commands", words, 36),
            muted("/ keeps rows with all words, /!word those without it; esc closes"),
        ]
        return Text("\n", end="").join(lines)

    def _groups(self) -> tuple[Rows, Rows, Rows]:
        groups: tuple[dict[tuple[int, str], list[str]], ...] = ({}, {}, {})
        for key, active in self._active.items():
            binding, which = active.binding, self._group(active)
            inherited = binding.action.startswith(("scroll_", "page_left", "page_right")) or binding.system
            if which is not None and binding.description and not inherited and binding.action != "quit":
                groups[which].setdefault((id(active.node), binding.description), []).append(self._written(key, active))
        focus, here, everywhere = ([(_keys(keys), what) for (_, what), keys in group.items()] for group in groups)
        return focus, here, everywhere

    def _group(self, active: ActiveBinding) -> int | None:
        if active.node is self._about.app:
            return 2
        if active.node is self._about:
            return 1 if active.binding.action in self._own else None
        return 0

    def _written(self, key: str, active: ActiveBinding) -> str:
        return self.app.get_key_display(active.binding) or key


def _keys(keys: list[str]) -> str:
    """Each once, though `← →` is written for both of its keys."""
    return " ".join(dict.fromkeys(key for shown in keys for key in shown.split()))


def _section(title: str, rows: Rows, width: int = 16) -> list[Text]:
    lines = [toned(title, Tone.BRIGHT)] if rows else []
    width = max([width, *(len(keys) for keys, _ in rows)])
    for keys, what in rows:
        lines.append(Text.assemble(fitted(toned(keys, Tone.ACCENT), width), " ", inert(what), end=""))
    return [*lines, Text("")] if lines else []


def _beside(left: list[Text], right: list[Text], width: int = 46) -> list[Text]:
    blank = Text("", end="")
    rows = max(len(left), len(right))
    left, right = left + [blank] * (rows - len(left)), right + [blank] * (rows - len(right))
    return [fitted(one, width).append_text(other) for one, other in zip(left, right, strict=True)]
