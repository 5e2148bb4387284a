"""A runner on this thread, over real SSH to pretend nodes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.simfleet import sim_fleet

from hostdeck.core.domain.vocabulary import TaskStatus
from hostdeck.core.settings import Settings
from hostdeck.core.sim.fleet import SimFleet
from hostdeck.core.store.due import all_due
from hostdeck.core.store.fields import utcnow
from hostdeck.core.store.processes import register_worker
from hostdeck.core.store.seal import read_worker_key
from hostdeck.core.store.work_models import Service, Task
from hostdeck.core.transport.pool import SshPool
from hostdeck.queue.runner import Runner


@pytest.fixture
def runner(store: Settings) -> Iterator[Runner]:
    yield from running_on(store)


@pytest.fixture
def fleet(store: Settings) -> Iterator[SimFleet]:
    """A node a tier."""
    with sim_fleet(("web01", "mx01", "ns01")) as nodes:
        yield nodes


@pytest.fixture
def any_runner(any_store: Settings) -> Iterator[Runner]:
    """On each database."""
    yield from running_on(any_store)


def running_on(store: Settings) -> Iterator[Runner]:
    pool = SshPool()

    async def resolve(host: str) -> frozenset[str]:
        return frozenset()

    async def unanswered(ip: str, host: str) -> frozenset[str] | None:
        return None

    private = read_worker_key(store.worker_key)
    yield Runner(register_worker().id, pool, private, store, lambda ids: None, resolve, unanswered)
    pool.close()


def run_all_due(runner: Runner) -> None:
    """Runs what is due, and what becomes due by it, one after the other; retries are left waiting."""
    moved = True
    while moved:
        ran = [runner.run(task_id) for task_id in all_due(utcnow())]
        moved = any(ran)


def statuses(service: int) -> dict[str, TaskStatus]:
    """Action@server -> status."""
    return {f"{task.action}@{task.server.name}": task.status for task in Task.select().where(Task.service == service)}


def error_of(service: int) -> str:
    return Service.get_by_id(service).error or ""


def make_due() -> None:
    """Lets the clock of every retry run out."""
    Task.update(not_before=None).where(Task.status == TaskStatus.RETRYING).execute()
