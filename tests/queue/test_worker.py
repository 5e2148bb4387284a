"""The worker as a process of its own: started, killed, stopped, started again."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import statistics
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from tests.simfleet import register, sim_fleet
from tests.workers import is_up, spawn, stop, wait_until, worker

from hostdeck.core.domain.vocabulary import ServiceStatus, TaskStatus
from hostdeck.core.intents.base import Door
from hostdeck.core.intents.fleet import check_server
from hostdeck.core.intents.forms import OrderForm
from hostdeck.core.intents.services import place_order
from hostdeck.core.intents.work import set_setting
from hostdeck.core.queries.log_lines import extent
from hostdeck.core.settings import Settings
from hostdeck.core.sim.fleet import SimFleet
from hostdeck.core.store.fleet_models import Server, Worker
from hostdeck.core.store.work_models import Account, Service, Task, TaskLog
from hostdeck.queue.app import make_huey
from hostdeck.queue.worker import Serving

TIERS = ("web01", "web02", "mx01", "mx02", "ns01", "ns02")
SMALL = ("web01", "mx01", "ns01", "ns02")
ADDING = ("v-add-user", "v-add-user-package", "v-add-web-domain", "v-add-mail-domain", "v-add-dns-domain")


def order(door: Door, domain: str = "customer.test") -> int:
    return place_order(door, OrderForm(domain, "basic"))


def all_active() -> bool:
    return not Service.select().where(Service.status != ServiceStatus.ACTIVE).exists()


def additions(fleet: SimFleet) -> list[tuple[str, ...]]:
    """Every add that took effect: (node, command, whom)."""
    found = []
    for name, node in fleet.nodes.items():
        for ran in node.journal:
            command = ran.argv[0].rsplit("/", 1)[-1]
            if command in ADDING and ran.exit == 0:
                who = ran.argv[2] if command == "v-add-user-package" else " ".join(ran.argv[1:2])
                found.append((name, command, who))
    return found


def test_an_order_is_built_by_a_worker_and_the_worker_ends_with_0(store: Settings, door: Door) -> None:
    with sim_fleet(SMALL) as fleet, worker(store) as process:
        register(door, fleet)
        order(door)
        wait_until(all_active)
        assert stop(process) == 0
        assert Worker.get(Worker.pid == process.pid).stopped_at is not None


def test_f5_an_order_written_before_the_worker_lives_is_built(store: Settings, door: Door) -> None:
    with sim_fleet(SMALL) as fleet:
        register(door, fleet)
        order(door)
        with worker(store):
            wait_until(all_active)


def test_once_does_all_that_is_due_and_exits(store: Settings, door: Door) -> None:
    with sim_fleet(SMALL) as fleet:
        register(door, fleet)
        order(door)
        assert spawn(store, "--once").wait(60) == 0
        assert all_active()


def test_f3_a_worker_killed_while_a_node_runs_its_command_doubles_nothing(store: Settings, door: Door) -> None:
    with sim_fleet(("web01", "mx01", "ns01"), latency_ms=300) as fleet:
        register(door, fleet)
        first = spawn(store)
        wait_until(lambda: is_up(first))
        order(door)
        wait_until(lambda: any("v-add-user" in ran.argv[0] for ran in fleet["web01"].journal))
        assert stop(first, signal.SIGKILL) == -signal.SIGKILL
        with worker(store):
            wait_until(all_active)
        done = additions(fleet)
        assert len(done) == len(set(done))
        assert not any(node.overlaps for node in fleet.nodes.values())


def test_f11_sigterm_lets_the_command_under_way_end_and_hands_the_rest_back(store: Settings, door: Door) -> None:
    with sim_fleet(("web01", "mx01", "ns01"), latency_ms=400) as fleet:
        register(door, fleet)
        first = spawn(store)
        wait_until(lambda: is_up(first))
        service = order(door)
        wait_until(lambda: Task.select().where(Task.status == TaskStatus.RUNNING).exists())
        began = time.monotonic()
        assert stop(first) == 0
        assert time.monotonic() - began < 10
        assert not Task.select().where(Task.status == TaskStatus.RUNNING).exists()
        assert not Task.select().where(Task.service == service, Task.status == TaskStatus.FAILED).exists()
        with worker(store):
            wait_until(all_active)


def test_f11_ctrl_c_is_as_gentle_as_sigterm(store: Settings, door: Door) -> None:
    with sim_fleet(("web01", "mx01", "ns01"), latency_ms=400) as fleet:
        register(door, fleet)
        set_setting(door, "retry.attempts", "1")
        first = spawn(store)
        wait_until(lambda: is_up(first))
        service = order(door)
        wait_until(lambda: Task.select().where(Task.status == TaskStatus.RUNNING).exists())
        assert stop(first, signal.SIGINT) == 0
        assert not Task.select().where(Task.service == service, Task.status == TaskStatus.FAILED).exists()
        with worker(store):
            wait_until(all_active)


@pytest.fixture
def own_signals() -> Iterator[None]:
    kept = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    yield
    for number, handler in kept.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("own_signals")
def test_a_signal_is_gentle_from_before_the_first_thread_begins(
    store: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended: list[str] = []
    serving = Serving(make_huey(store), lambda: None, lambda: ended.append("gently"), workers=1, periodic=False)
    monkeypatch.setattr(serving.scheduler, "start", lambda: os.kill(os.getpid(), signal.SIGINT))
    monkeypatch.setattr(serving.scheduler, "join", lambda timeout: None)
    serving.run()
    assert ended == ["gently"]


def has_its_queue(store: Settings) -> bool:
    """A worker that can't make it would end, as one that can't make its home."""
    path = store.home / "queue.db"
    if not path.exists():
        return False
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as link:
        return bool(link.execute("SELECT 1 FROM sqlite_master WHERE name = 'counter'").fetchone())


def test_a_queue_that_is_locked_for_a_while_stops_nothing_for_good(store: Settings, door: Door) -> None:
    with sim_fleet(SMALL) as fleet, worker(store):
        register(door, fleet)
        wait_until(lambda: has_its_queue(store))
        with closing(sqlite3.connect(store.home / "queue.db", isolation_level=None)) as link:
            link.execute("BEGIN EXCLUSIVE")
            order(door)
            with closing((store.home / "worker.log").open()) as log:
                wait_until(lambda: "doorbell: looking again" in log.read(), 30)
            link.execute("ROLLBACK")
        wait_until(all_active, 60)


def test_f37_a_database_locked_for_seconds_loses_no_line_and_costs_no_attempt(store: Settings, door: Door) -> None:
    lines = 2000
    with sim_fleet(("web01",), faults={"web01": [f"v-add-user=chat:{lines}*1"]}) as fleet, worker(store):
        register(door, fleet)
        service = place_order(door, OrderForm("customer.test", "basic", options={"mail_disk_quota": "0"}))
        task = Task.get(Task.service == service, Task.action == "web.createUser")
        wait_until(lambda: TaskLog.select().where(TaskLog.task == task.id).count() > 20)
        with closing(sqlite3.connect(store.home / "hostdeck.db", isolation_level=None)) as link:
            link.execute("BEGIN IMMEDIATE")
            time.sleep(6.5)
            link.execute("ROLLBACK")
        wait_until(all_active, 60)
        told = TaskLog.select().where(TaskLog.task == task.id, TaskLog.text.startswith("line ")).count()
        assert (told, Task.get_by_id(task.id).attempts) == (lines, 1)


def test_f6_two_workers_by_mistake_keep_apart(store: Settings, door: Door) -> None:
    with sim_fleet(TIERS, latency_ms=20) as fleet, worker(store), worker(store):
        register(door, fleet)
        for number in range(6):
            order(door, f"shop{number}.test")
        wait_until(all_active, 60)
        done = additions(fleet)
        assert len(done) == len(set(done))
        assert not any(node.overlaps for node in fleet.nodes.values())


def can_be_written(database: Path, patience: float = 0.0) -> bool:
    """Whether nobody holds the lock of a SQLite file, or lets go of it within `patience` seconds."""
    with closing(sqlite3.connect(database, timeout=patience, isolation_level=None)) as link:
        try:
            link.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError:
            return False
        link.execute("ROLLBACK")
        return True


def stop_in_a_task(process: subprocess.Popen[bytes], home: Path) -> list[int]:
    """Halts a worker while it holds tasks and no lock of a database, which it would keep for as long as it sleeps;
    goes on and halts it again where it was inside a write. Returns the ids of the tasks."""
    databases = (home / "hostdeck.db", home / "queue.db")
    end = time.monotonic() + 30
    while time.monotonic() < end:
        process.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, process.pid, os.WSTOPPED)  # every thread of it has halted
        held = [task.id for task in Task.select().where(Task.status == TaskStatus.RUNNING)]
        if held and all(can_be_written(database) for database in databases):
            return held
        process.send_signal(signal.SIGCONT)
        assert all(can_be_written(database, 10) for database in databases)
    raise AssertionError("the worker held no task, or was inside a write, each time it was halted")


def test_f8_a_worker_stopped_past_its_lease_writes_nothing_when_it_wakes(store: Settings, door: Door) -> None:
    with sim_fleet(("web01", "mx01", "ns01"), latency_ms=300) as fleet:
        register(door, fleet)
        first = spawn(store)
        wait_until(lambda: is_up(first))
        service = order(door)
        wait_until(lambda: Task.select().where(Task.status == TaskStatus.RUNNING).exists())
        held = stop_in_a_task(first, store.home)
        # As if a minute had gone by: nobody renews a lease of a process that does not run.
        assert Task.update(lease_until=0.0).where(Task.id.in_(held)).execute() == len(held)
        with worker(store):
            wait_until(all_active, 90)
            assert all(task.claim_no > 1 for task in Task.select().where(Task.id.in_(held)))
            first.send_signal(signal.SIGCONT)
            lines = TaskLog.select().count()
            assert stop(first) == 0
            assert TaskLog.select().count() == lines
            assert Service.get_by_id(service).status is ServiceStatus.ACTIVE
        done = additions(fleet)
        assert len(done) == len(set(done))


def has_succeeded(task_id: int) -> bool:
    return bool(Task.get_by_id(task_id).status is TaskStatus.SUCCESS)


def test_from_the_commit_to_the_claim_it_takes_50_ms_at_the_median(store: Settings, door: Door) -> None:
    with sim_fleet(("web01",)) as fleet, worker(store):
        register(door, fleet)
        medians = []
        for _ in range(3):  # other tests run beside it: the quietest round says how long it takes
            waits = []
            for _ in range(15):
                task_id = check_server(door, "web01")
                wait_until(partial(has_succeeded, task_id))
                task = Task.get_by_id(task_id)
                waits.append((task.started_at - task.created_at) / timedelta(milliseconds=1))
            medians.append(statistics.median(waits))
            if medians[-1] <= 50:
                break
        assert min(medians) <= 50, medians


@pytest.mark.timeout(240)
@pytest.mark.xdist_group("storm")
def test_twenty_services_become_active_through_ten_kills_of_the_worker(store: Settings, door: Door) -> None:
    dice = random.Random(7)
    with sim_fleet(TIERS, latency_ms=100) as fleet:
        register(door, fleet)
        ids = [order(door, f"storm{number}.test") for number in range(20)]
        began = time.monotonic()
        for _ in range(10):
            process = spawn(store)
            wait_until(lambda process=process: is_up(process))  # type: ignore[misc]
            before = finished()
            wait_until(lambda before=before: finished() > before, 60)  # type: ignore[misc]
            time.sleep(dice.uniform(0.1, 1.5))
            assert not all_active(), "the storm was over before the tenth kill"
            assert stop(process, signal.SIGKILL) == -signal.SIGKILL
        with worker(store):
            wait_until(all_active, 150)
        assert time.monotonic() - began < 180
        done = additions(fleet)
        assert len(done) == len(set(done)), "something was done twice"
        assert not any(node.overlaps for node in fleet.nodes.values())
        assert Service.select().where(Service.id.in_(ids), Service.status == ServiceStatus.ACTIVE).count() == 20
        stuck = Task.select().where(Task.status.in_((TaskStatus.RUNNING, TaskStatus.WAITING, TaskStatus.FAILED)))
        assert [(task.action, task.server.name, task.status, task.error) for task in stuck] == []
        assert sum(server.accounts for server in Server.select()) == Account.select().where(Account.slot).count() == 40
        gaps = [task.id for task in Task.select(Task.id) if len(extent(task.id).spans) > 1]
        assert gaps == [], "lines of these tasks were lost"


def finished() -> int:
    return Task.select().where(Task.status == TaskStatus.SUCCESS).count()
