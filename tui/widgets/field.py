"""A field of one line. Its cursor stands still: over a slow line every blink would be sent."""

from __future__ import annotations

from textual import events
from textual.reactive import reactive
from textual.widgets import Input

from hostdeck.tui.widgets.own_keys import do_own_key


class Field(Input):
    cursor_blink = reactive(False, init=False)

    async def _on_key(self, event: events.Key) -> None:
        await do_own_key(self, event)
