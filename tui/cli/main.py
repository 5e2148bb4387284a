"""`hostdeck`: what becomes of errors, and the short way to the console. Every other import waits until it is needed."""

from __future__ import annotations

import gc
import os
import sys
from io import TextIOWrapper
from pathlib import Path

from hostdeck.tui.cli.given import given

INTERRUPTED = 130
COMPLETE = "_HOSTDECK_COMPLETE"


GARBAGE = 20_000
"""New objects before Python looks for cycles: classes are made by the thousand at a start and stay, so that its own 700
cost a short command a tenth of its time."""


def main() -> None:
    """The entry point. Text that a terminal's encoding can't show is spelled out; it never fails."""
    gc.set_threshold(GARBAGE)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    sys.exit(run(sys.argv[1:]))


def run(argv: list[str]) -> int:
    """Runs one command; its exit code."""
    given.reset(argv)
    try:
        answer = _console() if _is_console(argv) else _command(argv)
    except KeyboardInterrupt:
        return _interrupted()
    except Exception as error:  # noqa: BLE001  the one barrier: people never see a traceback
        return _failed(error)
    if answer == INTERRUPTED:
        return _interrupted()
    return answer if isinstance(answer, int) else 0


def _is_console(argv: list[str]) -> bool:
    """Whether nothing is asked for but the console, of a home perhaps, and says so: that needs no parser, which takes
    longer to load than a first picture may."""
    words = list(argv)
    if COMPLETE in os.environ:  # a shell asks, by the environment, how a word may end
        return False
    while words:
        match words:
            case ["--read-only", *rest]:
                given.read_only = True
            case ["--home", home, *rest] if home and not home.startswith("-"):
                given.home = Path(home)
            case _:
                given.reset(argv)
                return False
        words = rest
    return True


def _console() -> int:
    from hostdeck.tui.cli.console import console

    return console()


def _command(argv: list[str]) -> object:
    from hostdeck.tui.cli.line import carry_out

    return carry_out(argv)


def _interrupted() -> int:
    from hostdeck.tui.cli import output

    output.error("interrupted", code="INTERRUPTED")
    return INTERRUPTED


def _failed(error: Exception) -> int:
    from hostdeck.core.errors import HostdeckError, Invalid, Refused
    from hostdeck.tui.cli import output

    if not isinstance(error, HostdeckError):
        from hostdeck.tui.cli.crash import keep

        output.error(keep(error), code="CRASH")
        return 1
    code = error.code if isinstance(error, Refused) else _words(type(error).__name__)
    if isinstance(error, Invalid):
        output.error(str(error), code=code, field=error.field, bare=error.text)
    else:
        output.error(str(error), code=code)
    return error.exit_code


def _words(name: str) -> str:
    """`UnsafeHome` -> `UNSAFE_HOME`."""
    return "".join(f"_{letter}" if letter.isupper() else letter for letter in name).lstrip("_").upper()
