"""Which automatic answers a node can be told, and how.

`v-add-mail-account-autoreply` takes the text as an argument and writes it with `echo -e`: a backslash begins an escape
there, a newline may stand in it as `\\n`, and quotes need nothing. The mail server does not expand the file.
"""

from __future__ import annotations

MOST_BYTES = 10239
"""Of the argument; Hestia refuses a longer one."""


def message_argument(text: str) -> str:
    """The argument that becomes this text on the node; a dash at the beginning would be an option of echo's."""
    told = text.replace("\\", "\\\\").replace("\n", "\\n")
    return f"\\x2d{told[1:]}" if told.startswith("-") else told


def unsendable(text: str) -> str | None:
    """Why a node can't be told a text, None where it can. Nothing but newlines and tabs stands beside what prints."""
    strange = next((char for char in text if not char.isprintable() and char not in "\n\t"), None)
    if strange is not None:
        return f"it holds {strange!r}, which is no plain text"
    size = len(message_argument(text).encode("utf-8", "replace"))
    return f"it takes {size} bytes, {MOST_BYTES} is the most" if size > MOST_BYTES else None
