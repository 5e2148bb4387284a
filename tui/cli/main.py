"""`hostdeck`: the global flags, and what becomes of errors. Every other import waits for its command."""

from __future__ import annotations

import gc
import sys
from enum import StrEnum
from io import TextIOWrapper
from typing import Annotated

import typer

from hostdeck.tui.cli.given import given
from hostdeck.tui.cli.shape import HOME, JSON, READ_ONLY, Root

INTERRUPTED = 130


class Colors(StrEnum):
    AUTO = "auto"
    TRUECOLOR = "truecolor"
    C256 = "256"
    C16 = "16"
    NONE = "none"


app = typer.Typer(
    cls=Root,
    add_completion=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    invoke_without_command=True,
    epilog="\b\nExample:\n  hostdeck service create customer.com --product web-s --wait",
)


@app.callback()
def hostdeck(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Say which version this is.")] = False,
    home: HOME = None,
    read_only: READ_ONLY = False,
    json: JSON = False,
    theme: Annotated[str | None, typer.Option(metavar="NAME", help="Colours, such as hostdeck-light.")] = None,
    color: Annotated[Colors | None, typer.Option(help="How many colours the terminal has.")] = None,
    ascii: Annotated[bool, typer.Option("--ascii", help="No lines and marks beyond ASCII.")] = False,
    no_mouse: Annotated[bool, typer.Option("--no-mouse", help="Leave the mouse to the terminal.")] = False,
    slow: Annotated[bool, typer.Option("--slow", help="For a slow line: look and draw less often.")] = False,
) -> int | None:
    """Order hosting services and watch them being built; without a command, the console."""
    given.take({"home": home, "read_only": read_only, "json": json})
    said = {"theme": theme, "color": color and color.value, "ascii": ascii or None, "slow": slow or None}
    given.console = {name: value for name, value in said.items() if value is not None}
    given.console |= {"mouse": False} if no_mouse else {}
    if version:
        from hostdeck import __version__
        from hostdeck.tui.cli import output

        if given.json:
            output.document({"version": __version__})
        output.text(f"hostdeck {__version__}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        from hostdeck.tui.cli.starting import console

        return console()
    return None


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
        answer = typer.main.get_command(app).main(argv, prog_name="hostdeck", standalone_mode=False)
    except typer.TyperException as error:
        return _usage(error)
    except (typer.Abort, KeyboardInterrupt):
        return _interrupted()
    except Exception as error:  # noqa: BLE001  the one barrier: people never see a traceback
        return _failed(error)
    if answer == INTERRUPTED:
        return _interrupted()
    return answer if isinstance(answer, int) else 0


def _usage(error: typer.TyperException) -> int:
    from hostdeck.tui.cli import output

    path = str(getattr(getattr(error, "ctx", None), "command_path", "hostdeck"))
    where = path.removeprefix("hostdeck").strip() or "command"
    what = " ".join(error.format_message().split()).rstrip(".")
    output.error(f"{where}: {what}; see '{path} --help'", code="USAGE")
    return error.exit_code


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
