"""Faults to order: what a pretend node does wrong, and how often.

    WHAT=KIND[:ARG][*TIMES]

WHAT is `connect` or a pattern for a command's name (`v-add-user`, `v-add-*`, `load-zone`, a fixed text's label).
Without `*TIMES` the fault stays for ever.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from fnmatch import fnmatchcase

CONNECT = "connect"


class Kind(Enum):
    """What goes wrong. EXIT, DROP_BEFORE, HANG, LIE: the command is not done. The others: it is."""

    EXIT = "exit"  # exit N, nothing done
    EXIT_AFTER = "exit-after"  # done, and then exit N (20: a service did not reload)
    DROP_BEFORE = "drop-before"  # the connection dies, and the command never started
    DROP_AFTER = "drop-after"  # the connection dies when the command is done
    HANG = "hang"  # stands still for N seconds and is then killed (137), nothing done
    SLOW = "slow"  # takes N seconds longer
    HALF = "half"  # v-add-user is killed half-way (137) and leaves a half-made user
    CUT = "cut"  # the output ends in the middle, exit 0
    LIE = "lie"  # exit 0, nothing done
    CHAT = "chat"  # prints N lines as it goes, each with the node's monotonic clock in nanoseconds
    REFUSE = "refuse"  # connect: closed before login


_INTEGER = {Kind.EXIT, Kind.EXIT_AFTER}
_SECONDS = {Kind.HANG, Kind.SLOW}
_LINES = {Kind.CHAT}
_ON_CONNECT = {Kind.REFUSE, Kind.HANG, Kind.SLOW}
_FORM = re.compile(r"(?P<what>[^=\s]+)=(?P<kind>[a-z-]+)(?::(?P<arg>[0-9]+(?:\.[0-9]+)?))?(?:\*(?P<times>[0-9]+))?")


class BadFault(ValueError):
    """A specification nobody can read; its text is one line for a human."""


@dataclass(frozen=True, slots=True)
class Fault:
    what: str
    kind: Kind
    arg: float | None = None
    times: int | None = None

    @property
    def code(self) -> int:
        return int(self.arg or 0)

    @property
    def lines(self) -> int:
        return int(self.arg or 0)

    @property
    def seconds(self) -> float:
        return self.arg or 0.0

    def meets(self, names: Iterable[str]) -> bool:
        return any(fnmatchcase(name, self.what) for name in names)

    def __str__(self) -> str:
        arg = "" if self.arg is None else f":{self.arg:g}"
        return f"{self.what}={self.kind.value}{arg}" + ("" if self.times is None else f"*{self.times}")


def parse_fault(spec: str) -> Fault:
    """Reads one `--fault`; raises BadFault with one line that says what is wrong."""
    form = _FORM.fullmatch(spec)
    if form is None:
        raise BadFault(f"fault {spec!r}: write WHAT=KIND[:ARG][*TIMES], for example v-add-user=exit:4*1")
    what, arg, times = form["what"], form["arg"], form["times"]
    try:
        kind = Kind(form["kind"])
    except ValueError:
        known = ", ".join(k.value for k in Kind)
        raise BadFault(f"fault {spec!r}: unknown kind {form['kind']!r}; known: {known}") from None
    if kind in _INTEGER and (arg is None or "." in arg or int(arg) > 255):
        raise BadFault(f"fault {spec!r}: {kind.value} needs an exit code, 0 to 255")
    if kind in _SECONDS and arg is None:
        raise BadFault(f"fault {spec!r}: {kind.value} needs seconds")
    if kind in _LINES and (arg is None or "." in arg):
        raise BadFault(f"fault {spec!r}: {kind.value} needs a number of lines")
    if kind not in _INTEGER | _SECONDS | _LINES and arg is not None:
        raise BadFault(f"fault {spec!r}: {kind.value} takes no argument")
    if (what == CONNECT and kind not in _ON_CONNECT) or (what != CONNECT and kind is Kind.REFUSE):
        raise BadFault(f"fault {spec!r}: connect goes with refuse, hang and slow, and refuse only with connect")
    if kind is Kind.HALF and not fnmatchcase("v-add-user", what):
        raise BadFault(f"fault {spec!r}: only v-add-user can be left half done")
    if times is not None and int(times) == 0:
        raise BadFault(f"fault {spec!r}: zero times is no fault")
    return Fault(what, kind, None if arg is None else float(arg), None if times is None else int(times))


class Faults:
    """The faults of one node, in order; each is used up after its times."""

    def __init__(self, faults: Iterable[str | Fault] = ()) -> None:
        self._left: list[tuple[Fault, int | None]] = []
        for fault in faults:
            self.add(fault)

    def add(self, fault: str | Fault) -> None:
        fault = parse_fault(fault) if isinstance(fault, str) else fault
        self._left.append((fault, fault.times))

    def clear(self) -> None:
        self._left.clear()

    def take(self, *names: str) -> Fault | None:
        """The first fault that meets one of these names; one use of it is spent. `connect` is met by its name only."""
        for at, (fault, left) in enumerate(self._left):
            if (fault.what == CONNECT) == (names == (CONNECT,)) and fault.meets(names):
                if left == 1:
                    del self._left[at]
                elif left is not None:
                    self._left[at] = (fault, left - 1)
                return fault
        return None
