"""What starts a process of its own: the worker, the demo, a simulated node; and `init` before them."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hostdeck.core.settings import without_password
from hostdeck.tui.cli import output
from hostdeck.tui.cli.given import given
from hostdeck.tui.cli.session import refuse_read_only, settings
from hostdeck.tui.cli.shape import table, verb

if TYPE_CHECKING:
    from hostdeck.core.sim.node import SimNode

lone, sim = table(), table()
TABLES = {"": lone, "sim": sim}


@verb(lone, "worker", "hostdeck worker --workers 16")
def worker(
    workers: Annotated[int | None, typer.Option(min=1, max=256, help="Tasks at the same time.")] = None,
    once: Annotated[bool, typer.Option("--once", help="Do all that is due, then exit.")] = False,
) -> int:
    """Build what is ordered. SIGTERM lets commands under way end, hands back the rest, exits 0."""
    loaded = settings()
    refuse_read_only("worker", loaded.read_only)
    from hostdeck.core.store.home import check_home

    check_home(loaded)
    from hostdeck.queue.worker import run_worker

    code = run_worker(loaded, workers or loaded.workers, once)
    if given.json:
        output.document({"worker": "ended", "exit_code": code})
    return code


@verb(lone, "init", "hostdeck init --systemd")
def init(
    systemd: Annotated[bool, typer.Option("--systemd", help="Also write the worker's unit, into the home.")] = False,
    systemd_dir: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write the unit into this folder.", show_default=False)
    ] = None,
) -> None:
    """Make the home (0700), the worker's key (0600) and the database, or bring them up to date; safe to repeat."""
    loaded = settings()
    refuse_read_only("init", loaded.read_only)
    from hostdeck.core.store.home import make_home

    make_home(loaded)
    made = {"home": str(loaded.home), "database": without_password(loaded.database), "key": str(loaded.worker_key)}
    then = [f"ready; start the worker: {loaded.command('worker')}"]
    if systemd or systemd_dir:
        from hostdeck.tui.cli.unit import enabling, only_in_this_shell, write_unit

        unit = write_unit(loaded, systemd_dir)
        made["unit"] = str(unit)
        then = ["ready; have systemd start the worker, now and at every boot:"]
        then += [f"  {line}" for line in enabling(unit)]
        for name in only_in_this_shell(dict(os.environ)):
            output.note(f"{name} is set in this shell only; for the unit's worker put it into hostdeck.toml")
    output.shown(made, made.items())
    output.text()
    for line in then:
        output.text(line)


@verb(lone, "demo", "hostdeck demo --headless")
def demo(
    headless: Annotated[bool, typer.Option("--headless", help="No console: print what happens.")] = False,
) -> int:
    """Build three services on a simulated fleet, in a throwaway home (or in --home, which is kept)."""
    refuse_read_only("demo", given.read_only)
    from hostdeck.tui.cli.demo import run_demo

    on_terminal = sys.stdin.isatty() and sys.stdout.isatty()
    return run_demo(given.home, headless=headless or given.json or not on_terminal)


@verb(sim, "node", "hostdeck sim node web01 --port 2201 --latency-ms 150 --fault 'v-add-user=exit:4*1'")
def sim_node(
    name: Annotated[str, typer.Argument(metavar="NAME", show_default=False)],
    port: Annotated[str, typer.Option(metavar="P", help="Where it listens, on 127.0.0.1.", show_default=False)],
    driver: Annotated[str, typer.Option(metavar="hestiacp|powerdns", help="What it pretends to be.")] = "hestiacp",
    ip: Annotated[str, typer.Option(help="The address it has of its own, which its sites can use.")] = "127.0.0.1",
    latency_ms: Annotated[float, typer.Option(min=0, help="How long every command takes at least.")] = 0,
    fault: Annotated[list[str] | None, typer.Option(metavar="WHAT=KIND[:ARG][*TIMES]", help="Repeat.")] = None,
) -> int:
    """One simulated node over real SSH; any login is let in. Ctrl-C ends it."""
    import asyncio

    from hostdeck.core.domain.inputs import check_ip, check_name, check_port
    from hostdeck.core.domain.vocabulary import Driver
    from hostdeck.core.errors import Invalid, Refused
    from hostdeck.tui.cli.words import one_of

    name, number = check_name(name, "name", what="server"), check_port(port)
    kind, address = one_of(Driver, driver, "driver"), check_ip(ip)

    from hostdeck.core.sim.faults import BadFault, parse_fault
    from hostdeck.core.sim.fleet import serve_one

    try:
        faults = [parse_fault(spec) for spec in fault or ()]
    except BadFault as error:
        raise Invalid("fault", str(error), "SIM_FAULT") from None
    try:
        node = serve_one(
            name, port=number, driver=kind, latency_ms=latency_ms, faults=faults, ready=_say_node, ip=address
        )
        asyncio.run(node)
    except OSError as error:
        raise Refused("sim", f"can't listen on 127.0.0.1:{number}: {error.strerror or error}", "SIM_PORT") from None
    return 0


def _say_node(node: SimNode) -> None:
    print_ = node.host_key_fingerprint
    said = {"name": node.name, "driver": node.driver, "host": "127.0.0.1", "port": node.port, "host_key": print_}
    output.shown(said, said.items())
    output.text()
    output.text("any login is let in; Ctrl-C ends it")
