"""The line above the keys: notices appear there, and `:` and `/` are typed there. It never covers a table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from rich.text import Text
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Input, Static

from hostdeck.tui.theme import Tone
from hostdeck.tui.widgets.commands import beginnings
from hostdeck.tui.widgets.field import Field
from hostdeck.tui.widgets.words import muted, toned

NOTICE_SECONDS = 6.0
OTHER = {"find": "filter", "filter": "find"}


class PromptInput(Field):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "give_up", "cancel", show=False),
        Binding("tab", "complete", "complete", show=False),
        Binding("up", "older(-1)", "older", show=False),
        Binding("down", "older(1)", "newer", show=False),
    ]

    def action_give_up(self) -> None:
        self.post_message(PromptLine.GaveUp())

    def action_complete(self) -> None:
        self.post_message(PromptLine.Completing())

    def action_older(self, step: int) -> None:
        self.post_message(PromptLine.Older(step))


class PromptLine(Horizontal):
    """Idle, it shows the last notice; `open` turns it into a prompt until Enter or esc."""

    class Submitted(Message):
        """Enter: what was typed at which prompt (`:`, `/`, `find`, `filter`)."""

        def __init__(self, kind: str, text: str) -> None:
            self.kind = kind
            self.text = text
            super().__init__()

    class Typed(Message):
        def __init__(self, kind: str, text: str) -> None:
            self.kind = kind
            self.text = text
            super().__init__()

    class GaveUp(Message):
        """esc at the prompt."""

    class Completing(Message):
        pass

    class Older(Message):
        """A line typed before, or, with a positive step, after the one shown."""

        def __init__(self, step: int) -> None:
            self.step = step
            super().__init__()

    def __init__(self) -> None:
        super().__init__()
        self.kind = ""
        self._history: Sequence[str] = ()
        self._place = 0
        self._words: Callable[[str], Sequence[str]] = beginnings
        self._before: Widget | None = None
        self._cleared: Timer | None = None

    def compose(self) -> ComposeResult:
        yield Static("", id="prompt-label", markup=False)
        yield PromptInput(id="prompt-input", compact=True)
        yield Static("", id="prompt-note", markup=False)

    def on_mount(self) -> None:
        self.add_class("-idle")

    @property
    def is_open(self) -> bool:
        return bool(self.kind)

    @property
    def notice(self) -> str:
        content = self.query_one("#prompt-note", Static).content
        return content.plain if isinstance(content, Text) else str(content)

    def say(self, text: str, tone: Tone = Tone.PLAIN) -> None:
        """A notice for some seconds, or until the next one."""
        self._note(toned(text, tone))
        if self._cleared is not None:
            self._cleared.stop()
        self._cleared = self.set_timer(NOTICE_SECONDS, lambda: self._note(Text("")))

    def open(
        self,
        kind: str,
        text: str = "",
        *,
        history: Sequence[str] = (),
        words: Callable[[str], Sequence[str]] = beginnings,
    ) -> None:
        """`history`: what was typed before, the newest last; `words`: what a beginning may become."""
        self.kind = kind
        self._history, self._words = history, words
        self._place = len(history)
        self._before = self.screen.focused
        self.remove_class("-idle")
        self._become(kind)
        entry = self.query_one(PromptInput)
        entry.value = text
        entry.cursor_position = len(text)
        # At once, not by a message: what is typed ahead over a slow line must not reach the table as deeds.
        self.screen.set_focus(entry, scroll_visible=False)
        self._hint(text)

    def _become(self, kind: str) -> None:
        self.kind = kind
        self.query_one("#prompt-label", Static).update(toned(kind if len(kind) == 1 else f"{kind} ", Tone.ACCENT))

    def close(self) -> None:
        self.kind = ""
        self.add_class("-idle")
        self._note(Text(""))
        if self._before is not None and self._before.is_mounted:
            self._before.focus()

    @on(Input.Changed)
    def typed(self, event: Input.Changed) -> None:
        event.stop()
        if self.is_open:
            self._hint(event.value)
            self.post_message(self.Typed(self.kind, event.value))

    @on(Input.Submitted)
    def submitted(self, event: Input.Submitted) -> None:
        event.stop()
        kind, text = self.kind, event.value.strip()
        self.close()
        self.post_message(self.Submitted(kind, text))

    @on(Completing)
    def complete(self) -> None:
        """Tab: the rest of a `:` word; in a log, filter instead of find, or the other way round."""
        entry = self.query_one(PromptInput)
        if self.kind in OTHER:
            self._become(OTHER[self.kind])
            self._hint(entry.value)
        if self.kind == ":" and (found := self._words(entry.value)):
            entry.value = found[0]
            entry.cursor_position = len(entry.value)

    @on(Older)
    def older(self, event: Older) -> None:
        if not self._history:
            return
        self._place = max(0, min(self._place + event.step, len(self._history)))
        entry = self.query_one(PromptInput)
        entry.value = self._history[self._place] if self._place < len(self._history) else ""
        entry.cursor_position = len(entry.value)

    def on_descendant_blur(self, event: events.DescendantBlur) -> None:
        if self.is_open and event.widget.id == "prompt-input":
            self._before = None
            self.call_after_refresh(self._close_if_left)

    def _close_if_left(self) -> None:
        if self.is_open and not self.query_one(PromptInput).has_focus:
            self.close()

    def _hint(self, text: str) -> None:
        hints: dict[str, Callable[[], str]] = {
            ":": lambda: "  ".join(self._words(text)[:8]) if " " not in text else "",
            "/": lambda: "words, !not, ~fuzzy, state:fail, age:<1h; Enter keeps it, esc clears it",
            "find": lambda: "in all lines; then n N  Tab: filter",
            "filter": lambda: "words, !not, -C2 around  Tab: find",
        }
        self._note(muted(hints.get(self.kind, lambda: "")()))

    def _note(self, text: Text) -> None:
        if self.is_mounted:
            self.query_one("#prompt-note", Static).update(text)
