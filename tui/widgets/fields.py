"""Further fields of forms, which take longer to load than the one of a prompt."""

from __future__ import annotations

from textual import events
from textual.reactive import Reactive, reactive
from textual.widgets import Checkbox, RadioButton, TextArea

from hostdeck.tui.theme import glyphs
from hostdeck.tui.widgets.own_keys import do_own_key


class Lines(TextArea):
    """Of several lines, with a cursor that stands still."""

    cursor_blink: Reactive[bool] = reactive(False, init=False)

    async def _on_key(self, event: events.Key) -> None:
        await do_own_key(self, event)


class Tick(Checkbox):
    """A box whose cross is there or not: a state never hangs on colour alone."""

    @property
    def BUTTON_INNER(self) -> str:  # type: ignore[override]
        return "x" if self.value else " "


class Choice(RadioButton):
    """One of several, likewise."""

    @property
    def BUTTON_INNER(self) -> str:  # type: ignore[override]
        return glyphs().chosen if self.value else " "
