"""A list as a file: as it is drawn, for a spreadsheet, or as the JSON that scripts get."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Sequence
from io import StringIO
from typing import Any

from hostdeck.tui.widgets.columns import Column
from hostdeck.tui.widgets.describe import Described
from hostdeck.tui.widgets.words import inert

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for a formula: a customer chooses some of these texts."""


def cells(columns: Sequence[Column[Any]], row: Any) -> list[str]:
    return [inert(column.render(row)).plain.strip() for column in columns]


def as_text(columns: Sequence[Column[Any]], rows: Sequence[Any]) -> str:
    """Columns below one another, each as wide as its widest cell."""
    lines = [[column.title for column in columns], *(cells(columns, row) for row in rows)]
    widths = [max(len(line[place]) for line in lines) for place in range(len(columns))]
    padded = ("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines)
    return "\n".join(padded) + "\n"


def as_csv(columns: Sequence[Column[Any]], rows: Sequence[Any]) -> str:
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([column.title.lower().replace(" ", "_") for column in columns])
    for row in rows:
        writer.writerow([_no_formula(cell) for cell in cells(columns, row)])
    return text.getvalue()


def _no_formula(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULA) and cell != "-" else cell


def as_json(columns: Sequence[Column[Any]], rows: Sequence[Any]) -> str:
    """Every field of a row where it has fields, else its cells by their titles."""
    names = [column.title.lower().replace(" ", "_") for column in columns]
    objects = [
        row.model_dump(mode="json")
        if isinstance(row, Described)
        else dict(zip(names, cells(columns, row), strict=True))
        for row in rows
    ]
    return json.dumps(objects, indent=2) + "\n"


KINDS: dict[str, Callable[[Sequence[Column[Any]], Sequence[Any]], str]] = {
    "txt": as_text,
    "csv": as_csv,
    "json": as_json,
}
MEANINGS = (
    ("txt", "as it is drawn, all columns"),
    ("csv", "for a spreadsheet"),
    ("json", "every field, as scripts get it"),
)
