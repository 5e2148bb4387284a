"""The kept connections: whoever asks for a node gets the one of the login that was given, whoever else asks."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace

import pytest

from hostdeck.core.transport.base import Login, Secret
from hostdeck.core.transport.pool import Outdated, SshPool
from hostdeck.core.transport.ssh import SshNode

OLD = Login("web01", "192.0.2.1", 22, "root", "", key=Secret("old"))
NEW = replace(OLD, host="192.0.2.2", key=Secret("new"))


@pytest.fixture
def pool() -> Iterator[SshPool]:
    pool = SshPool()
    yield pool
    pool.close()


class SlowFarewell:
    """Stands for a connection whose other side takes its time to end."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.let_go = asyncio.Event()

    async def __call__(self) -> None:
        self.asked.set()
        await self.let_go.wait()


def test_who_asks_with_the_new_login_is_never_given_the_node_of_the_old_one(pool: SshPool) -> None:
    """A server was moved. The deploy comes with the new place and waits for the old connection's end; a round that
    began before comes with the old place meanwhile."""

    async def both() -> tuple[SshNode, SshNode]:
        farewell = SlowFarewell()
        (await pool.node(1, OLD)).close = farewell  # type: ignore[method-assign]
        deploy = asyncio.ensure_future(pool.node(1, NEW))
        await farewell.asked.wait()
        late = await pool.node(1, OLD)
        farewell.let_go.set()
        return await deploy, late

    deploy, late = pool.run(both)
    assert (deploy.login, late.login) == (NEW, OLD)


def test_a_login_that_was_read_before_the_kept_one_does_not_end_its_connection(pool: SshPool) -> None:
    async def both() -> SshNode:
        read_at = pool.now()
        kept = await pool.node(1, NEW)
        with pytest.raises(Outdated):
            await pool.node(1, OLD, read_at=read_at)
        assert await pool.node(1, NEW) is kept
        return await pool.node(1, OLD, read_at=pool.now())

    assert pool.run(both).login == OLD
