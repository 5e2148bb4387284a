"""The only writer to stdout and stderr: one JSON document, or plain text and tables. Whatever text comes from outside
is made inert, and none of it is ever read as markup.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from io import StringIO
from typing import Any, Literal, TextIO, TypeVar

from hostdeck.core.domain.text import clean_line
from hostdeck.core.errors import Failed
from hostdeck.tui.cli.given import given

T = TypeVar("T")

TABLE_WIDTH = 2000
"""A table that is piped is as wide as it needs to be: nothing is cut off before a script sees it."""

NARROW = 20
"""Cells up to this long stay in one line on a narrow terminal; longer ones are folded first."""

STYLES = {
    **dict.fromkeys(("active", "success", "ok", "yes"), "green"),
    **dict.fromkeys(("error", "failed", "quarantined", "no", "FAIL", "DOWN", "open"), "red"),
    **dict.fromkeys(("running", "deploying", "suspending", "terminating"), "cyan"),
    **dict.fromkeys(("retrying", "draining", "WARN"), "yellow"),
    **dict.fromkeys(("waiting", "queued", "pending", "skipped", "cancelled", "closed", "disabled", "unknown"), "dim"),
}


class _Line:
    """Whether the live line stands on the terminal."""

    shown = False


def styled(stream: TextIO | None) -> bool:
    """Whether control sequences may go there."""
    return (
        stream is not None
        and stream.isatty()
        and "NO_COLOR" not in os.environ
        and os.environ.get("TERM", "") not in ("", "dumb")
    )


def document(value: Any) -> None:
    """The one JSON document of this command; views become objects."""
    given.answered = True
    # ASCII only: whatever a name holds, a terminal sees it as \uXXXX.
    _write(sys.stdout, json.dumps(_plain(value), indent=2))


def text(line: str = "") -> None:
    """A line for people; nothing with `--json`."""
    if not given.json:
        _write(sys.stdout, _clean(line))


def verbatim(whole: str) -> None:
    """A file on stdout, as it is; on a terminal its characters are made harmless."""
    for line in whole.splitlines(keepends=True):
        sys.stdout.write(_clean(line.rstrip("\n")) + "\n" if sys.stdout.isatty() else line)
    sys.stdout.flush()


def note(line: str) -> None:
    """A line beside the answer: to stderr, in every form of output."""
    _write(sys.stderr, f"hostdeck: {_clean(line)}")


def shown(value: Any, fields: Iterable[tuple[str, object]]) -> None:
    """One object: as the document, or its fields below each other."""
    if given.json:
        document(value)
    else:
        pairs(fields)


def listed(columns: Sequence[str], values: Sequence[T], cells: Callable[[T], Sequence[object]], empty: str) -> None:
    """Many objects: as the document, or a row of cells for each. `empty` says what to do next where there are none."""
    if given.json:
        document(values)
    elif values:
        table(columns, map(cells, values))
    else:
        text(empty)


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A table for people; a column whose name starts with '>' stands to the right. Nothing with `--json`."""
    if given.json:
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    fancy = styled(sys.stdout)
    cells = [[word(cell) for cell in row] for row in rows]
    grid = Table(box=None, pad_edge=False, header_style="bold")
    for column, *values in zip(columns, *cells, strict=True):
        narrow = all(len(value) <= NARROW for value in values)
        justify: Literal["left", "right"] = "right" if column.startswith(">") else "left"
        grid.add_column(column.lstrip(">"), justify=justify, no_wrap=narrow or not fancy, overflow="fold")
    for row in cells:
        grid.add_row(*(Text(cell, style=STYLES.get(cell, "") if fancy else "") for cell in row))
    width = shutil.get_terminal_size().columns if fancy else TABLE_WIDTH
    drawn = StringIO()
    Console(file=drawn, width=width, color_system="auto" if fancy else None, force_terminal=fancy).print(grid)
    _write(sys.stdout, "\n".join(line.rstrip() for line in drawn.getvalue().splitlines()))


def pairs(rows: Iterable[tuple[str, object]]) -> None:
    """Names and values below each other; what has no value is left out."""
    shown = [(name, word(value)) for name, value in rows if value not in (None, "", ())]
    width = max((len(name) for name, _ in shown), default=0)
    for name, value in shown:
        text(f"{name:<{width}}  {value}")


def live(line: str) -> None:
    """One line that the next one takes the place of; only on a terminal."""
    if styled(sys.stderr):
        width = shutil.get_terminal_size().columns - 1
        _write(sys.stderr, f"\r{_clean(line)[:width]}\x1b[K", end="")
        _Line.shown = True


def live_end() -> None:
    """Takes the live line away."""
    if _Line.shown:
        _Line.shown = False
        _write(sys.stderr, "\r\x1b[K", end="")


def error(message: str, *, code: str, field: str | None = None, bare: str | None = None) -> None:
    """One line on stderr; with `--json` the error also as the document, unless one was written already."""
    live_end()
    if given.json and not given.answered:
        with suppress(Failed):
            document({"error": {"code": code, "field": field, "message": _clean(bare or message)}})
    _write(sys.stderr, f"hostdeck: {_clean(message)}")


def word(value: object) -> str:
    """A cell: clean, with a dash for nothing, times in the local zone, lists with commas."""
    if value is None or value == "" or value == ():
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return f"{value.astimezone():%Y-%m-%d %H:%M:%S}"
    if isinstance(value, (tuple, list)):
        return ", ".join(word(item) for item in value)
    return _clean(str(value))


def zone() -> str:
    """The local zone's name, for the one place in a table that says it."""
    return datetime.now().astimezone().tzname() or "local"


def _clean(line: str) -> str:
    return clean_line(line.replace("\r", " ").replace("\n", " "))


def _plain(value: Any) -> Any:
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json")
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value


def _write(stream: TextIO | None, line: str, end: str = "\n") -> None:
    if stream is None:  # closed by whoever started us
        return
    try:
        if stream is sys.stdout:
            live_end()
        stream.write(line + end)
        stream.flush()
    except OSError as failure:
        # Python would flush once more at exit and complain: give it somewhere to do so.
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        if isinstance(failure, BrokenPipeError):
            raise SystemExit(0) from None  # the reader has seen enough
        if stream is not sys.stderr:
            raise Failed(f"output: {failure.strerror or failure}") from None
