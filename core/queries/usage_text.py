"""The statistics as files: a table for spreadsheets, JSON for programs."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator
from io import StringIO

from hostdeck.core.queries.usage import FIGURES, StatsRow

HEAD = ("id", "domain", "product", "mode", "status")
PARTS = ("used", "limit", "percent", "over")
UNLIMITED = "unlimited"


def stats_csv(rows: Iterable[StatsRow]) -> str:
    """A line for each service under one line of names; what was never read is empty."""
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*HEAD, *(f"{figure.key}_{part}" for figure in FIGURES for part in PARTS), "updated_at"])
    for row in rows:
        updated = row.updated_at.isoformat().replace("+00:00", "Z") if row.updated_at else ""
        writer.writerow([*(_plain(getattr(row, name)) for name in HEAD), *_figures(row), updated])
    return text.getvalue()


def stats_json(rows: Iterable[StatsRow]) -> str:
    return json.dumps([row.model_dump(mode="json") for row in rows], indent=2) + "\n"


def _figures(row: StatsRow) -> Iterator[str]:
    for figure in FIGURES:
        use = row.use.get(figure.key)
        if use is None:
            yield from ("",) * len(PARTS)
        else:
            percent = "" if use.percent is None else f"{use.percent:g}"
            yield from (str(use.used), UNLIMITED if use.limit is None else str(use.limit), percent, str(use.over))


def _plain(value: object) -> str:
    """A cell that begins like a formula is text, whatever a spreadsheet thinks."""
    text = str(value)
    return f"'{text}" if text[:1] in "=+-@" else text
