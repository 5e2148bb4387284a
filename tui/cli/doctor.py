"""`hostdeck doctor`: what is not as it should be, and what to do about each."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from hostdeck.tui.cli import output
from hostdeck.tui.cli.given import given
from hostdeck.tui.cli.shape import table, verb

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hostdeck.core.domain.doctor import Check
    from hostdeck.core.settings import Settings

lone = table()
TABLES = {"": lone}
SIGNS = {"ok": "✓", "warn": "!", "failed": "✗"}


@verb(lone, "doctor", "hostdeck doctor --live")
def doctor(
    live: Annotated[bool, typer.Option("--live", help="Have every server looked at now, and wait for it.")] = False,
    timeout: Annotated[float, typer.Option(min=0, help="Seconds to wait for the servers at most.")] = 120,
) -> int:
    """Look at home, key, database, queue, worker, clock, terminal, disk, every server and every nameserver."""
    from hostdeck.core.domain.doctor import verdict
    from hostdeck.core.errors import HostdeckError
    from hostdeck.core.settings import default_home
    from hostdeck.tui.cli.session import refuse_read_only, settings
    from hostdeck.tui.examination import examine, unreadable

    if live:
        refuse_read_only("doctor --live", given.read_only)
    try:
        loaded = settings()
    except (HostdeckError, OSError) as error:
        found = unreadable(given.home or default_home(), str(error))
    else:
        asked = _look_at_servers(loaded, timeout) if live else []
        found = [*asked, *examine(loaded)]
    _show(found)
    return verdict(found)


def _show(found: Sequence[Check]) -> None:
    if given.json:
        output.document([asdict(check) for check in found])
        return
    width = max(len(check.check) for check in found)
    for check in found:
        output.text(f"{SIGNS[check.state]} {check.check:<{width}}  {check.text}")
        if check.mend:
            output.text(f"  {'':<{width}}  mend: {check.mend}")
    bad = sum(check.state == "failed" for check in found)
    output.text()
    output.text(f"{bad} of {len(found)} checks failed" if bad else f"all well: {len(found)} checks")


def _look_at_servers(loaded: Settings, timeout: float) -> list[Check]:
    """Queues a check of each server that may be logged in to, and waits; what comes of it stands in their rows then."""
    from hostdeck.core.domain.doctor import failed, refused
    from hostdeck.core.domain.vocabulary import ServerStatus
    from hostdeck.core.errors import HostdeckError, TimedOut
    from hostdeck.core.intents.fleet import check_server
    from hostdeck.core.queries.fleet import servers, workers
    from hostdeck.tui.cli.session import opened
    from hostdeck.tui.cli.waiting import wait_for_tasks

    closed = (ServerStatus.DISABLED, ServerStatus.QUARANTINED)
    try:
        with opened() as door:
            if not any(row.alive for row in workers()):
                return [failed("live", "no worker is running, so no server was asked", loaded.command("worker"))]
            wait_for_tasks([check_server(door, row.name) for row in servers() if row.status not in closed], timeout)
    except TimedOut as error:
        return [failed("live", str(error), "look at the tasks: hostdeck task list --status running")]
    except HostdeckError as error:
        return [refused("live", str(error))]
    return []
