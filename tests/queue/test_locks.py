"""Wishes and plans at once on PostgreSQL."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from tests.simfleet import register, sim_fleet

from hostdeck.core.domain.vocabulary import ServiceStatus, TaskStatus
from hostdeck.core.domain.wishes import Wish
from hostdeck.core.intents.base import Door
from hostdeck.core.intents.forms import OrderForm
from hostdeck.core.intents.life import ask_nodes, grant
from hostdeck.core.intents.services import place_order
from hostdeck.core.store.work_models import Service, Task


def test_a_plan_and_a_wish_at_once_do_not_lock_each_other_out_on_postgresql(
    tmp_path: Any, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wish locks the servers in the order of their numbers; the reading tasks of a plan refer to them in another."""
    from hostdeck.core.intents import plans
    from hostdeck.core.settings import load_settings
    from hostdeck.core.store.db import close_store, connection
    from hostdeck.core.store.home import make_home

    settings = load_settings(tmp_path / "home", {"database_url": postgres_url}, environ={})
    make_home(settings)
    door = Door("tester", reserved_ok=True)
    between, granted = threading.Event(), threading.Event()

    class Halfway:
        """Task, but the wish is granted between its rows."""

        @staticmethod
        def create(**values: Any) -> Any:
            row = Task.create(**values)
            between.set()
            assert granted.wait(20), "the wish waits for the plan"
            return row

        select = Task.select

    def ask(service: int) -> int:
        with connection():
            return ask_nodes(door, service, Wish.TERMINATE)

    with connection(), sim_fleet(("mx01", "web01", "ns01")) as fleet, ThreadPoolExecutor(1) as other:
        register(door, fleet)
        service = place_order(door, OrderForm("customer.test", "basic"))
        Task.update(status=TaskStatus.SUCCESS).execute()
        Service.update(status=ServiceStatus.ACTIVE).execute()
        monkeypatch.setattr(plans, "Task", Halfway)
        asked = other.submit(ask, service)
        assert between.wait(20)
        run = grant(door, service, Wish.SUSPEND)
        granted.set()
        plan = asked.result(20)
        assert Service.get_by_id(service).run == run
        assert Task.select().where(Task.run == plan).count() == 3
    close_store()
