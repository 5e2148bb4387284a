"""The worker with everything in PostgreSQL: our rows, and Huey's wake-ups beside them."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.simfleet import register, sim_fleet
from tests.workers import is_up, spawn, stop, wait_until, worker

from hostdeck.core.domain.vocabulary import ServiceStatus
from hostdeck.core.intents.base import Door
from hostdeck.core.intents.forms import OrderForm
from hostdeck.core.intents.services import place_order
from hostdeck.core.settings import Settings, load_settings
from hostdeck.core.store.base import database
from hostdeck.core.store.db import close_store, connection
from hostdeck.core.store.home import make_home
from hostdeck.core.store.work_models import Service, Task


@pytest.fixture
def postgres_store(tmp_path: Path, postgres_url: str) -> Iterator[Settings]:
    settings = load_settings(tmp_path / "home", {"database_url": postgres_url}, environ={})
    make_home(settings)
    with connection():
        yield settings
    close_store()


def all_active() -> bool:
    return not Service.select().where(Service.status != ServiceStatus.ACTIVE).exists()


def test_orders_are_built_through_a_kill_of_the_worker(postgres_store: Settings, door: Door) -> None:
    with sim_fleet(("web01", "mx01", "ns01"), latency_ms=100) as fleet:
        register(door, fleet)
        for number in range(3):
            place_order(door, OrderForm(f"shop{number}.test", "basic"))
        first = spawn(postgres_store)
        wait_until(lambda: is_up(first))
        wait_until(lambda: Task.select().where(Task.status == "success").count() >= 3)
        assert stop(first, signal.SIGKILL) == -signal.SIGKILL
        with worker(postgres_store):
            wait_until(all_active, 60)
        assert not any(node.overlaps for node in fleet.nodes.values())
    assert {"huey_task", "task"} <= set(database.get_tables())
    assert not (postgres_store.home / "queue.db").exists()
