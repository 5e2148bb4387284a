"""The forced command of a billing system's key: a few verbs, no shell, no file, always JSON."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path

import asyncssh
import pytest
from tests.cli.conftest import Call, Said
from tests.sshd import AVAILABLE, start_sshd

from hostdeck.core.store.db import connection
from hostdeck.core.store.work_models import Service

pytestmark = pytest.mark.timeout(60)
ALLOW = ("--allow", "service create", "--allow", "service list", "--allow", "stats")


@pytest.fixture
def asked(call: Call, monkeypatch: pytest.MonkeyPatch) -> object:
    def through(command: str, *flags: str) -> Said:
        monkeypatch.setenv("SSH_ORIGINAL_COMMAND", command)
        return call(*flags, "gate", *ALLOW)

    return through


def test_what_is_on_the_list_is_done_and_answers_in_json(asked: Call) -> None:
    said = asked("service create 'customer.com' --product web-s --email o@customer.com")
    assert (said.code, json.loads(said.out)["domain"]) == (0, "customer.com")
    assert [row["domain"] for row in json.loads(asked("hostdeck service list --json").out)] == ["customer.com"]
    assert isinstance(json.loads(asked("stats").out), list)


@pytest.mark.parametrize(
    "command",
    [
        "service terminate 1 --yes",
        "server list",
        "service",
        "services list",
        "--read-only service list",
        "sh -c id",
        "service list --home /tmp",
        "service list --home=/tmp",
        "service create a.com --product web-s --key-file /etc/shadow",
        "gate --allow 'server list'",
        "SERVICE LIST",
        "/usr/bin/hostdeck service list",
        "service list --help",
    ],
)
def test_everything_else_is_refused_and_says_what_is_let_through(asked: Call, home: Path, command: str) -> None:
    said = asked(command)
    assert said.code == 4
    assert json.loads(said.out)["error"]["code"] == "GATE_CLOSED"
    with connection():
        assert not Service.select().exists()


@pytest.mark.parametrize(
    "command",
    ["service create a.com; id", "service list && id", "service list | sh", "service create `id`.com --product web-s",
     "service create $(id).com --product web-s", "service list > /tmp/x", "service list\nservice list"],
)  # fmt: skip
def test_a_shells_signs_are_words_like_others(asked: Call, tmp_path: Path, command: str) -> None:
    said = asked(command)
    assert said.code == 2
    assert "uid=" not in said.out + said.err
    json.loads(said.out)


def test_nothing_asked_for_and_half_a_quote_are_said(asked: Call) -> None:
    nothing, half = asked(""), asked("service create 'a.com")
    assert (nothing.code, json.loads(nothing.out)["error"]["code"]) == (4, "GATE_EMPTY")
    assert (half.code, json.loads(half.out)["error"]["code"]) == (2, "GATE_QUOTES")


@pytest.mark.parametrize("verb", ["", "nonsense", "worker", "gate", "demo", "apply"])
def test_a_list_that_can_not_be_meant_is_refused(call: Call, monkeypatch: pytest.MonkeyPatch, verb: str) -> None:
    monkeypatch.setenv("SSH_ORIGINAL_COMMAND", "service list")
    said = call("gate", "--allow", verb)
    assert (said.code, json.loads(said.out)["error"]["code"]) == (2, "GATE_VERB")


def test_read_only_holds_behind_the_gate(asked: Call) -> None:
    said = asked("service create customer.com --product web-s --email o@customer.com", "--read-only")
    assert (said.code, json.loads(said.out)["error"]["code"]) == (4, "READ_ONLY")


def test_another_home_is_the_gates_to_name(call: Call, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    call("--home", str(tmp_path / "other"), "init")
    monkeypatch.setenv("SSH_ORIGINAL_COMMAND", "service list")
    assert json.loads(call("--home", str(tmp_path / "other"), "gate", *ALLOW).out) == []


@pytest.mark.skipif(not AVAILABLE, reason="no sshd here")
async def test_behind_a_real_sshd_a_key_can_do_no_more(home: Path, tmp_path: Path) -> None:
    gate = shlex.join([sys.executable, "-m", "hostdeck", "--home", str(home), "gate", *ALLOW])
    with start_sshd(tmp_path) as sshd:
        keys = next(path for path in tmp_path.rglob("*") if path.is_file() and "authorized" in path.name)
        kept = keys.read_text().strip()
        forced = gate.replace('"', '\\"')
        keys.write_text(f'restrict,command="{forced}" {kept}\n')
        async with asyncssh.connect(**sshd.options) as link:
            answer = await link.run("service list")
            closed = await link.run("cat /etc/passwd")
    assert (answer.exit_status, json.loads(str(answer.stdout))) == (0, [])
    assert closed.exit_status == 4
    assert "root:" not in str(closed.stdout)
