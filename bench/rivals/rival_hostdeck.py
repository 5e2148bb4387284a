"""hostdeck as it is run: a home, a worker of its own process, a group with 30 managed keys, one bulk apply through the
intent, the database, the queue and the guard.

`start_s` is the worker's start, which a resident worker has behind it; `work_s` runs from the wish to the end of its
run, connections included, on nodes that this worker has never called at.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import plan

from hostdeck.core.domain.config_keys import MANAGED, RAW
from hostdeck.core.domain.config_wishes import Push
from hostdeck.core.domain.vocabulary import Target
from hostdeck.core.intents.base import Door
from hostdeck.core.intents.bulk import apply
from hostdeck.core.intents.fleet import add_group, add_server
from hostdeck.core.intents.forms import ServerForm
from hostdeck.core.intents.group_config import set_config
from hostdeck.core.settings import load_settings
from hostdeck.core.store.db import connection, version
from hostdeck.core.store.fleet_models import Worker
from hostdeck.core.store.home import make_home
from hostdeck.core.store.work_models import Run, Task

CANDIDATES = ("value", "9", "a@b.net", "192.0.2.7")


def main() -> None:
    env, work = plan.load(sys.argv[1]), sys.argv[2]
    if work != "c":
        raise SystemExit(f"no workload {work} for hostdeck")
    folder = Path(env["tmp"])
    nodes = env["nodes"][: env["spread"]]
    home = folder / f"hostdeck-{os.getpid()}"
    settings = load_settings(home, environ={})
    make_home(settings)
    with connection():
        _furnish(env, folder, nodes)
        began = time.perf_counter()
        worker = _start(home)
        try:
            up = time.perf_counter()
            run = apply(Door("bench"), "rivals", Push.ALL)
            _follow(run)
            done = time.perf_counter()
            _check(run)
        finally:
            worker.send_signal(signal.SIGTERM)
            worker.wait(60)
    plan.done(start_s=up - began, work_s=done - up, teardown_s=time.perf_counter() - done)


def _furnish(env: dict[str, Any], folder: Path, nodes: list[dict[str, Any]]) -> None:
    """A folder like Hestia's on each node, whose commands are the kit's stub; servers, group and managed keys."""
    door = Door("bench")
    add_group(door, "rivals")
    known = dict(_known_hosts(Path(env["known_hosts"])))
    for node in nodes:
        state, panel = folder / node["name"] / "state", folder / node["name"] / "panel"
        if not panel.exists():
            (panel / "bin").mkdir(parents=True)
            (panel / "conf").mkdir()
            stub = (folder / "bin" / RAW).read_text().replace("S=$HD_STATE", f"S={state}")
            (panel / "bin" / RAW).write_text(stub)
            (panel / "bin" / RAW).chmod(0o755)
            (panel / "conf" / "hestia.conf").symlink_to(state / "hestia.conf")
        text = (state / "hestia.conf").read_text()
        if "VERSION=" not in text:
            (state / "hestia.conf").write_text(f"{text}VERSION='1.10.3'\nROOT_USER='admin'\n")
        form = ServerForm(
            name=node["name"],
            host="127.0.0.1",
            ssh_port=str(node["port"]),
            capabilities=("web", "mail", "dns"),
            host_key=known[node["port"]],
            key=Path(env["key"]).read_text(),
            group="rivals",
            node_dir=str(panel),
        )
        add_server(door, form)
    for target, pairs in _wanted(env["keys"]).items():
        set_config(door, "rivals", target, pairs)


def _known_hosts(file: Path) -> Any:
    for line in file.read_text().splitlines():
        where, _, key = line.partition(" ")
        yield int(where.rpartition(":")[2]), key


def _wanted(count: int) -> dict[Target, dict[str, str]]:
    """So many managed keys that go by the raw command, each with a value it may have."""
    chosen: dict[Target, dict[str, str]] = {}
    left = count
    for spec in MANAGED:
        if left and spec.own is None:
            value = next(value for value in (*spec.values.choices, *CANDIDATES) if spec.values.accepts(value))
            chosen.setdefault(spec.target, {})[spec.key] = value
            left -= 1
    if left:
        raise SystemExit(f"only {count - left} keys can be set by the raw command")
    return chosen


def _start(home: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "hostdeck", "--home", str(home), "worker"]
    log = (home / "bench.log").open("wb")
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    while not Worker.select().where(Worker.pid == process.pid).exists():
        if process.poll() is not None:
            raise SystemExit((home / "bench.log").read_text())
        time.sleep(0.01)
    return process


def _follow(run: int) -> None:
    """Until the run has ended. As the console does: rows are read again when something was written."""
    seen: Any = None
    while True:
        now = version()
        if now != seen and Run.get_by_id(run).finished_at is not None:
            return
        if now == seen:
            time.sleep(0.01)
        seen = now


def _check(run: int) -> None:
    bad = [f"{task.target}: {task.status} {task.error}" for task in Task.select().where(Task.run == run)
           if task.status != "success"]  # fmt: skip
    if bad:
        raise SystemExit("\n".join(bad))


main()
