"""The command line: the global flags, and the way to each command. Every other import waits for its command."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from hostdeck.tui.cli.given import given
from hostdeck.tui.cli.shape import HOME, JSON, READ_ONLY, Root

NO_NUMBER = "Input should be a valid integer, unable to parse string as an integer"


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
        from hostdeck.tui.cli.console import console

        return console()
    return None


def carry_out(argv: list[str]) -> object:
    """Runs one command: its exit code, or None. KeyboardInterrupt where it was given up."""
    try:
        return typer.main.get_command(app).main(argv, prog_name="hostdeck", standalone_mode=False)
    except typer.TyperException as error:
        return _usage(error)
    except typer.Abort:
        raise KeyboardInterrupt from None


def _usage(error: typer.TyperException) -> int:
    from hostdeck.tui.cli import output

    path = str(getattr(getattr(error, "ctx", None), "command_path", "hostdeck"))
    where = path.removeprefix("hostdeck").strip() or "command"
    what = " ".join(error.format_message().split()).rstrip(".").replace(NO_NUMBER, "use a whole number")
    output.error(f"{where}: {what}; see '{path} --help'", code="USAGE")
    return error.exit_code
