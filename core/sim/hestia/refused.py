"""Exit codes of HestiaCP and the exception that carries one (`hestia.md` 2)."""

from __future__ import annotations

ARGS = 1
INVALID = 2
NOT_EXIST = 3
EXISTS = 4
SUSPENDED = 5
UNSUSPENDED = 6
LIMIT = 8
PASSWORD = 9
FORBIDDEN = 10
DISABLED = 11
LOADED = 14
CONNECT = 15
RESTART = 20


class Refused(Exception):
    """A `v-*` command ends here with a code.

    `raw` is for the few texts Hestia prints without the prefix `Error:` and for failures that print nothing.
    """

    def __init__(self, code: int, text: str, *, raw: bool = False) -> None:
        super().__init__(text)
        self.code = code
        self.line = text if raw else f"Error: {text}\n"
