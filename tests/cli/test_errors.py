"""Exit codes, the one line on stderr, and what may never happen."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.cli import seed
from tests.cli.commands import CHANGING
from tests.cli.conftest import Call

from hostdeck.core.domain.vocabulary import ServiceStatus, TaskStatus
from hostdeck.core.queries import fleet
from hostdeck.core.store.db import connection
from hostdeck.core.store.fleet_models import Audit

pytestmark = pytest.mark.timeout(30)
PYTHON = (sys.executable, "-m", "hostdeck")


@pytest.mark.parametrize(
    ("argv", "code", "line"),
    [
        (
            ("service", "create", "ex ample.com", "--product", "web-s"),
            2,
            "domain: character ' ' not allowed [DOM_CHAR]",
        ),
        (("service", "create", "--product", "web-s"), 2, "domain: is required [DOM_EMPTY]"),
        (("service", "create", "a.com", "--product", "web-s", "--option", "x"), 2, "option: use KEY=VALUE [CLI_PAIR]"),
        (("service", "list", "--status", "odd"), 2, "status: use pending, "),
        (("task", "show", "abc"), 2, "task show: "),
        (("task", "list", "--limit", "0"), 2, "task list: "),
        (("nothing",), 2, "command: No such command 'nothing'"),
        (("server",), 2, "server: Missing command"),
        (("server", "list", "--odd"), 2, "server list: No such option: --odd"),
        (("service", "show", "no.example.com"), 3, "service: there is no service 'no.example.com'"),
        (("server", "show", "no"), 3, "server: no server is called 'no'"),
        (("task", "list", "--server", "no"), 3, "server: no server is called 'no'"),
        (("task", "log", "77"), 3, "task: there is no task 77"),
        (("ticket", "show", "77"), 3, "ticket: there is no ticket 77"),
        (("ticket", "close", "77"), 3, "ticket: there is no ticket #77"),
        (("ticket", "list", "--status", "odd"), 2, "status: use open, closed"),
        (("setting", "set", "ticket.open", "0.5"), 2, "ticket.open: use a whole number from 0 to 1 [SET_RANGE]"),
        (("service", "create", "a.com", "--product", "no"), 3, "product: no product is called 'no'"),
        (("setting", "set", "no", "1"), 3, "setting: no setting is called 'no'"),
        (("group", "add", "eu"), 4, "group: 'eu' exists already"),
        (("service", "create", "\udcff.com", "--product", "web-s"), 2, "domain: not valid UTF-8 [DOM_ENCODING]"),
        (("task", "list", "--search", "\udcff"), 2, "search: not valid UTF-8 [CLI_ENCODING]"),
        (("group", "add", "\udcff"), 2, "name: not valid UTF-8 [CLI_ENCODING]"),
        (("server", "add", "a", "--capability", "\udcff", "--host", "b"), 2, "capability: not valid UTF-8"),
        (("task", "show", "9" * 20), 2, "task show: "),
        (("task", "show", "9" * 18), 3, "task: there is no task 9999"),
        (("service", "show", "9" * 20), 3, "service: there is no service"),
        ((), 4, "console: it needs a terminal"),
    ],
)
@pytest.mark.parametrize("form", ["text", "json"])
def test_an_error_has_its_exit_code_and_one_line(
    call: Call, argv: tuple[str, ...], code: int, line: str, form: str
) -> None:
    if form == "json" and not argv:
        line = "console: it draws screens"
    said = call(*argv, *(["--json"] if form == "json" else []))
    assert (said.code, said.err.count("\n")) == (code, 1)
    assert said.err.startswith(f"hostdeck: {line}")
    if form == "text":
        assert said.out == ""
        return
    error = json.loads(said.out)["error"]
    assert set(error) == {"code", "field", "message"}
    assert error["message"] in said.err


def test_a_bad_fields_error_names_field_code_and_text_apart(call: Call) -> None:
    said = call("--json", "service", "create", "localhost", "--product", "web-s")
    assert json.loads(said.out) == {
        "error": {"code": "DOM_SINGLE", "field": "domain", "message": "needs at least two labels"}
    }


@pytest.mark.parametrize("argv", CHANGING, ids=" ".join)
def test_nothing_can_be_changed_read_only(call: Call, argv: tuple[str, ...], tmp_path: Path) -> None:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", tmp_path / "key"], check=True)
    with connection():
        seed.service("one.example.com", ServiceStatus.ERROR, [TaskStatus.FAILED])
    said = call(*(str(tmp_path / "key") if word == "KEY" else word for word in argv), "--read-only")
    assert (said.code, said.err.count("\n")) == (4, 1)
    assert "read-only" in said.err
    with connection():
        assert Audit.select().count() == 0


@pytest.mark.parametrize("name", ["home", "hostdeck.db", "worker.key"])
def test_a_home_open_to_others_is_refused_with_the_mend(call: Call, home: Path, name: str) -> None:
    path = home if name == "home" else home / name
    path.chmod(0o755)
    said = call("server", "list")
    assert said.code == 77
    assert f"chmod {'700' if name == 'home' else '600'} {path}" in said.err


def test_a_corrupt_database_is_left_alone(call: Call, home: Path) -> None:
    for path in home.glob("hostdeck.db-*"):
        path.unlink()
    (home / "hostdeck.db").write_bytes(b"not a database" * 1000)
    said = call("server", "list")
    assert (said.code, said.err.count("\n")) == (78, 1)
    assert (home / "hostdeck.db").read_bytes() == b"not a database" * 1000


def test_a_missing_database_says_what_makes_one(call: Call, tmp_path: Path) -> None:
    said = call("--home", str(tmp_path / "none"), "server", "list")
    assert said.code == 4
    assert "run 'hostdeck" in said.err
    assert not (tmp_path / "none").exists()


def test_a_broken_configuration_is_named(call: Call, home: Path) -> None:
    (home / "hostdeck.toml").write_text("read_only = [")
    assert call("server", "list").err.startswith("hostdeck: hostdeck.toml: ")
    (home / "hostdeck.toml").write_text("no_such_key = 1")
    said = call("server", "list")
    assert (said.code, said.err.count("\n")) == (2, 1)


def test_read_only_can_stand_in_the_configuration(call: Call, home: Path) -> None:
    (home / "hostdeck.toml").write_text("read_only = true")
    assert call("group", "add", "us").code == 4


@pytest.mark.parametrize("flags", [(), ("--json",)])
def test_an_unexpected_exception_is_one_line_and_a_file(
    call: Call, home: Path, monkeypatch: pytest.MonkeyPatch, flags: tuple[str, ...]
) -> None:
    def broken() -> None:
        raise KeyError("\x1b[31mred")

    monkeypatch.setattr(fleet, "groups", broken)
    said = call("group", "list", *flags)
    assert (said.code, said.err.count("\n")) == (1, 1)
    assert "\x1b" not in said.err
    assert "Traceback" not in said.out + said.err
    (kept,) = home.glob("crash-*.txt")
    assert str(kept) in said.err
    assert "KeyError" in kept.read_text()
    assert kept.stat().st_mode & 0o777 == 0o600


def test_a_reader_that_has_seen_enough_is_no_error(home: Path) -> None:
    with connection():
        for n in range(300):
            seed.service(f"s{n}.example.com", ServiceStatus.ACTIVE, [])
    made = subprocess.Popen(
        [*PYTHON, "service", "list", "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=os.environ
    )
    assert made.stdout is not None
    made.stdout.read(10)
    made.stdout.close()
    assert made.stderr is not None
    assert made.stderr.read() == b""
    made.wait()


@pytest.mark.parametrize("flags", [(), ("--json",)])
def test_an_answer_that_can_not_be_written_is_a_failure(home: Path, flags: tuple[str, ...]) -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run([*PYTHON, "group", "list", *flags], stdout=full, stderr=subprocess.PIPE, text=True)
    assert (done.returncode, done.stderr) == (1, "hostdeck: output: No space left on device\n")


def test_an_interrupt_ends_with_130_and_no_traceback(home: Path) -> None:
    with connection():
        seed.service("one.example.com", ServiceStatus.DEPLOYING, [TaskStatus.RUNNING])
    made = subprocess.Popen(
        [*PYTHON, "service", "watch", "1"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert made.stderr is not None
    assert "no worker" in made.stderr.readline()
    time.sleep(0.1)
    made.send_signal(signal.SIGINT)
    assert made.wait() == 130
    assert made.stderr.read() == "hostdeck: interrupted\n"
