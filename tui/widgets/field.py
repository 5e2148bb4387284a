"""A field of one line. Its cursor stands still: over a slow line every blink would be sent."""

from __future__ import annotations

from textual.reactive import reactive
from textual.widgets import Input


class Field(Input):
    cursor_blink = reactive(False, init=False)
