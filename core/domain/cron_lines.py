"""Which cron jobs a HestiaCP node keeps as they were written (`hestia.md` 3.2, 6.3).

It stores a quote as `%quote%` and loses backslashes in its listings; a back-tick or a newline it refuses, and the words
it puts in place of quotes and colons it takes for them.
"""

from __future__ import annotations

SPELLINGS = ("%quote%", "%dots%")
"""What the node would turn into a quote or a colon."""


def unkeepable(schedule: str, command: str) -> str | None:
    """Why a node would not keep a job as it is written; None where it does."""
    fields = schedule.split(" ")
    if len(fields) != 5 or not all(fields) or any(set(field) - set("0123456789*/,-") for field in fields):
        return f"'{schedule}' is not five fields of digits, '*', '/', ',' and '-' with one blank between them"
    odd = next((char for char in command if char in "`\\" or (not char.isprintable() and char != "\t")), None)
    if odd is not None:
        return f"its command holds {odd!r}, which the node does not keep"
    spelling = next((word for word in SPELLINGS if word in command), None)
    if spelling is not None:
        return f"its command holds {spelling}, which the node would turn into another sign"
    if not command or command != command.strip() or command.startswith("-"):
        return "its command must not be empty, nor begin or end with a blank, nor begin with a dash"
    return None
