"""The claim, on both databases: who gets a task, who may write about it, and what follows from its end."""

from __future__ import annotations

import random
import threading
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from tests.conftest import add_fleet, add_server

from hostdeck.core.domain.action_names import Action
from hostdeck.core.domain.findings import DkimKnown, Quarantine
from hostdeck.core.domain.vocabulary import RunKind, ServerStatus, ServiceStatus, Stream, TaskStatus
from hostdeck.core.intents.base import Door
from hostdeck.core.intents.forms import OrderForm
from hostdeck.core.intents.services import place_order
from hostdeck.core.settings import Settings
from hostdeck.core.store import logbook, tasks
from hostdeck.core.store.clock import LeaseTime
from hostdeck.core.store.db import connection, transaction
from hostdeck.core.store.due import all_due, next_for_server, take_unwoken
from hostdeck.core.store.fleet_models import Server
from hostdeck.core.store.logbook import Entry
from hostdeck.core.store.tasks import Cancelled, ClaimedTask, Failure, Retry, Success
from hostdeck.core.store.work_models import Record, Run, Service, Task, TaskLog

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
START = LeaseTime(1000.0, "boot-1")


def at(seconds: float, epoch: str = "boot-1") -> LeaseTime:
    return LeaseTime(1000.0 + seconds, epoch)


def claim(task_id: int, worker: int = 1, *, now: datetime = NOON, lease: LeaseTime = START) -> ClaimedTask | None:
    return tasks.claim(task_id, worker, at=lease, now=now)


def must_claim(task_id: int, worker: int = 1, **values: object) -> ClaimedTask:
    claimed = claim(task_id, worker, **values)  # type: ignore[arg-type]
    assert claimed is not None
    return claimed


@pytest.fixture
def one_task(any_store: Settings) -> int:
    """A queued task on a server, in a run of its own."""
    server = add_server("web09")
    return queue_on(server)


def queue_on(server: Server, target: str = "x", **values: object) -> int:
    run = Run.create(kind=RunKind.SERVER)
    fields = {"action": Action.WEB_CREATE_PACKAGE, "status": TaskStatus.QUEUED, "target": target} | values
    return int(Task.create(run=run, server=server, **fields).id)


@pytest.fixture
def service(any_store: Settings, door: Door) -> int:
    add_fleet()
    return place_order(door, OrderForm("customer.test", "basic"))


def task_of(service: int, action: str, server: str | None = None) -> Task:
    query = Task.select().where(Task.service == service, Task.action == action)
    if server:
        query = query.join(Server).where(Server.name == server)
    return query.get()


def finish(service: int, *actions: str) -> None:
    for action in actions:
        for task in list(Task.select().where(Task.service == service, Task.action == action)):
            assert tasks.settle(must_claim(task.id).claim, Success(), now=NOON)


def test_a_queued_task_is_claimed_once(one_task: int) -> None:
    claimed = must_claim(one_task)
    assert (claimed.claim.number, claimed.attempt) == (1, 1)
    assert claim(one_task, worker=2) is None


def test_many_threads_claim_each_task_exactly_once(any_store: Settings) -> None:
    ids = [queue_on(add_server(f"node{n}")) for n in range(24)]
    got: list[int] = []
    lock = threading.Lock()

    def grab(worker: int) -> None:
        with connection():
            mine = [i for i in ids if claim(i, worker) is not None]
        with lock:
            got.extend(mine)

    threads = [threading.Thread(target=grab, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(got) == ids


def test_a_node_takes_one_changing_task_at_a_time(any_store: Settings) -> None:
    server = add_server("web09")
    first, second = queue_on(server, "a"), queue_on(server, "b")
    held = must_claim(first)
    assert claim(second) is None
    settled = tasks.settle(held.claim, Success(), now=NOON)
    assert settled is not None
    assert second in settled.wake
    assert claim(second) is not None


def test_a_reading_task_runs_beside_a_changing_one(any_store: Settings) -> None:
    server = add_server("web09")
    must_claim(queue_on(server, "a"))
    assert claim(queue_on(server, "b", action=Action.SERVER_CHECK, changing=False)) is not None


def test_a_quarantined_server_takes_nothing(any_store: Settings) -> None:
    assert claim(queue_on(add_server("web09", status=ServerStatus.QUARANTINED))) is None


def test_the_tasks_of_a_quarantined_server_do_not_hide_those_of_others(any_store: Settings) -> None:
    """Hundreds of them, the oldest of all, and a look takes a few hundred: nobody else would ever be seen again."""
    shut, well = add_server("web08", status=ServerStatus.QUARANTINED), add_server("web09")
    for number in range(3):
        queue_on(shut, str(number))
    reading = queue_on(shut, "look", changing=False)
    other = queue_on(well)
    assert all_due(NOON, limit=2) == [reading, other]
    assert take_unwoken(NOON) == [reading, other]
    assert next_for_server(shut.id, NOON) == [reading]
    Server.update(status=ServerStatus.ACTIVE).where(Server.id == shut.id).execute()
    assert len(take_unwoken(NOON)) == 3


def test_a_retrying_task_waits_for_its_time(one_task: int) -> None:
    tasks.settle(must_claim(one_task).claim, Retry("later", 60, spent=True), now=NOON)
    assert claim(one_task, now=NOON + timedelta(seconds=59)) is None
    again = must_claim(one_task, now=NOON + timedelta(seconds=61))
    assert (again.attempt, again.claim.number) == (2, 2)


def test_waiting_for_a_node_gives_the_attempt_back(one_task: int) -> None:
    for _ in range(5):
        tasks.settle(must_claim(one_task).claim, Retry("busy", 0, spent=False), now=NOON)
    last = must_claim(one_task)
    assert (last.attempt, last.snoozes, last.snoozed_since) == (1, 5, NOON)


def test_a_worker_that_slept_through_its_lease_can_write_nothing(one_task: int) -> None:
    old = must_claim(one_task)
    assert tasks.lapse(at(61), NOON) == [one_task]
    new = must_claim(one_task, worker=2, lease=at(61))
    assert tasks.settle(old.claim, Failure("stale"), now=NOON) is None
    assert not tasks.renew(old.claim, at(62)).held
    assert not logbook.append(old.claim, 1, [Entry(NOON, Stream.NOTE, "stale")])
    assert tasks.settle(new.claim, Success(), now=NOON) is not None
    assert TaskLog.select().count() == 0


def test_a_renewed_lease_lasts(one_task: int) -> None:
    held = must_claim(one_task)
    assert tasks.renew(held.claim, at(50)).held
    assert tasks.lapse(at(61), NOON) == []
    assert tasks.lapse(at(111), NOON) == [one_task]


def test_f10_a_reboot_voids_every_lease_at_once(one_task: int) -> None:
    must_claim(one_task)
    assert tasks.lapse(at(1, epoch="boot-2"), NOON) == [one_task]


def test_a_dead_workers_lease_is_void_at_once(one_task: int) -> None:
    must_claim(one_task, worker=7)
    assert tasks.lapse(at(1), NOON, dead_workers=[7]) == [one_task]
    assert must_claim(one_task).attempt == 1


def test_f41_the_wall_clock_does_not_move_leases(one_task: int) -> None:
    must_claim(one_task)
    assert tasks.lapse(at(30), NOON + timedelta(days=1)) == []


def test_f2_the_tenth_lapse_in_a_row_fails_the_task(one_task: int) -> None:
    for _ in range(9):
        must_claim(one_task)
        tasks.lapse(at(100), NOON)
    assert Task.get_by_id(one_task).status is TaskStatus.RETRYING
    must_claim(one_task)
    tasks.lapse(at(100), NOON)
    assert Task.get_by_id(one_task).status is TaskStatus.FAILED


def test_f7_a_settled_task_is_not_claimed_again(one_task: int) -> None:
    tasks.settle(must_claim(one_task).claim, Success(), now=NOON)
    assert claim(one_task) is None


def test_a_cancel_wish_reaches_the_holder_of_the_claim(one_task: int) -> None:
    held = must_claim(one_task)
    Task.update(cancel_asked=True).where(Task.id == one_task).execute()
    assert tasks.renew(held.claim, at(5)).cancel
    tasks.settle(held.claim, Cancelled(), now=NOON)
    assert Task.get_by_id(one_task).status is TaskStatus.CANCELLED


def test_an_order_waits_in_pending_and_deploys_with_its_first_claim(service: int) -> None:
    assert Service.get_by_id(service).status is ServiceStatus.PENDING
    must_claim(task_of(service, "web.createPackage").id)
    assert Service.get_by_id(service).status is ServiceStatus.DEPLOYING


def test_a_task_is_released_when_all_it_needs_is_done(service: int) -> None:
    finish(service, "web.createPackage")
    assert task_of(service, "web.createUser").status is TaskStatus.QUEUED
    assert task_of(service, "mail.createUser").status is TaskStatus.WAITING


def test_a_zone_waits_for_the_mail_nodes_key_and_carries_it(service: int) -> None:
    finish(service, "dns.createPackage", "dns.createUser")
    assert task_of(service, "dns.deployZone", "ns01").status is TaskStatus.WAITING
    finish(service, "mail.createPackage", "mail.createUser")
    held = must_claim(task_of(service, "mail.addDomain").id)
    settled = tasks.settle(held.claim, Success((DkimKnown("customer.test", "v=DKIM1; p=abc"),)), now=NOON)
    assert settled is not None
    assert {task_of(service, "dns.deployZone", name).id for name in ("ns01", "ns02")} <= set(settled.wake)
    record = Record.get(Record.name == "mail._domainkey")
    assert (record.type, record.value) == ("TXT", "v=DKIM1; p=abc")


def test_a_service_is_active_when_all_but_follow_ups_are_done(service: int) -> None:
    finish(service, "web.createPackage", "web.createUser", "web.addDomain")
    finish(service, "mail.createPackage", "mail.createUser", "mail.addDomain")
    finish(service, "dns.createPackage", "dns.createUser", "dns.deployZone")
    assert Service.get_by_id(service).status is ServiceStatus.ACTIVE
    assert task_of(service, "ssl.seed").status is TaskStatus.QUEUED


def test_a_failed_task_puts_the_service_in_error_with_its_own_words(service: int) -> None:
    task = task_of(service, "web.createPackage")
    tasks.settle(must_claim(task.id).claim, Failure("disk on fire"), now=NOON)
    row = Service.get_by_id(service)
    assert row.status is ServiceStatus.ERROR
    assert row.error == "Configuring web plan on web01: disk on fire"


def test_one_dead_nameserver_does_not_hold_a_service(service: int) -> None:
    finish(service, "web.createPackage", "web.createUser", "web.addDomain")
    finish(service, "mail.createPackage", "mail.createUser", "mail.addDomain")
    dead = task_of(service, "dns.createPackage", "ns02")
    tasks.settle(must_claim(dead.id).claim, Retry("not reachable", 60, spent=False), now=NOON)
    for action in ("dns.createPackage", "dns.createUser", "dns.deployZone"):
        tasks.settle(must_claim(task_of(service, action, "ns01").id).claim, Success(), now=NOON)
    assert Service.get_by_id(service).status is ServiceStatus.ACTIVE
    assert task_of(service, "dns.deployZone", "ns02").follow_up


def test_a_slower_nameserver_is_waited_for(service: int) -> None:
    finish(service, "web.createPackage", "web.createUser", "web.addDomain")
    finish(service, "mail.createPackage", "mail.createUser", "mail.addDomain")
    for action in ("dns.createPackage", "dns.createUser", "dns.deployZone"):
        tasks.settle(must_claim(task_of(service, action, "ns01").id).claim, Success(), now=NOON)
    assert Service.get_by_id(service).status is ServiceStatus.DEPLOYING
    assert not task_of(service, "dns.deployZone", "ns02").follow_up


def test_a_nameserver_whose_worker_died_is_waited_for(service: int) -> None:
    finish(service, "web.createPackage", "web.createUser", "web.addDomain")
    finish(service, "mail.createPackage", "mail.createUser", "mail.addDomain")
    must_claim(task_of(service, "dns.createPackage", "ns02").id, worker=7)
    for action in ("dns.createPackage", "dns.createUser", "dns.deployZone"):
        tasks.settle(must_claim(task_of(service, action, "ns01").id).claim, Success(), now=NOON)
    tasks.lapse(at(1), NOON, dead_workers=[7])
    assert not task_of(service, "dns.deployZone", "ns02").follow_up
    assert Service.get_by_id(service).status is ServiceStatus.DEPLOYING


def test_f27_a_changed_host_key_quarantines_the_server(service: int) -> None:
    task = task_of(service, "web.createPackage")
    tasks.settle(must_claim(task.id).claim, Failure("key changed", (Quarantine("key changed"),)), now=NOON)
    assert Server.get(Server.name == "web01").status is ServerStatus.QUARANTINED


def test_log_lines_are_numbered_without_a_gap_over_several_claims(one_task: int) -> None:
    for attempt in (1, 2):
        held = must_claim(one_task)
        logbook.append(held.claim, attempt, [Entry(NOON, Stream.STDOUT, f"{attempt}.{n}") for n in range(150)])
        tasks.settle(held.claim, Retry("again", 0, spent=True), now=NOON)
    rows = list(TaskLog.select().order_by(TaskLog.seq))
    assert [row.seq for row in rows] == list(range(1, 301))
    assert rows[150].attempt == 2


def test_a_log_over_its_cap_keeps_its_first_quarter_and_its_end_and_says_so(one_task: int) -> None:
    held = must_claim(one_task)
    logbook.append(held.claim, 1, [Entry(NOON, Stream.STDOUT, f"{n:09}") for n in range(1000)])
    logbook.trim(held.claim, 5000, NOON)
    rows = list(TaskLog.select().order_by(TaskLog.seq))
    notice = next(row for row in rows if row.stream is Stream.NOTE)
    assert rows[0].text == f"{0:09}"
    assert rows[-1].text == f"{999:09}"
    assert f"lines {rows[rows.index(notice) - 1].seq + 1} to {notice.seq} were dropped" in notice.text
    assert logbook.size(one_task) <= 5000 + len(notice.text) + 1


def test_a_due_task_is_handed_out_for_waking_once(one_task: int) -> None:
    assert take_unwoken(NOON) == [one_task]
    assert take_unwoken(NOON) == []
    tasks.settle(must_claim(one_task).claim, Retry("x", 30, spent=True), now=NOON)
    assert take_unwoken(NOON) == []
    assert take_unwoken(NOON + timedelta(seconds=31)) == [one_task]


def test_two_tasks_that_end_at_the_same_moment_still_release_what_waits_for_both(service: int) -> None:
    """On PostgreSQL neither would see the other's end, and the zone would wait for ever."""
    finish(service, "mail.createPackage", "mail.createUser", "dns.createPackage")
    zone = task_of(service, "dns.deployZone", "ns01")
    one = must_claim(task_of(service, "dns.createUser", "ns01").id)
    other = must_claim(task_of(service, "mail.addDomain").id)

    def settle_other() -> None:
        with connection():
            assert tasks.settle(other.claim, Success(), now=NOON)

    beside = threading.Thread(target=settle_other)
    with transaction():
        assert tasks.settle(one.claim, Success(), now=NOON)
        beside.start()
        beside.join(0.3)  # long enough to look, were it not made to wait
    beside.join()
    assert Task.get_by_id(zone.id).status is TaskStatus.QUEUED


def test_a_wish_to_cancel_outweighs_a_retry(one_task: int) -> None:
    held = must_claim(one_task)
    Task.update(cancel_asked=True).where(Task.id == one_task).execute()
    tasks.settle(held.claim, Retry("later", 0, spent=True), now=NOON)
    assert Task.get_by_id(one_task).status is TaskStatus.CANCELLED


def test_f41_a_clock_set_back_a_day_holds_no_retry(one_task: int) -> None:
    tasks.settle(must_claim(one_task).claim, Retry("later", 60, spent=True), now=NOON)
    assert claim(one_task, now=NOON - timedelta(days=1)) is not None


def test_deployments_go_before_follow_ups(any_store: Settings) -> None:
    server = add_server("web09")
    waiting = queue_on(server, "old", follow_up=True)
    deploying = queue_on(server, "new")
    assert take_unwoken(NOON) == [deploying, waiting]
    assert next_for_server(server.id, NOON) == [deploying]


def test_one_server_is_never_claimed_twice_by_many_threads(any_store: Settings) -> None:
    server = add_server("web09")
    ids = [queue_on(server, str(n)) for n in range(8)]
    held: list[int] = []
    most = [0]
    lock = threading.Lock()

    def work(worker: int) -> None:
        with connection():
            left = set(ids)
            while left:
                for task_id in sorted(left):
                    claimed = claim(task_id, worker)
                    if claimed is None:
                        if Task.get_by_id(task_id).status is TaskStatus.SUCCESS:
                            left.discard(task_id)
                        continue
                    with lock:
                        held.append(task_id)
                        most[0] = max(most[0], len(held))
                        held.remove(task_id)
                    running = Task.select().where(Task.status == TaskStatus.RUNNING).count()
                    assert running == 1
                    tasks.settle(claimed.claim, Success(), now=NOON)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {row.claim_no for row in Task.select()} == {1}


@pytest.mark.parametrize("cap", [4096, 20000])
@pytest.mark.parametrize("seed", range(6))
def test_a_log_of_any_lines_is_trimmed_to_its_cap_without_a_silent_gap(one_task: int, cap: int, seed: int) -> None:
    dice = random.Random(seed)
    held = must_claim(one_task)
    for _ in range(12):
        lines = ["x" * dice.choice((0, 1, 7, 78, 300)) for _ in range(dice.randrange(20, 80))]
        logbook.append(held.claim, 1, [Entry(NOON, Stream.STDOUT, line) for line in lines])
        logbook.trim(held.claim, cap, NOON)
    numbers = [row.seq for row in TaskLog.select().order_by(TaskLog.seq)]
    jumps = [(a, b) for a, b in pairwise(numbers) if b != a + 1]
    assert len(jumps) <= 1
    for _, after in jumps:
        assert "were dropped" in TaskLog.get(TaskLog.seq == after).text
    assert logbook.size(one_task) <= cap + 100
