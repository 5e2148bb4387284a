"""A named set of pretend nodes in one loop, and the child process `hostdeck demo` runs them in.

    python -m hostdeck.core.sim.fleet web01:hestiacp ns1:powerdns --latency-ms 150 [--state-file PATH]

prints one JSON line when all listen, then serves until SIGTERM or until stdin ends.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import pickle
import signal
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import asyncssh

from hostdeck.core.sim.faults import BadFault, Fault, parse_fault
from hostdeck.core.sim.hestia import HestiaNode
from hostdeck.core.sim.node import SimNode
from hostdeck.core.sim.provider import settle_in

DRIVERS = ("hestiacp", "powerdns")
CRON_SECONDS = 20.0
"""How often a node's backup queue is run; a real one takes five minutes."""


class SimFleet:
    """Pretend nodes by name. Use as `async with`, or `start` and `stop`."""

    def __init__(
        self,
        nodes: Mapping[str, str],
        *,
        latency_ms: float = 0,
        faults: Mapping[str, Sequence[str | Fault]] | None = None,
        state_file: Path | None = None,
        provider: bool = False,
    ) -> None:
        """`nodes`: name -> driver. With a state file the fleet comes back with its keys, ports and accounts.
        `provider`: somebody was there before, below whose domain names can be sold."""
        saved = _load(state_file)
        self._state_file = state_file
        self.nodes: dict[str, SimNode] = {}
        for at, (name, driver) in enumerate(nodes.items(), 10):
            options: dict[str, Any] = {"ip": f"203.0.113.{at}", "faults": (faults or {}).get(name, ())}
            old = saved.get(name)
            if old is not None and old["driver"] == driver:
                options |= {key: old[key] for key in ("port", "account", "files")}
                options["host_key"] = asyncssh.import_private_key(old["host_key"])
            self.nodes[name] = SimNode(name, driver=driver, latency_ms=latency_ms, **options)
        if provider:
            settle_in(self.nodes)

    def __getitem__(self, name: str) -> SimNode:
        return self.nodes[name]

    def addresses(self) -> dict[str, tuple[int, str]]:
        """name -> (port, host key fingerprint)"""
        return {name: (node.port, node.host_key_fingerprint) for name, node in self.nodes.items()}

    async def start(self) -> None:
        try:
            for node in self.nodes.values():
                await node.start()
        except OSError:
            await self.stop()
            raise

    async def stop(self) -> None:
        for node in self.nodes.values():
            await node.stop()
        if self._state_file is not None:
            _save(self._state_file, self.nodes)

    async def __aenter__(self) -> SimFleet:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()


def _load(state_file: Path | None) -> dict[str, dict[str, Any]]:
    if state_file is None or not state_file.exists():
        return {}
    saved: dict[str, dict[str, Any]] = pickle.loads(state_file.read_bytes())
    return saved


def _save(state_file: Path, nodes: Mapping[str, SimNode]) -> None:
    saved = {
        name: {
            "driver": node.driver,
            "port": node.port,
            "host_key": node.host_key.export_private_key(),
            "account": node.account,
            "files": node.files,
        }
        for name, node in nodes.items()
    }
    new = state_file.with_name(state_file.name + ".new")
    new.touch(mode=0o600)
    new.write_bytes(pickle.dumps(saved))
    new.replace(state_file)


async def serve_one(
    name: str,
    *,
    port: int = 0,
    driver: str = "hestiacp",
    latency_ms: float = 0,
    faults: Iterable[str | Fault] = (),
    ready: Callable[[SimNode], None] = lambda node: None,
    until: asyncio.Event | None = None,
    **options: Any,
) -> None:
    """One node for `hostdeck sim node`: says `ready` when it listens, serves until `until` or a signal comes."""
    async with SimNode(name, port, driver, latency_ms, faults, **options) as node:
        ready(node)
        await _until(until or _signalled(), (node,))


async def _until(event: asyncio.Event, nodes: Iterable[SimNode]) -> None:
    """Waits; meanwhile the nodes' cron runs."""
    waiting = asyncio.ensure_future(event.wait())
    while not (await asyncio.wait((waiting,), timeout=CRON_SECONDS))[0]:
        for node in nodes:
            if isinstance(node.account, HestiaNode):
                node.account.run_backup_queue()


def _signalled() -> asyncio.Event:
    """An event that SIGTERM and SIGINT set."""
    event, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, event.set)
    return event


def _watch_stdin(event: asyncio.Event) -> None:
    """Sets the event when stdin ends: the parent died."""
    loop = asyncio.get_running_loop()

    def readable() -> None:
        if not os.read(sys.stdin.fileno(), 4096):
            loop.remove_reader(sys.stdin.fileno())
            event.set()

    try:
        loop.add_reader(sys.stdin.fileno(), readable)
    except PermissionError:  # a plain file or /dev/null: nobody will ever end it
        pass


async def _serve(fleet: SimFleet) -> None:
    event = _signalled()
    async with fleet:
        lines = [
            {"name": name, "driver": fleet[name].driver, "port": port, "fingerprint": fingerprint}
            for name, (port, fingerprint) in fleet.addresses().items()
        ]
        sys.stdout.write(json.dumps({"nodes": lines}) + "\n")
        sys.stdout.flush()
        _watch_stdin(event)
        await _until(event, tuple(fleet.nodes.values()))


def _node(text: str) -> tuple[str, str]:
    name, _, driver = text.partition(":")
    driver = driver or "hestiacp"
    if not name or driver not in DRIVERS:
        raise argparse.ArgumentTypeError(f"{text!r}: write NAME:DRIVER, the driver one of {', '.join(DRIVERS)}")
    return name, driver


def _fault(text: str) -> tuple[str, Fault]:
    name, colon, spec = text.partition(":")
    if not colon:
        raise argparse.ArgumentTypeError(f"{text!r}: write NODE:WHAT=KIND[:ARG][*TIMES]")
    try:
        return name, parse_fault(spec)
    except BadFault as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def main() -> int:
    parser = argparse.ArgumentParser(prog="hostdeck.core.sim.fleet", description="pretend nodes behind real SSH")
    parser.add_argument("nodes", nargs="+", type=_node, metavar="NAME:DRIVER")
    parser.add_argument("--latency-ms", type=float, default=0)
    parser.add_argument("--fault", action="append", default=[], type=_fault, metavar="NODE:SPEC")
    parser.add_argument("--state-file", type=Path)
    parser.add_argument("--provider", action="store_true")
    given = parser.parse_args()
    faults: dict[str, list[Fault]] = {}
    for name, fault in given.fault:
        faults.setdefault(name, []).append(fault)
    fleet = SimFleet(
        dict(given.nodes),
        latency_ms=given.latency_ms,
        faults=dict(faults),
        state_file=given.state_file,
        provider=given.provider,
    )
    asyncio.run(_serve(fleet))
    return 0


if __name__ == "__main__":
    sys.exit(main())
