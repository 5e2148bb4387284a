"""A field's own keys, in the order in which they were typed.

Letters go into a field at once, while a key with a binding first climbs through all that is around it: in a burst, as a
slow line makes them, the letters after a backspace would be there before it. So the field's own keys are done at once.
"""

from __future__ import annotations

from textual import events
from textual.widget import Widget


async def do_own_key(field: Widget, event: events.Key) -> None:
    """What a field does first with each key."""
    bound = field._bindings.key_to_bindings.get(event.key)
    if bound and not event.is_printable:
        event.stop()
        event.prevent_default()
        await field.run_action(bound[0].action)
