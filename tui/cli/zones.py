"""`hostdeck zone`: logical zones, and what their nameservers hold and answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from hostdeck.tui.cli import output
from hostdeck.tui.cli.given import given
from hostdeck.tui.cli.session import opened, refuse_read_only, settings
from hostdeck.tui.cli.shape import table, verb

if TYPE_CHECKING:
    from hostdeck.core.domain.zone_check import ServerVerdict

zone = table()
TABLES = {"zone": zone}

Name = Annotated[str, typer.Argument(metavar="ZONE", show_default=False)]
Timeout = Annotated[float, typer.Option(min=0, help="Seconds to wait at most.")]


@verb(zone, "list", "hostdeck zone list --search shop")
def zone_list(
    search: Annotated[str, typer.Option(metavar="TEXT", help="In the zone's name.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="The newest so many.")] = 500,
) -> None:
    """Zones, newest first, with their state on each nameserver."""
    from hostdeck.core.queries.zones import zones

    with opened():
        rows = zones(search, limit)
    output.listed(
        (">ID", "ZONE", ">SERVICE", "CLUSTER", ">RECORDS"),
        rows,
        lambda row: (
            row.id,
            row.zone,
            f"#{row.service}",
            tuple(f"{server.server}: {server.state}" for server in row.servers),
            row.records,
        ),
        "no zone matches" if search else "no zones yet; they come with an order: hostdeck service create --help",
    )


@verb(zone, "show", "hostdeck zone show customer.com")
def zone_show(name: Name) -> None:
    """One zone: its records, and where it stands on each nameserver."""
    from hostdeck.core.queries.zones import zone as found

    with opened():
        row = found(name)
    fields: list[tuple[str, object]] = [("zone", row.zone), ("service", f"#{row.service}, {row.status}")]
    for server in row.servers:
        serial = f", serial {server.serial}" if server.serial else ""
        fields.append((server.server, f"{server.state}{serial}" + (f": {server.error}" if server.error else "")))
    output.shown(row, fields)
    output.text()
    if row.records and not given.json:
        output.table(
            ("NAME", "TYPE", ">PRIO", ">TTL", "VALUE"),
            ((record.name, record.type, record.priority, record.ttl, record.value) for record in row.records),
        )


@verb(zone, "redeploy", "hostdeck zone redeploy customer.com --server ns2 --wait")
def zone_redeploy(
    name: Name,
    server: Annotated[list[str] | None, typer.Option(metavar="NAME", help="Only there; repeat.")] = None,
    plan: Annotated[bool, typer.Option("--plan", help="Say what would be sent where; change nothing.")] = False,
    planned: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Exactly what plan N showed, or nothing.")
    ] = None,
    wait: Annotated[bool, typer.Option("--wait", help="Until each has ended.")] = False,
    timeout: Timeout = 900,
) -> int:
    """Publish a zone again; a nameserver that has it right is passed over."""
    from hostdeck.core.domain.vocabulary import DONE
    from hostdeck.core.intents.zones import ask_nameservers, plan_redeploy_zone, redeploy_zone
    from hostdeck.core.queries.plans import tasks_view
    from hostdeck.core.queries.tasks import task
    from hostdeck.tui.cli.planning import await_reading, begin_reading, say_ending
    from hostdeck.tui.cli.planning import show_tasks as show_planned
    from hostdeck.tui.cli.waiting import wait_for_tasks
    from hostdeck.tui.cli.words import show_tasks

    with opened() as door:
        servers = tuple(server or ())
        if plan:
            steps = plan_redeploy_zone(door, name, servers)
            number = begin_reading(door, lambda: ask_nameservers(door, name, servers))
            await_reading(number)
            seen = tasks_view(steps, number) if number else None
            steps = seen.tasks if seen else steps
            if given.json:
                output.document(steps)
                return 0
            show_planned(steps)
            say_ending(number, seen.unread if seen else (), seen is not None and seen.read)
            return 0
        refuse_read_only("zone.redeploy", door.read_only)
        ids = redeploy_zone(door, name, servers, planned)
        done = wait_for_tasks(ids, timeout) if wait else tuple(task(number) for number in ids)
        show_tasks(done, empty="nothing was planned")
    return 0 if not wait or all(row.status in DONE for row in done) else 1


@verb(zone, "check", "hostdeck zone check customer.com")
def zone_check(name: Name) -> int:
    """Ask every nameserver of a zone what it really answers; exit 1 if one differs from what it should hold."""
    import asyncio

    from hostdeck.core.dns.ask import ask_all
    from hostdeck.core.domain.zone_check import Verdict, judge, wanted_sets
    from hostdeck.core.errors import Conflict
    from hostdeck.core.queries.zones import wanted
    from hostdeck.core.queries.zones import zone as found

    loaded = settings()
    if loaded.demo:
        text = "the demo's nameservers are pretend and answer no DNS; use it on a fleet of your own"
        raise Conflict("zone", text, "DEMO_DNS")
    with opened():
        row = found(name)
    if not row.servers:
        raise Conflict("zone", f"{row.zone} has no nameserver that could be asked", "ZONE_NS")
    sets = wanted_sets(wanted(row))
    places = [(server.server, server.ip) for server in row.servers]
    answers = asyncio.run(ask_all(places, loaded.dns_port, row.zone, sets))
    deployed = {server.server: server.serial for server in row.servers}
    verdicts = [judge(sets, answer, deployed[answer.server]) for answer in answers]
    _show(verdicts)
    return 0 if all(verdict.verdict is Verdict.SAME for verdict in verdicts) else 1


def _show(verdicts: list[ServerVerdict]) -> None:
    if given.json:
        output.document(verdicts)
        return
    output.table(
        ("SERVER", "VERDICT", ">SERIAL", "WHY"),
        ((verdict.server, verdict.verdict, verdict.serial, verdict.reason) for verdict in verdicts),
    )
    differing = [(verdict.server, one) for verdict in verdicts for one in verdict.differences]
    if differing:
        output.text()
        output.table(
            ("SERVER", "NAME", "TYPE", "WANTED", "ANSWERED"),
            ((server, one.name, one.type, one.wanted, one.got or "nothing") for server, one in differing),
        )
