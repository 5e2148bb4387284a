"""Wishes for one service from several operators at once, on both databases."""

from __future__ import annotations

import multiprocessing
from collections import Counter
from pathlib import Path

from tests.conftest import add_fleet

from hostdeck.core.domain.vocabulary import FINAL, ServiceStatus, TaskStatus
from hostdeck.core.domain.wishes import Wish
from hostdeck.core.errors import Refused
from hostdeck.core.intents.base import Door
from hostdeck.core.intents.forms import OrderForm
from hostdeck.core.intents.life import grant
from hostdeck.core.intents.services import place_order
from hostdeck.core.settings import Settings, load_settings
from hostdeck.core.store.base import database
from hostdeck.core.store.db import connection, open_store
from hostdeck.core.store.work_models import Run, Service, Task

SERVICES = 15


def _wish_in_process(home: Path, url: str, wish: Wish, answers: multiprocessing.Queue[str]) -> None:
    # A forked child must not touch its parent's connection.
    database.initialize(None)
    open_store(load_settings(home, {"database_url": url or None}, environ={}))
    for number in range(1, SERVICES + 1):
        try:
            with connection():
                grant(Door("racer", reserved_ok=True), number, wish, f"shop{number}.test")
            answers.put(f"{wish} granted")
        except Refused as error:
            answers.put(error.code)


def race(settings: Settings, *wishes: Wish) -> Counter[str]:
    context = multiprocessing.get_context("spawn")
    answers: multiprocessing.Queue[str] = context.Queue()
    crew = [
        context.Process(target=_wish_in_process, args=(settings.home, settings.database_url, wish, answers))
        for wish in wishes
    ]
    for process in crew:
        process.start()
    got = Counter(answers.get(timeout=60) for _ in range(SERVICES * len(wishes)))
    for process in crew:
        process.join(10)
    return got


def order_all(door: Door) -> None:
    add_fleet()
    for number in range(1, SERVICES + 1):
        assert place_order(door, OrderForm(f"shop{number}.test", "basic")) == number
    Task.update(status=TaskStatus.SUCCESS).execute()
    Service.update(status=ServiceStatus.ACTIVE).execute()


def test_of_two_operators_who_terminate_one_service_one_is_refused(any_store: Settings, door: Door) -> None:
    order_all(door)
    assert race(any_store, Wish.TERMINATE, Wish.TERMINATE) == {"terminate granted": SERVICES, "SVC_STATE": SERVICES}
    assert Run.select().count() == 2 * SERVICES


def test_whoever_comes_second_only_one_run_of_a_service_is_left_moving(any_store: Settings, door: Door) -> None:
    order_all(door)
    got = race(any_store, Wish.TERMINATE, Wish.REDEPLOY, Wish.SUSPEND)
    assert got["terminate granted"] == SERVICES
    for service in Service.select():
        moving = Task.select(Task.run).where(Task.service == service, Task.status.not_in(list(FINAL))).distinct()
        assert [task.run_id for task in moving] == [service.run]
        assert service.status is ServiceStatus.TERMINATING
