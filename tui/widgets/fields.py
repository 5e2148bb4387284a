"""Fields one types into. Their cursor stands still: over a slow line every blink would be sent."""

from __future__ import annotations

from textual.reactive import Reactive, reactive
from textual.widgets import Checkbox, Input, RadioButton, TextArea

from hostdeck.tui.theme import glyphs


class Field(Input):
    cursor_blink = reactive(False, init=False)


class Lines(TextArea):
    cursor_blink: Reactive[bool] = reactive(False, init=False)


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
