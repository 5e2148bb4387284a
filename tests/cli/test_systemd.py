"""The unit that `init --systemd` writes, as systemd itself reads it."""

from __future__ import annotations

import json
import os
import pwd
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.cli.conftest import Call

from hostdeck.core.errors import Invalid
from hostdeck.queue.systemd_unit import unit_text

ANALYZE = shutil.which("systemd-analyze")
HARD = {
    "Type": "notify", "WatchdogSec": "60", "Restart": "always", "RestartSec": "5", "TimeoutStopSec": "45",
    "KillMode": "mixed", "UMask": "0077", "NoNewPrivileges": "yes", "ProtectSystem": "strict", "PrivateTmp": "yes",
    "ProtectKernelTunables": "yes", "ProtectKernelModules": "yes", "ProtectKernelLogs": "yes",
    "RestrictAddressFamilies": "AF_UNIX AF_INET AF_INET6", "MemoryDenyWriteExecute": "yes",
    "SystemCallFilter": "@system-service", "CapabilityBoundingSet": "", "LimitCORE": "0",
}  # fmt: skip


def directives(text: str) -> dict[str, str]:
    return dict(line.partition("=")[::2] for line in text.splitlines() if "=" in line and line[0] not in "#[")


def verified(path: Path) -> str:
    """What systemd has against a unit. Unknown directives and unreadable values are told on stderr, with exit 0."""
    assert ANALYZE is not None
    done = subprocess.run([ANALYZE, "verify", "--man=no", str(path)], capture_output=True, text=True, check=False)
    return "\n".join(line for line in (done.stdout + done.stderr).splitlines() if path.name in line)


def test_init_writes_the_unit_and_says_what_enables_it(call: Call, home: Path) -> None:
    said = call("init", "--systemd")
    unit = home / "hostdeck-worker.service"
    found = directives(unit.read_text())
    assert said.code == 0
    assert found.items() >= HARD.items()
    assert found["User"] == pwd.getpwuid(os.getuid()).pw_name
    assert found["ExecStart"].endswith(f" --home {home} worker")
    assert found["ReadWritePaths"] == str(home)
    assert [line.strip() for line in said.out.splitlines() if "sudo" in line] == [
        f"sudo install -m 644 {unit} /etc/systemd/system/hostdeck-worker.service",
        "sudo systemctl daemon-reload",
        "sudo systemctl enable --now hostdeck-worker.service",
    ]
    assert unit.stat().st_mode & 0o777 == 0o644


def test_the_unit_goes_where_it_is_wanted(call: Call, tmp_path: Path) -> None:
    (tmp_path / "units").mkdir()
    said = call("init", "--systemd-dir", str(tmp_path / "units"), "--json")
    assert json.loads(said.out)["unit"] == str(tmp_path / "units" / "hostdeck-worker.service")
    refused = call("init", "--systemd-dir", str(tmp_path / "nowhere"))
    assert (refused.code, refused.err.count("\n")) == (4, 1)


def test_what_only_this_shell_knows_is_said(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOSTDECK_ENV", "prod")
    assert "HOSTDECK_ENV is set in this shell only" in call("init", "--systemd").err


def test_the_program_of_the_unit_runs(call: Call, home: Path) -> None:
    call("init", "--systemd")
    command = directives((home / "hostdeck-worker.service").read_text())["ExecStart"].split()
    done = subprocess.run([*command, "--once", "--json"], capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode, json.loads(done.stdout)["worker"]) == (0, "ended")


@pytest.mark.parametrize(
    ("path", "word"),
    [
        ("/srv/hostdeck", "/srv/hostdeck"),
        ("/srv/my deck", '"/srv/my deck"'),
        ("/srv/50%h", "/srv/50%%h"),
        ('/srv/a"b', '"/srv/a\\"b"'),
        ("/srv/a\\b", '"/srv/a\\\\b"'),
        ("/srv/$HOME", "/srv/$$HOME"),
        ("/srv/a;b", '"/srv/a;b"'),
        ("/srv/o'clock", '"/srv/o\'clock"'),
    ],
)
def test_a_path_stays_one_word_and_itself(path: str, word: str) -> None:
    found = directives(unit_text(["/opt/hostdeck", "--home", path, "worker"], "u", "g", [Path(path)]))
    assert found["ExecStart"] == f"/opt/hostdeck --home {word} worker"
    assert found["ReadWritePaths"] == word.replace("$$", "$")


def test_a_path_that_would_begin_a_line_of_its_own_is_refused() -> None:
    with pytest.raises(Invalid):
        unit_text(["/opt/hostdeck"], "u", "g", [Path("/srv/a\nUser=root")])


@pytest.mark.parametrize(
    ("home", "program", "protect"),
    [
        ("/srv/hostdeck", "/opt/hostdeck", "yes"),
        ("/home/hostdeck/home", "/opt/hostdeck", "read-only"),
        ("/srv/hostdeck", "/root/venv", "read-only"),
        ("/homeless", "/opt/hostdeck", "yes"),
    ],
)
def test_homes_are_hidden_unless_the_worker_lives_there(home: str, program: str, protect: str) -> None:
    text = unit_text(["/opt/hostdeck"], "u", "g", [Path(home)], [Path(program)])
    assert directives(text)["ProtectHome"] == protect


@pytest.mark.skipif(ANALYZE is None, reason="no systemd-analyze here")
@pytest.mark.parametrize("folder", ["plain", "with space", "50% off", 'a"b', "back\\slash", "a;b$HOME"])
def test_systemd_reads_the_unit_and_has_nothing_against_it(tmp_path: Path, folder: str) -> None:
    home = tmp_path / folder
    home.mkdir()
    unit = tmp_path / "hostdeck-worker.service"
    unit.write_text(
        unit_text([sys.executable, "-m", "hostdeck", "--home", str(home), "worker"], "root", "root", [home])
    )
    assert verified(unit) == ""


@pytest.mark.skipif(ANALYZE is None, reason="no systemd-analyze here")
def test_systemd_would_tell_of_a_wrong_directive(tmp_path: Path) -> None:
    unit = tmp_path / "hostdeck-worker.service"
    text = unit_text([sys.executable], "root", "root", [tmp_path])
    unit.write_text(text.replace("PrivateTmp=yes", "PrivateTmp=perhaps\nProtectEverything=yes"))
    assert re.search("Failed to parse boolean value", verified(unit))
    assert re.search("ProtectEverything", verified(unit))
