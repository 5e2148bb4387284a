"""What starts processes: init, the worker, a simulated node, the demo."""

from __future__ import annotations

import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from tests.cli.conftest import Call

from hostdeck.core.store.db import connection
from hostdeck.core.store.fleet_models import Server
from hostdeck.tui.cli import waiting

PYTHON = (sys.executable, "-m", "hostdeck")


@pytest.mark.timeout(30)
def test_init_makes_a_private_home_and_is_safe_to_repeat(call: Call, tmp_path: Path) -> None:
    new = tmp_path / "deep" / "new"
    first = call("init", "--home", str(new), "--json")
    key = (new / "worker.key").read_bytes()
    again = call("init", "--home", str(new), "--json")
    assert (first.code, first.out) == (again.code, again.out)
    assert json.loads(first.out)["home"] == str(new)
    assert (new / "worker.key").read_bytes() == key
    assert {path.name: path.stat().st_mode & 0o777 for path in (new, new / "worker.key", new / "hostdeck.db")} == {
        "new": 0o700,
        "worker.key": 0o600,
        "hostdeck.db": 0o600,
    }


@pytest.mark.timeout(30)
def test_a_databases_password_is_shown_nowhere(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOSTDECK_DATABASE_URL", "postgresql://ops:hush-hush@127.0.0.1:1/none")
    for argv in (("init",), ("server", "list")):
        said = call(*argv)
        assert (said.code, said.err.count("\n")) == (4, 1)
        assert "hush" not in said.out + said.err


@pytest.mark.timeout(20)
def test_a_worker_with_nothing_to_do_ends_at_once(home: Path) -> None:
    done = subprocess.run([*PYTHON, "worker", "--once", "--json"], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == {"worker": "ended", "exit_code": 0}


@pytest.mark.timeout(20)
def test_a_simulated_node_can_be_added_with_the_key_it_shows(call: Call, tmp_path: Path) -> None:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", tmp_path / "key"], check=True)
    port = _free_port()
    with subprocess.Popen([*PYTHON, "sim", "node", "sim01", "--port", port, "--json"], stdout=subprocess.PIPE) as node:
        assert node.stdout is not None
        told = json.loads(b"".join(iter(node.stdout.readline, b"}\n")) + b"}")
        add = ("server", "add", "sim01", "--host", "127.0.0.1", "--ssh-port", port, "--capability", "web")
        login = ("--key-file", str(tmp_path / "key"))
        refused = call(*add, *login)
        added = call(*add, *login, "--host-key", told["host_key"], "--json")
        node.send_signal(signal.SIGTERM)
        assert node.wait() == 0
    assert refused.code == 4
    assert told["host_key"] in refused.err
    assert (added.code, json.loads(added.out)["host_key"]) == (0, told["host_key"])
    with connection():
        assert Server.get(Server.name == "sim01").host_key.startswith("ssh-ed25519 ")


@pytest.mark.timeout(30)
@pytest.mark.parametrize(
    ("flags", "field"),
    [
        (("--port", "0"), "port"),
        (("--port", "1", "--driver", "plesk"), "driver"),
        (("--port", "1", "--fault", "nonsense"), "fault"),
        (("--port", "1", "--ip", "x"), "ip"),
    ],
)
def test_a_simulated_node_says_what_it_does_not_understand(call: Call, flags: tuple[str, ...], field: str) -> None:
    said = call("sim", "node", "sim01", *flags)
    assert (said.code, said.err.count("\n")) == (2, 1)
    assert said.err.startswith(f"hostdeck: {field}: ")


@pytest.mark.timeout(60)
def test_the_demo_builds_three_services_and_leaves_nothing_behind(tmp_path: Path) -> None:
    done = _demo(tmp_path, "--headless")
    out, err = done.communicate()
    assert (done.returncode, err) == (0, "")
    assert re.findall(r"^(\S+\.test) +active +(\d+)/\2 ", out, re.MULTILINE) == [
        ("customer.test", "10"),
        ("bakery.test", "8"),
        ("anna.names.test", "10"),
    ]
    assert re.search(r"^\d\d:\d\d:\d\d  bakery\.test  Configuring mail hosting  all01  success$", out, re.MULTILINE)
    _nothing_left(tmp_path, out)


@pytest.mark.timeout(60)
@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_demo_that_is_ended_takes_its_children_and_its_home_along(
    tmp_path: Path, number: signal.Signals, code: int
) -> None:
    demo = _demo(tmp_path, "--headless")
    assert demo.stdout is not None
    out = ""
    while "running" not in out:
        out += demo.stdout.readline()
    demo.send_signal(number)
    assert "Traceback" not in "".join(demo.communicate())
    assert demo.returncode == code
    _nothing_left(tmp_path, out)


@pytest.mark.timeout(30)
def test_a_demo_touches_no_home_that_holds_something_else(call: Call, home: Path) -> None:
    before = sorted(home.iterdir())
    said = call("demo", "--headless", "--home", str(home))
    assert (said.code, sorted(home.iterdir())) == (4, before)


@pytest.mark.timeout(10)
def test_a_busy_database_is_a_refusal_not_a_crash(call: Call, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hostdeck.core.store.db.PRAGMAS", {"busy_timeout": 50})
    with sqlite3.connect(home / "hostdeck.db") as other:
        other.execute("BEGIN IMMEDIATE")
        said = call("group", "add", "us")
    assert (said.code, said.err.count("\n")) == (4, 1)
    assert "locked" in said.err


def test_ended_services_are_those_nobody_works_on() -> None:
    assert {"pending", "deploying", "suspending", "terminating"}.isdisjoint(waiting.ENDED)


def _demo(tmp: Path, *flags: str) -> subprocess.Popen[str]:
    """Its throwaway home lies in `tmp`; a real home's variables must not reach it."""
    env = {**os.environ, "TMPDIR": str(tmp), "HOSTDECK_DATABASE_URL": "sqlite:////nonexistent/real.db"}
    pipe = subprocess.PIPE
    return subprocess.Popen(
        [*PYTHON, "demo", *flags], stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe, text=True, env=env
    )


def _nothing_left(tmp: Path, out: str) -> None:
    assert not list(tmp.glob("hostdeck-demo-*"))
    found = re.search(r"worker: pid (\d+)", out)
    assert found
    assert not Path(f"/proc/{found[1]}").exists()


def _free_port() -> str:
    import socket

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return str(free.getsockname()[1])
