"""`hostdeck stats`: what services use of what they were sold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from hostdeck.tui.cli import output
from hostdeck.tui.cli.session import opened
from hostdeck.tui.cli.shape import table, verb

if TYPE_CHECKING:
    from hostdeck.core.queries.usage import Figure, StatsRow

lone = table()
TABLES = {"": lone}


@verb(lone, "stats", "hostdeck stats --csv")
def stats(
    service: Annotated[str, typer.Option(metavar="ID|DOMAIN", help="Only that one.")] = "",
    csv: Annotated[bool, typer.Option("--csv", help="A table for spreadsheets.")] = False,
    refresh: Annotated[bool, typer.Option("--refresh", help="Have the nodes asked first, and wait for it.")] = False,
    timeout: Annotated[float, typer.Option(min=0, help="Seconds to wait at most.")] = 900,
) -> int:
    """What each service uses of each limit, the fullest first; then how full the tiers are."""
    from hostdeck.core.domain.vocabulary import DONE
    from hostdeck.core.intents.fleet import refresh_usage
    from hostdeck.core.queries.usage import service_stats, tiers
    from hostdeck.core.queries.usage_text import stats_csv
    from hostdeck.tui.cli.given import given
    from hostdeck.tui.cli.waiting import wait_for_tasks

    failed = []
    with opened() as door:
        if refresh:
            failed = [row for row in wait_for_tasks(refresh_usage(door), timeout) if row.status not in DONE]
        rows = service_stats(service or None)
        totals = tiers()
    if csv and not given.json:
        for line in stats_csv(rows).splitlines():
            output.text(line)
    else:
        _table(rows)
        if not service and not given.json and rows:
            output.text()
            output.table(
                ("TIER", ">SERVERS", ">ACCOUNTS", ">DISK", ">FULL IN"),
                [
                    (
                        row.role,
                        row.servers,
                        f"{row.accounts}/{row.max_accounts or '∞'}",
                        None if row.disk_percent is None else f"{row.disk_percent:.0f} %",
                        None if row.days_to_full is None else f"about {row.days_to_full:.0f} days",
                    )
                    for row in totals
                ],
            )
    for task in failed:
        output.note(f"{task.server} was not read: {task.error or task.status}; what is shown of it is older")
    return 1 if failed else 0


def _table(rows: tuple[StatsRow, ...]) -> None:
    from hostdeck.core.queries.usage import FIGURES

    output.listed(
        ("DOMAIN", "STATUS", *(f"{figure.group.upper()} {figure.title.upper()}" for figure in FIGURES), "UPDATED"),
        rows,
        lambda row: (row.domain, row.status, *(_cell(row, figure) for figure in FIGURES), row.updated_at),
        "no services yet; they come with an order: hostdeck service create --help",
    )


def _cell(row: StatsRow, figure: Figure) -> str:
    use = row.use.get(figure.key)
    if use is None:
        return "-"
    limit = "∞" if use.limit is None else str(use.limit)
    percent = "" if use.percent is None else f" {use.percent:.0f} %"
    return f"{use.used}/{limit}{percent}" + (f", over by {use.over}" if use.over else "")
