"""Helps the simulator's tests call a node: the guard's exec string, and a client that knows the node's key."""

from __future__ import annotations

import shlex
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from importlib.resources import files
from typing import Any

import asyncssh

from hostdeck.core.sim.node import SimNode

NONCE = "00112233aabbccdd"
TEXT = files("hostdeck.core.drivers").joinpath("guard.sh").read_text(encoding="utf-8")
Steps = Sequence[tuple[str, Sequence[str]]]


def guard_words(
    steps: Steps,
    *,
    nonce: str = NONCE,
    lock: str = "x",
    wait: str = "20",
    go: str = "go",
    secrets: int = 0,
    home: str = "/usr/local/hestia",
) -> list[str]:
    words = ["/bin/bash", "--noprofile", "--norc", "-c", TEXT, "hdk", nonce, lock, wait, go, str(secrets), home]
    for accept, argv in steps:
        words += [accept, str(len(argv)), *argv]
    return words


def guard_command(steps: Steps, **options: Any) -> str:
    return shlex.join(guard_words(steps, **options))


@asynccontextmanager
async def client(node: SimNode, **options: Any) -> AsyncIterator[asyncssh.SSHClientConnection]:
    given = {"username": "root", "password": "any", "client_keys": None, **options}
    async with asyncssh.connect(
        "127.0.0.1",
        node.port,
        known_hosts=([node.host_key.convert_to_public()], [], []),
        agent_path=None,
        config=None,
        **given,
    ) as conn:
        yield conn


def connected(conn: asyncssh.SSHClientConnection, command: str) -> Any:
    return conn.create_process(command, encoding=None)


async def until(process: asyncssh.SSHClientProcess[bytes], word: bytes) -> bytes:
    """Reads stdout until a frame with this word came."""
    seen = b""
    while word not in seen:
        line = await process.stdout.readline()
        assert line, f"ended before {word!r}: {seen!r}"
        seen += line
    return seen
