"""`hostdeck certificate`: TLS certificates, and what the authority still allows."""

from __future__ import annotations

from typing import Annotated

import typer

from hostdeck.tui.cli import output
from hostdeck.tui.cli.session import opened
from hostdeck.tui.cli.shape import table, verb

certificate = table()
TABLES = {"certificate": certificate}


@verb(certificate, "list", "hostdeck certificate list --state frozen")
def certificate_list(
    service: Annotated[str | None, typer.Option(metavar="ID|DOMAIN", help="Only its certificates.")] = None,
    state: Annotated[
        str | None, typer.Option(metavar="STATE", help="waiting, issuing, active, failing, frozen or none.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="So many at most.")] = 500,
) -> None:
    """Certificates, the worst first: names, issuer, days left, last reason, next try, and the week's budget."""
    from hostdeck.core.queries.certificates import certificates
    from hostdeck.core.queries.services import service_id

    with opened():
        rows = certificates(service_id(service) if service else None, state, limit)
    output.listed(
        (">SERVICE", "DOMAIN", "KIND", "STATE", ">DAYS", ">FAILED", "SERVER", "NEXT TRY", ">WEEK", "REASON"),
        rows,
        lambda row: (
            f"#{row.service}",
            row.domain,
            row.kind,
            row.state,
            row.days_left,
            row.failures,
            row.server,
            row.next_try,
            f"{row.week_used}/{row.week_limit}",
            row.reason,
        ),
        "no certificate matches"
        if service or state
        else "no certificates yet; they come with an order: hostdeck service create --help",
    )
