"""The fixed text that reads how a restore stands, run by a real bash on a folder of its own."""

from __future__ import annotations

import json
import subprocess
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from tests.drivers.test_replies import result

from hostdeck.core.drivers.hestia.replies import facts
from hostdeck.core.drivers.hestia.scripts import RESTORES, script
from hostdeck.core.drivers.language import AskBackups

USER = "acme-web"
ARCHIVE = f"{USER}.2026-11-23_14-52-29.tar"
LINE = f"/usr/local/hestia/bin/v-restore-user {USER} {ARCHIVE} '' 'no' 'no' '' '' ''  yes >> /x/restore.log 2>&1\n"


def ask(node: Path, user: str = USER, archive: str = ARCHIVE) -> dict[str, str]:
    argv = script(RESTORES, "restores", user, archive, str(node), f"{node}/backup.pipe")
    done = subprocess.run([str(word) for word in argv], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return dict(line.split("=", 1) for line in done.stdout.splitlines())


def log(node: Path, file: str, command: str, ago: int, *words: str, end: str = "") -> None:
    stamp = datetime.now() - timedelta(seconds=ago)
    said = " ".join(f"'{word}'" for word in words)
    with (node / file).open("a") as out:
        out.write(f"{stamp:%Y-%m-%d %H:%M:%S} {command}  {said}{end}\n")


def test_nothing_is_known_of_what_never_was(tmp_path: Path) -> None:
    assert ask(tmp_path) == {}


def test_a_line_in_the_queue_is_told_apart_from_another_restore_of_the_user_and_from_a_backup(tmp_path: Path) -> None:
    queue = tmp_path / "backup.pipe"
    queue.write_text(LINE)
    assert ask(tmp_path) == {"queued": "1"}
    queue.write_text(LINE.replace("2026-11", "2025-11"))
    assert ask(tmp_path) == {"busy": "1"}
    queue.write_text(f"/usr/local/hestia/bin/v-backup-user {USER} yes >> /x/backup.log 2>&1\n")
    assert ask(tmp_path) == {}


def test_the_newest_line_of_each_log_counts_whether_it_was_rotated_or_not(tmp_path: Path) -> None:
    log(tmp_path, "system.log.1", "v-restore-user", 4000, USER, ARCHIVE, "", "no")
    log(tmp_path, "system.log.1", "v-schedule-user-restore", 900, USER, ARCHIVE)
    log(tmp_path, "system.log", "v-restore-user", 300, USER, ARCHIVE, "", "no")
    log(tmp_path, "system.log", "v-restore-user", 10, USER, ARCHIVE.replace("2026", "2025"))
    log(tmp_path, "error.log", "v-restore-user", 600, USER, ARCHIVE, end=" [Error 14]")
    said = ask(tmp_path)
    assert sorted(said) == ["asked", "done", "failed"]
    assert int(said["asked"]) == pytest.approx(900, abs=3)
    assert int(said["done"]) == pytest.approx(300, abs=3)
    age, code = said["failed"].split()
    assert (int(age), code) == (pytest.approx(600, abs=3), "14")


def test_a_restore_that_runs_is_seen_and_the_look_itself_is_none(tmp_path: Path) -> None:
    user = "acme-run"  # of this test alone: processes are seen by the tests beside it too
    archive = ARCHIVE.replace(USER, user)
    command = tmp_path / "v-restore-user"
    command.write_text("#!/bin/bash\nread -r line\n")
    command.chmod(0o755)
    with subprocess.Popen([str(command), user, archive, "", "no"], stdin=subprocess.PIPE) as running:
        assert ask(tmp_path, user, archive) == {"running": "1"}
        running.communicate(b"go\n")
    assert ask(tmp_path, user, archive) == {}


def test_an_archive_whose_name_a_shell_could_read_otherwise_is_none() -> None:
    names = (ARCHIVE, f"{USER}.$(reboot).tar", f"{USER}.a b.tar", "-x.tar")
    listed = json.dumps({name: {"TYPE": "local", "SIZE": "1"} for name in names})
    user = json.dumps({USER: {"NAME": "x", "BACKUPS": "5"}})
    looks = "".join(f"archive=file 5 {name}\n" for name in names)
    answers = [result(("v-list-user",), 0, user), result(("v-list-user-backups",), 0, listed)]
    found = facts(AskBackups(USER), [*answers, result(("bash",), 0, looks)], "web01")
    assert (list(found.ages), list(found.contents)) == ([ARCHIVE], [ARCHIVE])
