"""The fixed text that reads the ages of backups, run by a real bash on a folder of its own."""

from __future__ import annotations

import os
import subprocess
import time
from datetime import datetime
from pathlib import Path

import pytest

from hostdeck.core.drivers.guard import GuardStep, StepResult
from hostdeck.core.drivers.hestia.replies import facts
from hostdeck.core.drivers.hestia.scripts import BACKUPS, script
from hostdeck.core.drivers.language import AskBackups

USER = "acme-web"


@pytest.fixture
def node(tmp_path: Path) -> Path:
    for folder in (f"users/{USER}", "backup"):
        (tmp_path / folder).mkdir(parents=True)
    conf = f"BACKUP_SYSTEM='local'\nBACKUP='{tmp_path}/backup'\nPOLICY_BACKUP_SUSPENDED_USERS='no'\n"
    (tmp_path / "hestia.conf").write_text(conf)
    return tmp_path


def ask(node: Path, zone: str = "UTC", *, whole: bool = False) -> list[str]:
    argv = script(BACKUPS, "backups", USER, f"{node}/users", f"{node}/hestia.conf", f"{node}/backup.pipe")
    done = subprocess.run(
        [str(word) for word in argv], capture_output=True, text=True, check=True, env=dict(os.environ, TZ=zone)
    )
    assert done.stderr == ""
    folder, *lines = done.stdout.splitlines()
    assert folder.startswith("folder=/")
    return [folder, *lines] if whole else lines


def listed(node: Path, name: str) -> None:
    with (node / f"users/{USER}/backup.conf").open("a") as file:
        file.write(f"BACKUP='{name}' TYPE='local' SIZE='1' WEB='acme.com' TIME='14:52:29' DATE='2026-11-23'\n")


def age_of(line: str) -> int:
    return int(line.split()[1])


def test_an_archive_is_as_old_as_its_file_whatever_its_name_says(node: Path) -> None:
    name = f"{USER}.2020-01-01_00-00-00.tar"
    listed(node, name)
    (node / "backup" / name).write_text("")
    os.utime(node / "backup" / name, (time.time() - 90, time.time() - 90))
    line, system = ask(node)
    assert (line.split()[0], line.split()[2], system) == ("archive=file", name, "system=1")
    assert 89 <= age_of(line) <= 95


@pytest.mark.parametrize("zone", ["UTC", "Europe/Warsaw", "Asia/Kolkata", "America/St_Johns"])
def test_an_archive_that_lies_elsewhere_is_as_old_as_the_local_time_in_its_name(
    node: Path, zone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        made = datetime.fromtimestamp(time.time() - 3600)
    finally:
        monkeypatch.undo()
        time.tzset()
    listed(node, f"{USER}.{made:%Y-%m-%d_%H-%M-%S}.tar")
    line = ask(node, zone)[0]
    assert line.startswith("archive=name ")
    assert 3599 <= age_of(line) <= 3605


def test_a_user_without_backups_has_none_and_a_strange_name_is_passed_over(node: Path) -> None:
    assert ask(node) == ["system=1"]
    listed(node, "not a date")
    assert ask(node) == ["system=1"]


def test_the_queue_is_asked_for_this_user_alone(node: Path) -> None:
    line = "/usr/local/hestia/bin/v-backup-user {} yes >> /usr/local/hestia/log/backup.log 2>&1\n"
    (node / "backup.pipe").write_text(line.format(f"{USER}-2") + line.format(f"x{USER}"))
    assert "queued=1" not in ask(node)
    with (node / "backup.pipe").open("a") as file:
        file.write(line.format(USER))
    assert "queued=1" in ask(node)


def test_what_the_node_allows_is_read_from_its_configuration(node: Path) -> None:
    (node / "hestia.conf").write_text("POLICY_BACKUP_SUSPENDED_USERS='yes'\nBACKUP_SYSTEM=''\n")
    assert ask(node) == ["suspended_too=1"]


def test_where_archives_lie_is_read_too(node: Path) -> None:
    assert ask(node, whole=True)[0] == f"folder={node}/backup"
    (node / "hestia.conf").write_text("BACKUP_SYSTEM=''\n")
    assert ask(node, whole=True) == ["folder=/backup"]


def result(exit: int, text: str) -> StepResult:
    return StepResult(GuardStep(("v-list-user-backups",)), exit, 0, text.encode(), b"")


def test_a_local_archive_that_is_gone_is_left_out_and_a_remote_one_counts() -> None:
    user = '{"u": {"NAME": "hdk 1 n", "PACKAGE": "p", "CONTACT": "", "SUSPENDED": "no", "BACKUPS": "2"}}'
    backups = '{"u.a.tar": {"TYPE": "local"}, "u.b.tar": {"TYPE": "ftp"}, "u.c.tar": {"TYPE": "local"}}'
    ages = "folder=/mnt/b\n"
    ages += "archive=name 5 u.a.tar\narchive=name 6 u.b.tar\narchive=file 7 u.c.tar\narchive=file 8 u.d.tar\nsystem=1\n"
    found = facts(AskBackups("u"), [result(0, user), result(0, backups), result(0, ages)], "web01")
    assert dict(found.ages) == {"u.b.tar": 6, "u.c.tar": 7}
    assert {name: one.path for name, one in found.contents.items()} == {"u.b.tar": None, "u.c.tar": "/mnt/b/u.c.tar"}
    assert (found.allowed, found.queued, found.suspended_too) == (True, False, False)


def test_a_user_that_is_not_there_has_no_backups() -> None:
    found = facts(AskBackups("u"), [result(3, ""), result(3, ""), result(0, "system=1\n")], "web01")
    assert (found.user, dict(found.ages), found.allowed) == (None, {}, False)
