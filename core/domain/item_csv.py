"""Items in bulk from CSV (RFC 4180): a header, then a line an item. Pure.

Columns: `service` (number or domain), `name` where the kind has names, `password` where it has one (empty: one is
made), and the kind's own fields. Several values stand in one cell with commas or spaces between them.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass

from hostdeck.core.domain.item_fields import FIELDS, NAME
from hostdeck.core.domain.items import KINDS, ItemKind
from hostdeck.core.domain.text import safe
from hostdeck.core.errors import Invalid

LINES = 10_000
IMPORTED = (ItemKind.MAILBOX, ItemKind.DATABASE, ItemKind.FTP, ItemKind.CRON, ItemKind.RECORD)


@dataclass(frozen=True, slots=True)
class ItemLine:
    """One line of the file; `number` is the line it begins on, as editors count."""

    number: int
    service: str
    name: str
    fields: Mapping[str, str]
    password: str | None


def columns(kind: ItemKind) -> tuple[str, ...]:
    """What the header may hold."""
    names = ("name",) if kind in NAME else ()
    passwords = ("password",) if kind in KINDS and KINDS[kind].has_password else ()
    return ("service", *names, *(field.key for field in FIELDS[kind]), *passwords)


def read_lines(kind: ItemKind, text: str) -> tuple[ItemLine, ...]:
    """Every line; Invalid [CSV_*] where the file can't be read as a whole."""
    if kind not in IMPORTED:
        raise Invalid("kind", f"use {', '.join(IMPORTED)}", "CSV_KIND")
    rows = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    try:
        header = [name.strip().lower() for name in next(rows, [])]
        accepted = columns(kind)
        _check_header(header, accepted)
        lines = []
        for row in rows:
            if any(cell.strip() for cell in row):
                lines.append(_line(header, row, rows.line_num))
    except csv.Error as error:
        raise Invalid("file", f"line {rows.line_num}: {error}", "CSV_FORM") from None
    if not lines:
        raise Invalid("file", "holds no line below its header", "CSV_EMPTY")
    if len(lines) > LINES:
        raise Invalid("file", f"holds {len(lines)} lines; {LINES} are taken at once", "CSV_LONG")
    return tuple(lines)


def _check_header(header: list[str], accepted: tuple[str, ...]) -> None:
    unknown = next((name for name in header if name not in accepted), None)
    if unknown is not None or "service" not in header or len(set(header)) != len(header):
        wrong = f"'{safe(unknown)}' is no column" if unknown is not None else "a column is missing or twice"
        raise Invalid("file", f"{wrong}; the header holds service and any of: {', '.join(accepted[1:])}", "CSV_HEADER")


def _line(header: list[str], row: list[str], number: int) -> ItemLine:
    if len(row) != len(header):
        raise Invalid("file", f"line {number}: {len(row)} cells, the header has {len(header)}", "CSV_CELLS")
    cells = dict(zip(header, row, strict=True))
    password = cells.pop("password", "") or None
    service, name = cells.pop("service").strip(), cells.pop("name", "").strip()
    return ItemLine(number, service, name, {key: cell for key, cell in cells.items() if cell != ""}, password)
