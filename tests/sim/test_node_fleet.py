"""A fleet of pretend nodes: in this loop, as a child process, and one alone."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncssh
import pytest
from tests.sim.calls import client

from hostdeck.core.sim.fleet import SimFleet, serve_one
from hostdeck.core.sim.hestia import HestiaNode
from hostdeck.core.sim.node import SimNode


@contextmanager
def child(*args: str) -> Iterator[tuple[subprocess.Popen[bytes], list[dict[str, Any]]]]:
    command = [sys.executable, "-m", "hostdeck.core.sim.fleet", *args]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        try:
            yield process, json.loads(process.stdout.readline())["nodes"]
        finally:
            process.kill()


async def fingerprint(port: int) -> str:
    key = await asyncssh.get_server_host_key("127.0.0.1", port)
    assert key is not None
    return key.get_fingerprint()


async def test_a_fleet_reports_ports_and_fingerprints_and_each_node_is_itself() -> None:
    async with SimFleet({"ns1": "powerdns", "ns2": "powerdns"}) as fleet:
        addresses = fleet.addresses()
        assert len({port for port, _ in addresses.values()}) == 2
        for port, seen in addresses.values():
            assert await fingerprint(port) == seen
        async with client(fleet["ns1"]) as conn:
            assert (await conn.run("pdnsutil create-zone example.org ns1.x.net")).exit_status == 0
        async with client(fleet["ns2"]) as conn:
            assert (await conn.run("pdnsutil list-all-zones")).stdout == ""


async def test_with_a_state_file_it_comes_back_with_keys_ports_and_accounts(tmp_path: Path) -> None:
    state = tmp_path / "fleet.state"
    async with SimFleet({"ns1": "powerdns"}, state_file=state) as fleet:
        before = fleet.addresses()
        async with client(fleet["ns1"]) as conn:
            await conn.run("pdnsutil create-zone example.org ns1.x.net")
    assert state.stat().st_mode & 0o777 == 0o600
    async with SimFleet({"ns1": "powerdns"}, state_file=state) as fleet:
        assert fleet.addresses() == before
        async with client(fleet["ns1"]) as conn:
            assert (await conn.run("pdnsutil list-all-zones")).stdout == "example.org\n"


async def test_the_child_says_one_line_and_serves_until_sigterm() -> None:
    with child("web01:hestiacp", "ns1:powerdns", "--latency-ms", "1") as (process, nodes):
        assert [(node["name"], node["driver"]) for node in nodes] == [("web01", "hestiacp"), ("ns1", "powerdns")]
        for node in nodes:
            assert await fingerprint(node["port"]) == node["fingerprint"]
        process.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(process.wait, 10) == 0


async def test_the_child_ends_when_its_parent_closes_stdin() -> None:
    with child("ns1:powerdns") as (process, _):
        assert process.stdin is not None
        process.stdin.close()
        assert await asyncio.to_thread(process.wait, 10) == 0


@pytest.mark.parametrize("args", [["web01:cpanel"], ["ns1:powerdns", "--fault", "ns1:x=boom"], []])
def test_bad_arguments_are_one_line_and_exit_2(args: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "hostdeck.core.sim.fleet", *args], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "error:" in done.stderr.splitlines()[-1]


async def test_one_node_serves_until_it_is_told_to_end() -> None:
    until, seen = asyncio.Event(), asyncio.Queue[SimNode]()
    serving = asyncio.create_task(serve_one("ns1", driver="powerdns", ready=seen.put_nowait, until=until))
    node = await seen.get()
    assert await fingerprint(node.port) == node.host_key_fingerprint
    until.set()
    await serving
    with pytest.raises(OSError):
        await asyncio.open_connection("127.0.0.1", node.port)


async def test_a_node_that_serves_takes_the_backups_that_are_queued(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hostdeck.core.sim.fleet.CRON_SECONDS", 0.01)
    until, seen = asyncio.Event(), asyncio.Queue[SimNode]()
    serving = asyncio.create_task(serve_one("web01", ready=seen.put_nowait, until=until))
    account = (await seen.get()).account
    assert isinstance(account, HestiaNode)
    account.add_foreign_user("acme", "a@acme.com", "Acme")
    account.run(["v-schedule-user-backup", "acme"])
    async with asyncio.timeout(10):
        while not account.book.archives:
            await asyncio.sleep(0)
    assert account.book.queues.get("backup", []) == []
    (archive,) = account.book.archives
    assert account.run(["test", "-f", archive]).exit == 0
    account.run(["v-delete-user", "acme"])
    assert account.run(["test", "-f", archive]).exit == 0
    until.set()
    await serving
