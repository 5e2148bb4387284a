"""A private key as a form takes it: a path on this machine, or its text pasted, which is never shown."""

from __future__ import annotations

from pathlib import Path

from textual import events

from hostdeck.core.errors import Invalid
from hostdeck.tui.widgets.field import Field

BEGIN = "-----BEGIN"
KEY_LIMIT = 65_536


class KeyField(Field):
    """What is pasted and begins like a key is kept aside; the field only says that it is there."""

    pasted: str = ""

    def on_paste(self, event: events.Paste) -> None:
        if event.text.strip().startswith(BEGIN):
            event.stop()
            event.prevent_default()
            self.pasted = event.text.strip() + "\n"
            self.value = ""
            self.placeholder = f"a pasted key of {len(self.pasted.splitlines())} lines"

    def typed(self) -> str:
        """The path, else the pasted key; empty where there is neither."""
        return self.value.strip() or self.pasted


def private_key(typed: str) -> str:
    """The key's text; a path is read. Invalid [SRV_KEY] where that can't be done."""
    if not typed or typed.startswith(BEGIN):
        return typed
    try:
        path = Path(typed).expanduser()
    except RuntimeError as error:
        raise Invalid("key", f"{typed}: {error}", "SRV_KEY") from None
    try:
        with path.open("rb") as file:
            raw = file.read(KEY_LIMIT + 1)
    except OSError as error:
        raise Invalid("key", f"{path}: {error.strerror or error}", "SRV_KEY") from None
    except ValueError:
        raise Invalid("key", "is neither a path nor a private key", "SRV_KEY") from None
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise Invalid("key", "cannot be read as a private key", "SRV_KEY") from None
