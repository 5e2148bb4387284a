"""Fields one types into. Their cursor stands still: over a slow line every blink would be sent."""

from __future__ import annotations

from textual.reactive import Reactive, reactive
from textual.widgets import Input, TextArea


class Field(Input):
    cursor_blink = reactive(False, init=False)


class Lines(TextArea):
    cursor_blink: Reactive[bool] = reactive(False, init=False)
