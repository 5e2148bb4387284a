"""What systemd hears of a worker, and the log it keeps for people and programs."""

from __future__ import annotations

import json
import logging
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.simfleet import register, sim_fleet
from tests.workers import stop, wait_until

from hostdeck.core.intents.base import Door
from hostdeck.core.intents.fleet import check_server
from hostdeck.core.settings import Settings, load_settings
from hostdeck.core.store.work_models import Task
from hostdeck.core.transport.pool import SshPool
from hostdeck.queue.systemd_notify import Alive, Systemd
from hostdeck.queue.worklog import log_to


@contextmanager
def supervisor(address: str) -> Iterator[Callable[[], str]]:
    """Stands where systemd would; gives the next datagram."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as link:
        link.bind("\0" + address[1:] if address.startswith("@") else address)
        link.settimeout(20)
        yield lambda: link.recv(4096).decode()


@contextmanager
def worker(settings: Settings, address: str, **more: str) -> Iterator[subprocess.Popen[bytes]]:
    environment = os.environ | {"HOSTDECK_HOME": str(settings.home), "NOTIFY_SOCKET": address} | more
    process = subprocess.Popen([sys.executable, "-m", "hostdeck", "worker"], env=environment, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        stop(process)


@pytest.mark.parametrize("kind", ["path", "abstract"])
def test_a_worker_says_ready_alive_and_stopping(store: Settings, tmp_path: Path, kind: str) -> None:
    address = str(tmp_path / "notify") if kind == "path" else f"@hostdeck-test-{os.getpid()}"
    with supervisor(address) as heard, worker(store, address, WATCHDOG_USEC="400000") as process:
        first = heard().splitlines()
        assert first[0] == "READY=1"
        assert f"MAINPID={process.pid}" in first
        assert heard().startswith("WATCHDOG=1\nSTATUS=")
        assert stop(process) == 0
        rest = [heard()]
        while not rest[-1].startswith("STOPPING=1"):
            rest.append(heard())
        assert all(one.startswith("WATCHDOG=1") for one in rest[:-1])


def test_without_systemd_nothing_is_said() -> None:
    silent = Systemd({})
    silent.tell("READY=1")
    assert silent.watchdog is None


def test_a_supervisor_that_has_gone_ends_no_worker(tmp_path: Path) -> None:
    Systemd({"NOTIFY_SOCKET": str(tmp_path / "gone")}).tell("READY=1")


@pytest.mark.parametrize(
    ("environ", "seconds"),
    [
        ({"WATCHDOG_USEC": "60000000"}, 60.0),
        ({"WATCHDOG_USEC": "60000000", "WATCHDOG_PID": str(os.getpid())}, 60.0),
        ({"WATCHDOG_USEC": "60000000", "WATCHDOG_PID": "1"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
    ],
)
def test_the_watchdog_is_meant_for_one_process(environ: dict[str, str], seconds: float | None) -> None:
    assert Systemd(environ).watchdog == seconds


def test_a_loop_that_hangs_is_not_called_alive(tmp_path: Path) -> None:
    """The loop of the SSH lines is blocked as a bug would block it: systemd hears no WATCHDOG until it goes on."""
    address, pool, gate = str(tmp_path / "notify"), SshPool(), threading.Event()
    ended = threading.Event()

    def trouble() -> str | None:
        return None if pool.answers(0.05) else "the loop does not answer"

    alive = Alive(Systemd({"NOTIFY_SOCKET": address}), trouble, lambda: "serves", ended, every=0.02)
    with supervisor(address) as heard:
        alive.start()
        assert heard() == "WATCHDOG=1\nSTATUS=serves"
        pool._loop.call_soon_threadsafe(gate.wait)
        while (said := heard()).startswith("WATCHDOG=1"):
            pass  # sent before the loop hung
        assert said == "STATUS=hangs: the loop does not answer"
        assert [heard() for _ in range(3)] == [said] * 3
        gate.set()
        while not heard().startswith("WATCHDOG=1"):
            pass
        ended.set()
        alive.join(5)
    pool.close()
    assert not alive.is_alive()


def test_a_worker_whose_sweep_hangs_is_not_called_alive(store: Settings, tmp_path: Path) -> None:
    """A real worker in which the sweep's first round never ends, as if a lock were never let go of."""
    code = (
        "import threading, hostdeck.queue.sweep as s, hostdeck.queue.worker as w\n"
        "first = s.sweep\n"
        "w.SILENT = 0.5; s.EVERY = 0.1\n"
        "s.sweep = lambda me: threading.Event().wait()\n"
        "from hostdeck.core.settings import load_settings\n"
        "w.run_worker(load_settings())\n"
    )
    address = str(tmp_path / "notify")
    environment = os.environ | {
        "HOSTDECK_HOME": str(store.home), "NOTIFY_SOCKET": address, "WATCHDOG_USEC": "400000",
    }  # fmt: skip
    with supervisor(address) as heard:
        process = subprocess.Popen([sys.executable, "-c", code], env=environment, stderr=subprocess.DEVNULL)
        try:
            assert heard().startswith("READY=1")
            while (said := heard()).startswith("WATCHDOG=1"):
                pass
            assert said.startswith("STATUS=hangs: no sweep for ")
            assert heard().startswith("STATUS=hangs")
        finally:
            process.kill()
            process.wait(10)


# --------------------------------------------------------------------------------------------------------------- log


def entries(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_the_log_has_a_line_of_json_for_each_task_and_no_secret(store: Settings, door: Door, tmp_path: Path) -> None:
    with sim_fleet(("web01",)) as fleet, worker(store, str(tmp_path / "nobody")):
        register(door, fleet)
        task = check_server(door, "web01")
        wait_until(lambda: Task.get_by_id(task).finished_at is not None)
        path = store.home / "log" / "worker.log"
        wait_until(lambda: any(line["event"] == "task" for line in entries(path)))
    lines = entries(path)
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert [line["event"] for line in lines if line["event"] in ("start", "end")] == ["start", "end"]
    told = next(line for line in lines if line["event"] == "task")
    assert (told["task"], told["server"], told["action"]) == (task, "web01", "server.check")
    assert (told["outcome"], told["level"]) == ("success", "info")
    assert str(told["time"]).endswith("+00:00")
    assert "PRIVATE KEY" not in path.read_text()


def test_the_setting_moves_the_log(tmp_path: Path) -> None:
    assert load_settings(tmp_path, environ={}).worker_log == tmp_path / "log" / "worker.log"
    (tmp_path / "hostdeck.toml").write_text('log_file = "/var/log/hostdeck/worker.log"\n')
    assert load_settings(tmp_path, environ={}).worker_log == Path("/var/log/hostdeck/worker.log")


def test_a_log_that_can_not_be_written_is_said_and_no_reason_to_stop(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "log").write_text("")
    before = list(logging.getLogger().handlers)
    log_to(tmp_path / "log" / "worker.log")
    assert logging.getLogger().handlers == before
    assert "no log in" in caplog.text
