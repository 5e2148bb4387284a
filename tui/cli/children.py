"""The demo's two child processes: the simulated fleet and the worker. Each is ended by its own id."""

from __future__ import annotations

import json
import os
import select
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

from hostdeck.core.errors import Failed

if TYPE_CHECKING:
    from hostdeck.core.intents.forms import ServerForm

START = 30.0
"""Seconds a child may take until it is ready."""

STOP = 35.0
"""Seconds a child may take to end: a worker lets commands under way end first."""


class Child:
    """A process in a session of its own, so that Ctrl-C reaches the demo alone, which then ends its children."""

    name: ClassVar[str]

    def __init__(self, home: Path, arguments: list[str]) -> None:
        self.log = home / f"{self.name}.log"
        self._arguments = [sys.executable, *arguments]
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def process(self) -> subprocess.Popen[bytes]:
        assert self._process is not None, "entered"
        return self._process

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def ended(self) -> bool:
        return self.process.poll() is not None

    @property
    def line(self) -> str:
        """What to type to start it again."""
        return shlex.join(self._arguments)

    def __enter__(self) -> Self:
        # The demo has a home of its own: nothing that points to a real one may reach its children.
        environment = {name: value for name, value in os.environ.items() if not name.startswith("HOSTDECK_")}
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self._arguments,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE if self.name == "fleet" else log,
                stderr=log,
                env=environment,
                start_new_session=True,
            )
        return self

    def __exit__(self, *_: object) -> None:
        if not self.ended:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(STOP)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()

    def last_words(self) -> str:
        lines = [line for line in self.log.read_text("utf-8", "replace").splitlines() if line.strip()]
        return lines[-1] if lines else "none"


class Fleet(Child):
    """`nodes` by name, each with port and fingerprint, once entered."""

    name = "fleet"
    drivers: ClassVar = dict.fromkeys(("web01", "web02", "mx01", "mx02", "all01", "ns1"), "hestiacp") | {
        "ns2": "powerdns"
    }

    def __init__(self, home: Path, latency_ms: int = 500) -> None:
        names = [f"{name}:{driver}" for name, driver in self.drivers.items()]
        state = ["--latency-ms", str(latency_ms), "--state-file", str(home / "fleet.state"), "--provider"]
        super().__init__(home, ["-m", "hostdeck.core.sim.fleet", *names, *state])
        self.nodes: dict[str, Mapping[str, Any]] = {}

    def __enter__(self) -> Self:
        super().__enter__()
        try:
            told = json.loads(self._first_line())
        except ValueError:
            self.__exit__()
            raise Failed(f"demo: the simulated fleet did not start: {self.last_words()}") from None
        self.nodes = {node["name"]: node for node in told["nodes"]}
        return self

    def forms(self, hosts: Mapping[str, tuple[str, ...]], group: str, key: str) -> Iterator[ServerForm]:
        """The nodes as an operator would add them; each one's host key is the one the fleet told of."""
        from hostdeck.core.intents.forms import ServerForm
        from hostdeck.core.transport.hostkey import fingerprint, scan

        for number, (name, node) in enumerate(self.nodes.items(), 10):
            capabilities = hosts[name.rstrip("0123456789")]
            host_key = scan("127.0.0.1", node["port"])
            if fingerprint(host_key) != node["fingerprint"]:
                raise Failed(f"demo: somebody else answers on port {node['port']} of this machine")
            yield ServerForm(
                name=name,
                host="127.0.0.1",
                ip=str(node.get("ip", f"203.0.113.{number}")),
                ssh_port=str(node["port"]),
                capabilities=capabilities,
                host_key=host_key,
                key=key,
                driver=self.drivers[name],
                group="" if capabilities == ("dns",) else group,
                max_accounts="0" if capabilities == ("dns",) else "50",
            )

    def _first_line(self) -> bytes:
        out = self.process.stdout
        assert out is not None
        ready, _, _ = select.select([out], [], [], START)
        return out.readline() if ready else b""


class Worker(Child):
    name = "worker"

    def __init__(self, home: Path) -> None:
        super().__init__(home, ["-m", "hostdeck", "--home", str(home), "worker"])


def end_workers_of(home: Path) -> None:
    """Ends workers that somebody started again by hand for a home that is about to go."""
    from hostdeck.core.queries.fleet import workers
    from hostdeck.core.store.db import connection

    with connection():
        pids = [row.pid for row in workers()]
    for pid in pids:
        try:
            words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if str(home).encode() in words and pid != os.getpid():
            os.kill(pid, signal.SIGTERM)
