"""Errors are named for what happens next. Nothing below this module knows any other room.

`Refused` and its kinds: nothing was done, tell the person. `Transient`: try again later.
`NotYet`: wait, at no cost. `Permanent`: stop and show it. Messages say where, what, and what to try.
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar


class HostdeckError(Exception):
    """The root of every error that hostdeck raises on purpose; `str()` is one line fit for a person."""

    exit_code: ClassVar[int] = 1


class Refused(HostdeckError):
    """The wish can't be granted as things are; nothing was changed. `where` names the object or command."""

    exit_code = 4
    default_code: ClassVar[str] = "REFUSED"

    def __init__(self, where: str, text: str, code: str | None = None) -> None:
        self.where = where
        self.text = text
        self.code = code or self.default_code
        super().__init__(f"{where}: {text}")


class Conflict(Refused):
    """Somebody or something else stands there already (`interface.md`: exit 4)."""

    default_code = "CONFLICT"


class NotFound(Refused):
    """The named object does not exist (exit 3)."""

    exit_code = 3
    default_code = "NOT_FOUND"


class Invalid(Refused):
    """A field's value is not accepted (exit 2): `FIELD: text [CODE]`, as `robustness.md` 5 words it."""

    exit_code = 2

    def __init__(self, field: str, text: str, code: str) -> None:
        super().__init__(field, text, code)
        self.field = field

    def __str__(self) -> str:
        return f"{self.field}: {self.text} [{self.code}]"


class Failed(HostdeckError):
    """What was asked was carried out, and it failed (exit 1)."""


class TimedOut(HostdeckError):
    """Waiting ended before the work did; the work goes on (exit 5)."""

    exit_code = 5


class UnsafeHome(HostdeckError):
    """The home's owner or modes let others in (exit 77); the message holds the command that mends it."""

    exit_code = 77


class UnusableDatabase(HostdeckError):
    """The database is corrupt or newer than this program (exit 78); the file was not touched."""

    exit_code = 78


class StepError(HostdeckError):
    """What a step can meet on its way; the runner turns each kind into a state. `unsent`: it ended a changing exec
    before anything of it began on the node."""

    unsent: bool = False


class Transient(StepError):
    """It may go better later: retry after a back-off, at the price of an attempt."""


class NotYet(StepError):
    """Nothing was done and nothing is wrong with the step itself: wait, the attempt is given back. `until`: it is of
    no use to look before."""

    def __init__(self, text: str, until: datetime | None = None) -> None:
        super().__init__(text)
        self.until = until


class NotMeant(StepError):
    """There is nothing to do here, and never will be: the task is passed over with this sentence."""


class Permanent(StepError):
    """No retry will help; the task fails with this sentence."""


class Taken(Permanent):
    """What should have been made stands there already."""
