"""How one line of a table is drawn, with as few changes of colour as it can be: each costs forty bytes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual.strip import Strip

from hostdeck.tui.theme import glyphs
from hostdeck.tui.widgets.columns import GAP, Column, Placed, fitted

Line = tuple[str, tuple[Text, ...]]
"""What stands on a line: its kind (which names its style and mark), and its cells."""


def title(column: Column[Any], order: tuple[str, bool] | None, picked: str = "", width: int = 0) -> Text:
    """A column's title, its sort letter underlined, and the direction where it is sorted by; `picked` is the key of
    the one that is about to be."""
    text = Text(column.title, end="", no_wrap=True)
    if column.letter and (at := column.title.upper().find(column.letter)) >= 0:
        text.stylize("underline", at, at + 1)
    if order and order[0] == column.key:
        arrow = "v" if order[1] else "^"
        if width and text.cell_len + 2 > width:
            text.truncate(max(1, width - 1))  # the direction is worth more than the last letter
            text.append(arrow)
        else:
            text.append(f" {arrow}")
    if picked == column.key:
        text.stylize("reverse")
    return text


def line_strip(line: Line, placed: Sequence[Placed[Any]], width: int, style: Style, console: Console) -> Strip:
    kind, cells = line
    if kind == "empty":
        text = Text("  ", end="").append_text(cells[0])
        return Strip(fitted(text, width).render(console), width).apply_style(style)
    if not cells:
        return Strip.blank(width, style)
    mark = "*" if kind.endswith("*") else " "
    pointer = {"cursor": ">", "away": glyphs().dot}.get(kind[:-1], " ")
    segments = [Segment(f"{pointer}{mark}", style)]
    for place, cell in zip(placed, cells, strict=True):
        text = fitted(cell, place.width, right=place.column.right)
        segments += Segment.apply_style(text.render(console), style)
        segments.append(Segment(" " * GAP, style))
    return Strip(segments).crop_extend(0, width, style).simplify()
