"""A field's own keys, in the order in which they were typed.

Letters go into a field at once, while a key with a binding first climbs through all that is around it: in a burst, as a
slow line makes them, the letters after a backspace would be there before it. So the field's own keys are done at once.
"""

from __future__ import annotations

from textual import events
from textual.widget import Widget


async def do_own_key(field: Widget, event: events.Key) -> None:
    """What a field does first with each key. One that it has nothing to do for now, such as a copy where nothing is
    selected, climbs on."""
    for bound in () if event.is_printable else field._bindings.key_to_bindings.get(event.key, ()):
        if await field.app.run_action(bound.action, field):
            event.stop()
            event.prevent_default()
            return
