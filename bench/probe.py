"""A whole fleet's figures in one round: through the collector, with its database, against the same probes over bare
asyncssh connections kept open. 256 logical nodes, 32 folders behind each of eight real sshds.
"""

from __future__ import annotations

import asyncio
import shlex
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path

import asyncssh
from tests.sshd import Sshd, start_sshd

from bench.house import Figure
from hostdeck.core.drivers.hestia.probe import PANEL
from hostdeck.core.drivers.probe import ENDING, MACHINE
from hostdeck.core.intents.base import Door
from hostdeck.core.intents.fleet import add_server
from hostdeck.core.intents.forms import ServerForm
from hostdeck.core.settings import load_settings
from hostdeck.core.store.db import close_store, connection
from hostdeck.core.store.fields import utcnow
from hostdeck.core.store.figure_models import HealthSample
from hostdeck.core.store.fleet_models import Server
from hostdeck.core.store.home import make_home
from hostdeck.core.store.seal import read_worker_key
from hostdeck.core.transport.pool import SshPool
from hostdeck.queue.collect import WARM, Collector

SSHDS, EACH = 8, 32
ROUNDS = 5
BOUND = 1.5
SERVICES = """#!/bin/sh
echo '{"nginx": {"SYSTEM": "web", "STATE": "running"}, "exim4": {"SYSTEM": "mail", "STATE": "running"}}'
"""


def measure() -> Iterator[Figure]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hostdeck-bench-")))
        nodes = _nodes(folder, stack)
        ours, theirs = _side_by_side(folder, nodes)
    count = SSHDS * EACH
    ratio = statistics.median(ours) / statistics.median(theirs)
    yield f"{count} nodes in one round, median of {ROUNDS}", f"{statistics.median(ours):.2f} s", ""
    yield "the same probes over bare asyncssh", f"{statistics.median(theirs):.2f} s", ""
    yield "ratio", f"{ratio:.2f} x", f"at most {BOUND} x"


def _nodes(folder: Path, stack: ExitStack) -> list[tuple[Sshd, Path]]:
    """Each node is a folder like Hestia's, with the one command that the probe calls."""
    found = []
    for number in range(SSHDS):
        at = folder / f"sshd{number}"
        at.mkdir()
        # A home of its own: what somebody's login files do on this machine is not to be measured.
        settings = f"MaxStartups 500\nMaxSessions 50\nSetEnv HOME={at}"
        sshd = stack.enter_context(start_sshd(at, settings=settings))
        for one in range(EACH):
            home = at / f"node{one}"
            for part in ("bin", "conf", "data/users/admin"):
                (home / part).mkdir(parents=True)
            (home / "conf" / "hestia.conf").write_text("VERSION='1.10.3'\nROOT_USER='admin'\n")
            (home / "data" / "users" / "admin" / "user.conf").write_text("SUSPENDED='no'\n")
            command = home / "bin" / "v-list-sys-services"
            command.write_text(SERVICES)
            command.chmod(0o755)
            found.append((sshd, home))
    return found


def _side_by_side(folder: Path, nodes: list[tuple[Sshd, Path]]) -> tuple[list[float], list[float]]:
    """Seconds of each round: ours and theirs by turns, after one round of each that makes the connections."""
    ours: list[float] = []
    theirs: list[float] = []
    with _collector(folder / "home", nodes) as collector, asyncio.Runner() as runner:
        lines = runner.run(_dial_all(nodes))
        later = utcnow() + timedelta(days=1)
        for _ in range(ROUNDS + 1):
            Server.update(collect_at=None, usage_at=later).execute()
            before = HealthSample.select().count()
            began = time.perf_counter()
            asked = collector.collect()
            ours.append(time.perf_counter() - began)
            answered = HealthSample.select().count() - before
            if (asked, answered) != (len(nodes), len(nodes)):
                wrong = Server.select(Server.health_error).where(Server.health_error.is_null(False)).first()
                why = wrong.health_error if wrong else "nobody says why"
                raise RuntimeError(f"{answered} answers of {asked} nodes asked, {len(nodes)} wanted: {why}")
            began = time.perf_counter()
            runner.run(_probe_all(lines))
            theirs.append(time.perf_counter() - began)
        runner.run(_close_all(lines))
    return ours[1:], theirs[1:]


@contextmanager
def _collector(home: Path, nodes: list[tuple[Sshd, Path]]) -> Iterator[Collector]:
    settings = load_settings(home, environ={})
    make_home(settings)
    door = Door("bench")
    with connection():
        for number, (sshd, folder) in enumerate(nodes):
            add_server(
                door,
                ServerForm(
                    name=f"node{number:03}",
                    host="127.0.0.1",
                    ssh_port=str(sshd.port),
                    ssh_user=sshd.user,
                    capabilities=("web",),
                    host_key=sshd.host_public_key,
                    key=sshd.client_key_path.read_text(),
                    node_dir=str(folder),
                ),
            )
        pool = SshPool()
        try:
            yield Collector(pool, read_worker_key(settings.worker_key), settings)
        finally:
            pool.close()
    close_store()


Lines = list[tuple[asyncssh.SSHClientConnection, Path]]


async def _dial_all(nodes: list[tuple[Sshd, Path]]) -> Lines:
    gate = asyncio.Semaphore(20)

    async def dial(sshd: Sshd, folder: Path) -> tuple[asyncssh.SSHClientConnection, Path]:
        async with gate:
            return await asyncssh.connect(**sshd.options), folder  # type: ignore[arg-type]

    return list(await asyncio.gather(*(dial(sshd, folder) for sshd, folder in nodes)))


async def _probe_all(lines: Lines) -> None:
    """As many at once as the collector asks: more would only wait for the same two cores."""
    gate = asyncio.Semaphore(WARM)
    script = f"{MACHINE}{PANEL}{ENDING}".encode()

    async def probe(line: asyncssh.SSHClientConnection, folder: Path) -> None:
        async with gate:
            command = shlex.join(("env", f"HDK_HOME={folder}", "sh", "-s"))
            done = await line.run(command, input=script, encoding=None)
            assert isinstance(done.stdout, bytes)
            if not done.stdout.endswith(b"probe=end\n"):
                raise RuntimeError(f"{folder}: the probe came to no end")

    await asyncio.gather(*(probe(line, folder) for line, folder in lines))


async def _close_all(lines: Lines) -> None:
    for line, _ in lines:
        line.close()
    await asyncio.gather(*(line.wait_closed() for line, _ in lines))
