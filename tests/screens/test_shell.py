"""The operator's own ssh: what it is called with, what it is held to, and what is left behind."""

from __future__ import annotations

import json
import os
import pwd
import subprocess
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import asyncssh
import pytest
from tests.screens.seeing import notice, settle
from tests.sshd import AVAILABLE, start_sshd

from hostdeck.core.domain.vocabulary import Driver, ServerStatus
from hostdeck.core.queries.rows import fingerprint
from hostdeck.core.queries.views import HealthView, ServerRow
from hostdeck.tui.app import HostdeckApp
from hostdeck.tui.shell import OwnSsh, known_hosts, own_ssh, run_shell, shell_argv

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJdD7y3aLq454yWBdwLWbieU1ebz9/cu7/QEXn9OIeZJ"
FAKE = """#!/usr/bin/env python3
import json, os, sys
if "KnownHostsCommand=none" in sys.argv and "FAKE_OLD" in os.environ:
    raise SystemExit("command-line: line 0: Bad configuration option: knownhostscommand")
if "-G" in sys.argv:
    print("hostname x\\nuser " + os.environ["FAKE_USER"])
    raise SystemExit(0)
hosts = next(word.partition("=")[2] for word in sys.argv if word.startswith("UserKnownHostsFile="))
said = {"argv": sys.argv[1:], "hosts": hosts, "text": open(hosts).read(), "mode": oct(os.stat(hosts).st_mode & 0o777)}
with open(os.environ["FAKE_SSH"], "w") as file:
    json.dump(said, file)
raise SystemExit(int(os.environ.get("FAKE_EXIT", "0")))
"""


def server(**values: Any) -> ServerRow:
    given: dict[str, Any] = {
        "id": 1, "name": "web01", "hostname": "web01.example.net", "ip": "192.0.2.10", "ssh_port": 2222,
        "ssh_username": "root", "driver": Driver.HESTIA, "capabilities": (), "group": None, "serves_groups": (),
        "status": ServerStatus.ACTIVE, "max_accounts": 0, "accounts": 0, "host_key": fingerprint(KEY),
        "node_dir": None, "health": HealthView(),
    }  # fmt: skip
    return ServerRow(**(given | values))


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], dict[str, Any]]:
    """An `ssh` on PATH that writes down how it was called."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "ssh").write_text(FAKE)
    (tmp_path / "bin" / "ssh").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:{os.environ['PATH']}")
    monkeypatch.setenv("FAKE_SSH", str(tmp_path / "said.json"))
    monkeypatch.setenv("FAKE_USER", pwd.getpwuid(os.getuid()).pw_name)

    def said() -> dict[str, Any]:
        told: dict[str, Any] = json.loads((tmp_path / "said.json").read_text())
        return told

    return said


def test_it_is_held_to_the_pinned_key_and_to_nothing_else(fake: Callable[[], dict[str, Any]]) -> None:
    assert run_shell(server(), f"{KEY} a comment") == 0
    said = fake()
    assert said["text"] == f"hostdeck-web01 {KEY}\n"
    assert said["mode"] == "0o600"
    argv = said["argv"]
    for option in (
        f"UserKnownHostsFile={said['hosts']}", "GlobalKnownHostsFile=/dev/null", "StrictHostKeyChecking=yes",
        "HostKeyAlias=hostdeck-web01", "KnownHostsCommand=none", "VerifyHostKeyDNS=no", "ControlPath=none",
    ):  # fmt: skip
        assert argv[argv.index(option) - 1] == "-o"
    assert argv[-4:] == ["-p", "2222", "--", "root@web01.example.net"]
    assert not Path(said["hosts"]).exists()
    assert not Path(said["hosts"]).parent.exists()


def test_what_is_run_is_said_first_and_no_credential_is_in_it(
    fake: Callable[[], dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    run_shell(server(), KEY)
    said = capsys.readouterr().out
    assert "hostdeck: ssh -o " in said
    assert fingerprint(KEY) in said
    assert "-i" not in fake()["argv"]


def test_a_login_that_the_operators_configuration_names_wins(
    fake: Callable[[], dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert own_ssh(server()) == OwnSsh("root")
    monkeypatch.setenv("FAKE_USER", "somebody-else")
    assert own_ssh(server()) == OwnSsh("")
    run_shell(server(), KEY)
    assert fake()["argv"][-1] == "web01.example.net"


def test_an_ssh_before_8_5_is_not_told_what_it_does_not_know(
    fake: Callable[[], dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_OLD", "1")
    assert run_shell(server(), KEY) == 0
    assert "KnownHostsCommand=none" not in fake()["argv"]
    assert fake()["argv"][-1] == "root@web01.example.net"


def test_its_exit_code_is_told_and_the_file_goes_all_the_same(
    fake: Callable[[], dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_EXIT", "255")
    monkeypatch.setattr(os, "isatty", lambda number: False)
    assert run_shell(server(), KEY) == 255
    assert not Path(fake()["hosts"]).exists()


# ------------------------------------------------------------------------------------------------- in the console


async def at_web01(pilot: Any) -> None:
    await settle(pilot)
    for key in (":", *"server web01", "enter"):
        await pilot.press(key)
    await settle(pilot)


async def test_s_hands_the_terminal_over_and_comes_back(
    app: HostdeckApp,
    fake: Callable[[], dict[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(app, "suspend", nullcontext)
    async with app.run_test(size=(120, 36)) as pilot:
        await at_web01(pilot)
        await pilot.press("s")
        while "back from web01" not in notice(app):
            await pilot.pause(0.02)
        assert notice(app) == "back from web01; ssh ended with 0"
        assert fake()["argv"][-1] == "root@web01.example.net"
        assert fake()["text"].startswith("hostdeck-web01 ssh-ed25519 ")


async def test_where_the_terminal_can_not_be_handed_over_it_says_so(
    app: HostdeckApp, fake: Callable[[], dict[str, Any]]
) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        await at_web01(pilot)
        await pilot.press("s")
        while "can't be handed over" not in notice(app):
            await pilot.pause(0.02)


async def test_read_only_opens_no_shell(
    seeded: Path,
    make_app: Callable[..., HostdeckApp],
    fake: Callable[[], dict[str, Any]],
    tmp_path: Path,
) -> None:
    app = make_app(read_only=True)
    async with app.run_test(size=(120, 36)) as pilot:
        await at_web01(pilot)
        await pilot.press("s")
        await settle(pilot)
        assert "read-only" in notice(app)
        app.open_shell("web01")
        await settle(pilot)
        assert "opens no shell" in notice(app)
    assert not (tmp_path / "said.json").exists()


# ------------------------------------------------------------------------------------------------ OpenSSH's own


@pytest.mark.skipif(not AVAILABLE, reason="Debian: apt install openssh-server")
def test_openssh_comes_in_by_the_pinned_key_and_refuses_another(tmp_path: Path) -> None:
    with start_sshd(tmp_path) as sshd:
        row = server(hostname="127.0.0.1", ssh_port=sshd.port, ssh_username=sshd.user)

        def run(key: str) -> subprocess.CompletedProcess[str]:
            with known_hosts(row.name, key) as hosts:
                argv = shell_argv(row, hosts, OwnSsh(sshd.user))
                own = ["-F", "/dev/null", "-i", str(sshd.client_key_path), "-o", "BatchMode=yes"]
                command = [argv[0], *own, *argv[1:], "echo", "came in"]
                return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)

        right = run(sshd.host_public_key)
        assert (right.returncode, right.stdout) == (0, "came in\n"), right.stderr
        other = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode()
        wrong = run(other)
        assert wrong.returncode == 255
        assert wrong.stdout == ""
        assert "Host key verification failed" in wrong.stderr
