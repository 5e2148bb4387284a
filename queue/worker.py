"""`hostdeck worker`: migrate, take over from dead workers, start the SSH loop, consume.

SIGTERM and SIGINT stop the claiming, let commands under way end for half a minute, hand back what is left, exit 0.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, Any

from huey import Huey
from huey.consumer import Consumer

from hostdeck.core.dns.ask import addresses_of
from hostdeck.core.domain.vocabulary import TaskId
from hostdeck.core.settings import Settings
from hostdeck.core.steps.base import NameserverQuery, load_steps
from hostdeck.core.store import tasks
from hostdeck.core.store.clock import lease_time
from hostdeck.core.store.db import close_store, connection
from hostdeck.core.store.due import all_due
from hostdeck.core.store.fields import utcnow
from hostdeck.core.store.fleet_models import Worker
from hostdeck.core.store.home import make_home
from hostdeck.core.store.processes import bury, register_worker
from hostdeck.core.store.seal import read_worker_key
from hostdeck.core.transport.pool import SshPool
from hostdeck.queue.app import IDLE_DELAY, make_huey
from hostdeck.queue.collect import Collect, Collector
from hostdeck.queue.doorbell import Doorbell
from hostdeck.queue.notify import Notify, addresses, deliver
from hostdeck.queue.runner import Runner
from hostdeck.queue.sweep import EVERY, Sweep, sweep
from hostdeck.queue.systemd_notify import Alive, Systemd
from hostdeck.queue.worklog import log_to

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

GRACE = 30
"""Seconds a stopping worker waits for commands under way."""

RESOLVE = 5.0
"""Seconds a name may take to resolve before it counts as not there yet."""

LAST_WORDS = 10.0
"""Seconds for a thread beside the tasks to end: a message that is cut off between its sending and its row goes out
twice."""

log = logging.getLogger("hostdeck.worker")


def nameserver_query(port: int) -> NameserverQuery:
    """Asks a nameserver on the port where ours answer."""

    async def ask(ip: str, host: str) -> frozenset[str] | None:
        return await addresses_of(ip, port, host)

    return ask


async def resolve(host: str) -> frozenset[str]:
    """Addresses by the machine's own resolver; none where the name does not exist or nobody answers soon."""
    try:
        async with asyncio.timeout(RESOLVE):
            found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, TimeoutError):
        return frozenset()
    return frozenset(str(entry[4][0]) for entry in found)


def run_worker(settings: Settings, workers: int | None = None, once: bool = False) -> int:
    """Serves until a signal, or with `once` until nothing is due; the exit code."""
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("asyncssh").setLevel(logging.WARNING)
    logging.getLogger("huey").setLevel(logging.WARNING)
    make_home(settings)
    log_to(settings.worker_log)
    private = read_worker_key(settings.worker_key)
    load_steps()
    threads = workers or settings.workers
    pool = SshPool()
    with connection():
        me = register_worker()
        due = sweep(me.id)
    words = f"worker {me.id} (pid {me.pid}) serves {settings.home} with {threads} threads"
    log.info(words, extra={"event": "start"})
    try:
        if once:
            ask = nameserver_query(settings.dns_port)
            with connection():
                Collector(pool, private, settings).collect()
            _run_once(Runner(me.id, pool, private, settings, lambda ids: None, resolve, ask), threads)
            if known := addresses(settings):
                with connection():
                    deliver(known)
        else:
            _consume(settings, me.id, pool, private, threads, due)
    finally:
        log.info("worker %s ends", me.id, extra={"event": "end"})
        # First the leases, then the lines to the nodes: a step that is cut off by us must not settle as failed.
        _leave(me.id)
        pool.close()
    return 0


def _consume(
    settings: Settings, me: int, pool: SshPool, private: X25519PrivateKey, threads: int, due: list[TaskId]
) -> None:
    huey = make_huey(settings)
    stop = threading.Event()

    def wake(ids: Iterable[TaskId]) -> None:
        for task_id in ids:
            run_task(task_id)

    runner = Runner(me, pool, private, settings, wake, resolve, nameserver_query(settings.dns_port))

    @huey.task(name="run_task")
    def run_task(task_id: int) -> None:
        if not stop.is_set():
            runner.run(task_id)

    wake(due)
    sweeper = Sweep(me, wake, stop)
    collect = Collect(Collector(pool, private, settings), stop)
    threads_beside: list[threading.Thread] = [Doorbell(wake, stop), sweeper, Notify(settings, stop), collect]
    for thread in threads_beside:
        thread.start()
    systemd = Systemd()

    def ready() -> None:
        systemd.tell("READY=1", f"STATUS={threads} threads serve {settings.home}", f"MAINPID={os.getpid()}")
        living.start()

    consumer = Serving(
        huey,
        ready,
        lambda: systemd.tell("STOPPING=1", "STATUS=commands under way end"),
        workers=threads,
        initial_delay=IDLE_DELAY,
        max_delay=IDLE_DELAY * 2,
        periodic=False,
    )
    living = Alive(systemd, lambda: trouble(sweeper, pool, consumer), lambda: f"{threads} threads serve", stop)
    threads_beside.append(living)
    try:
        consumer.run()
    finally:
        stop.set()
        for thread in threads_beside:
            if thread.is_alive():
                thread.join(LAST_WORDS)


class Serving(Consumer):
    """Huey's consumer, which says when its threads and its signal handlers are there, and when it begins to end."""

    def __init__(self, huey: Huey, ready: Callable[[], None], leaving: Callable[[], None], **options: Any) -> None:
        super().__init__(huey, graceful_signal="TERM", shutdown_timeout=GRACE, **options)
        # Huey would drop running tasks at one of the two signals; Ctrl-C is as gentle as SIGTERM here.
        self._signal_actions[signal.SIGINT] = self._signal_actions[signal.SIGTERM]
        self._ready = ready
        self._leaving = leaving

    def start(self) -> None:
        # Huey does it last, when its threads may have begun a task already that a signal would cut off.
        self._set_signal_handlers()
        super().start()
        self._ready()

    def stop(self, graceful: bool = False) -> None:
        self._leaving()
        super().stop(graceful=graceful)


SILENT = 3 * EVERY
"""Seconds without the end of a sweep's round after which it hangs."""

ANSWER = 5.0
"""Seconds within which the loop of the SSH lines takes up something new."""


def trouble(sweeper: Sweep, pool: SshPool, consumer: Consumer) -> str | None:
    """What of the worker does not move any more, if anything."""
    if not sweeper.is_alive() or sweeper.age > SILENT:
        return f"no sweep for {sweeper.age:.0f} s"
    if not pool.answers(ANSWER):
        return f"the loop of the SSH lines has not answered for {ANSWER:.0f} s"
    dead = sum(not thread.is_alive() for _, thread in consumer.worker_threads)
    if dead and not consumer.stop_flag.is_set():
        return f"{dead} of {len(consumer.worker_threads)} threads are dead"
    return None


def _run_once(runner: Runner, threads: int) -> None:
    """All that is due, and all that becomes due by it; a retry that waits for the clock is left to the next run."""
    with ThreadPoolExecutor(threads, "once") as crew:
        under_way: dict[TaskId, Future[bool]] = {}
        refused: set[TaskId] = set()
        while True:
            with connection():
                ready = [task for task in all_due(utcnow()) if task not in under_way and task not in refused]
            under_way |= {task_id: crew.submit(runner.run, task_id) for task_id in ready}
            if not under_way:
                return
            wait(under_way.values(), return_when=FIRST_COMPLETED)
            finished = {task_id: future.result() for task_id, future in under_way.items() if future.done()}
            refused |= {task_id for task_id, ran in finished.items() if not ran}
            if any(finished.values()):
                refused.clear()  # a server is free again
            under_way = {task_id: future for task_id, future in under_way.items() if task_id not in finished}


def _leave(me: int) -> None:
    """Hands back what is still claimed and says goodbye."""
    with connection():
        tasks.lapse(lease_time(), utcnow(), [me])
        bury([me])
        Worker.update(stopped_at=utcnow()).where(Worker.id == me).execute()
    close_store()
