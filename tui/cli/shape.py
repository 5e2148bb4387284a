"""The shape of the command line: areas and verbs that are built only when somebody names them.

Typer builds every command of a program before it runs one. With some forty commands that costs more than most of them
take to run, so here a name leads to a module, the module to a table of verbs, and one verb is built.
"""

from __future__ import annotations

import functools
import importlib
import inspect
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, NamedTuple, TypeVar

import typer
from typer.core import TyperGroup

from hostdeck.tui.cli.given import given
from hostdeck.tui.cli.session import spare_psycopg

F = TypeVar("F", bound=Callable[..., Any])


HOME = Annotated[Path | None, typer.Option("--home", help="The folder with configuration, key and database.")]
READ_ONLY = Annotated[bool, typer.Option("--read-only", help="Change nothing.")]
JSON = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]


class Place(NamedTuple):
    """Where a word of the first level leads: a module here, and the table in it."""

    module: str
    help: str


PLACES = {
    "worker": Place("starting", "Build what is ordered: the worker, in the foreground."),
    "demo": Place("starting", "Try everything on a simulated fleet."),
    "wall": Place("wall", "A read-only screen for the wall, whose pages turn by themselves."),
    "serve": Place("serve", "The console in a browser, read-only."),
    "init": Place("starting", "Make the home: key, database, folder."),
    "info": Place("info", "Versions, where things are, and who said each setting."),
    "doctor": Place("doctor", "What is not as it should be, and the mend for each."),
    "gate": Place("gate", "The forced command of an SSH key that may do a few things."),
    "sim": Place("starting", "Simulated nodes, for trying things out."),
    "server": Place("server_life", "The nodes services stand on."),
    "group": Place("groups", "Servers that are sold together, and their nameservers."),
    "product": Place("fleet", "What can be ordered."),
    "apply": Place("fleet_file", "Servers, groups and products as a file says; --plan shows the difference."),
    "export": Place("fleet_file", "The fleet as such a file."),
    "service": Place("items", "What customers have."),
    "zone": Place("zones", "DNS zones, and what each nameserver really answers."),
    "certificate": Place("certificates", "TLS certificates, and what Let's Encrypt still allows."),
    "stats": Place("stats", "What services use of what they were sold, and how full the tiers are."),
    "task": Place("work_many", "The single steps of all work, with their logs."),
    "ticket": Place("tickets", "What has failed for good and wants a person."),
    "audit": Place("work", "Who asked for what."),
    "setting": Place("work", "What can be changed while everything runs."),
}


def table(help: str = "") -> typer.Typer:
    """An empty table of verbs. One inside another area stands in TABLES as `AREA WORD`, with a help of its own."""
    return typer.Typer(add_completion=False, rich_markup_mode=None, help=help)


def verb(area: typer.Typer, name: str, example: str) -> Callable[[F], F]:
    """Puts a function into a table as a command that also takes the global flags and shows an example in its help."""

    def put(function: F) -> F:
        signature = inspect.signature(function, eval_str=True)
        own = list(signature.parameters.values())

        @functools.wraps(function)
        def called(*args: Any, **kwargs: Any) -> Any:
            given.take(kwargs)
            _check_text(kwargs)
            spare_psycopg()
            return function(*args, **kwargs)

        called.__signature__ = signature.replace(parameters=[*own, *GLOBAL])  # type: ignore[attr-defined]
        area.command(name, epilog=f"\b\nExample:\n  {example}")(called)
        return function

    return put


def _check_text(arguments: dict[str, Any]) -> None:
    """Bytes that are not UTF-8 arrive as lone surrogates, which no database takes."""
    for name, value in arguments.items():
        for text in value if isinstance(value, list) else (value,):
            if isinstance(text, str) and not text.isascii():
                try:
                    text.encode()
                except UnicodeEncodeError:
                    from hostdeck.core.errors import Invalid

                    code = "DOM_ENCODING" if name == "domain" else "CLI_ENCODING"
                    raise Invalid(name.strip("_"), "not valid UTF-8", code) from None


def _global_parameters() -> tuple[inspect.Parameter, ...]:
    flags: tuple[tuple[str, Any, Any], ...] = (
        ("home", HOME, None),
        ("read_only", READ_ONLY, False),
        ("json", JSON, False),
    )
    kind = inspect.Parameter.KEYWORD_ONLY
    return tuple(inspect.Parameter(name, kind, default=value, annotation=flag) for name, flag, value in flags)


GLOBAL = _global_parameters()


def single(area: typer.Typer, name: str) -> Any:
    """The one command of that name, built; None where the table has none."""
    info = next((info for info in area.registered_commands if info.name == name), None)
    if info is None:
        return None
    one = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
    one.registered_commands.append(info)
    return typer.main.get_command(one)


_FLAGS = table()


@verb(_FLAGS, "flags", "")
def _flags() -> None:
    """The global flags alone: they may also stand between an area and its verb."""


class Area(TyperGroup):
    """`hostdeck WORD …`: the verbs of one table."""

    def __init__(self, name: str, help: str, area: typer.Typer, within: Mapping[str, typer.Typer]) -> None:
        flags = single(_FLAGS, "flags")
        super().__init__(name=name, help=help, callback=flags.callback, params=flags.params, rich_markup_mode=None)
        self.area = area
        self.within = within
        names = [*(str(info.name) for info in area.registered_commands), *within]
        self.commands = dict.fromkeys(names)  # type: ignore[assignment]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if (inner := self.within.get(cmd_name)) is not None:
            return Area(cmd_name, str(inner.info.help), inner, {})
        return single(self.area, cmd_name)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        rows = [(str(info.name), _first_line(info.callback)) for info in self.area.registered_commands]
        rows += [(name, str(inner.info.help)) for name, inner in self.within.items()]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


class Root(TyperGroup):
    """`hostdeck`: areas and lone verbs, each in the module that PLACES names."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands = dict.fromkeys(PLACES)  # type: ignore[assignment]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in PLACES:
            return None
        place = PLACES[cmd_name]
        tables = importlib.import_module(f"hostdeck.tui.cli.{place.module}").TABLES
        if cmd_name not in tables:
            return single(tables[""], cmd_name)
        inner = f"{cmd_name} "
        within = {name.removeprefix(inner): one for name, one in tables.items() if name.startswith(inner)}
        return Area(cmd_name, place.help, tables[cmd_name], within)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, place.help) for name, place in PLACES.items()])


def _first_line(function: Callable[..., Any] | None) -> str:
    return (inspect.getdoc(function) or "").partition("\n")[0]
