"""A field of one line. Its cursor stands still: over a slow line every blink would be sent.

Letters go into a field at once, while a key with a binding first climbs through all that is around it: in a burst, as a
slow line makes them, the letters after a backspace would be there before it. So the field's own keys are done at once.
"""

from __future__ import annotations

from textual import events
from textual.reactive import reactive
from textual.widgets import Input


class Field(Input):
    cursor_blink = reactive(False, init=False)

    async def _on_key(self, event: events.Key) -> None:
        bound = self._bindings.key_to_bindings.get(event.key)
        if bound and not event.is_printable:
            event.stop()
            event.prevent_default()
            await self.run_action(bound[0].action)
