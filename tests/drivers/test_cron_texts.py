"""The fixed shell texts about cron jobs, by a real bash and by the simulator, on lines as a real node wrote them."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from hostdeck.core.drivers.guard import FixedText
from hostdeck.core.drivers.hestia import item_texts, scripts
from hostdeck.core.sim.hestia import DiskFiles, HestiaNode
from hostdeck.core.sim.reply import Reply

ANY = ("*", "*", "*", "*", "*")
STAMP = "SUSPENDED='no' TIME='14:55:22' DATE='2026-11-23'"


def job(number: str, when: tuple[str, ...], command: str) -> str:
    fields = " ".join(
        f"{key}='{value}'" for key, value in zip(("MIN", "HOUR", "DAY", "MONTH", "WDAY"), when, strict=True)
    )
    return f"JOB='{number}' {fields} CMD='{command}' {STAMP}"


FILE = (
    job("2", ("0", "3", "*", "*", "1-5"), 'echo %quote%single%quote% "double" 100% $HOME'),
    job("3", ("0", "3", "*", "*", "1-5"), "echo a:b | grep \\d"),
    job("4", ("*/5", "*", "*", "*", "*"), "/usr/bin/php /home/alice/cron.php > /dev/null 2>&1"),
    job("50", ANY, "true"),
    job("51", ANY, "true"),
)


def both(text: FixedText, label: str, *words: str) -> Reply:
    argv = scripts.script(text, label, *words)
    env = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C"}
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, env=env, check=False, timeout=30)
    said = Reply(done.returncode, done.stdout.decode(), "")
    assert HestiaNode(files=DiskFiles()).run(argv) == said
    return said


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "cron.conf"
    path.write_text("".join(f"{line}\n" for line in FILE))
    return str(path)


QUOTES = ("0", "3", "*", "*", "1-5", 'echo %quote%single%quote% "double" 100% $HOME')


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("2", *QUOTES), 0),
        (("3", *QUOTES), 64),
        (("9", *QUOTES), 64),
        (("3", "0", "3", "*", "*", "1-5", "echo a:b | grep \\d"), 0),
        (("4", "*/5", "*", "*", "*", "*", "/usr/bin/php /home/alice/cron.php > /dev/null 2>&1"), 0),
        (("4", *ANY, "/usr/bin/php /home/alice/cron.php > /dev/null 2>&1"), 64),
        (("50", *ANY, "true"), 0),
        (("5", *ANY, "true"), 64),
        (("50", *ANY, "tru"), 64),
        (("50", *ANY, "t*"), 64),
        (("*", *ANY, "true"), 4),
        (("*", *ANY, "t*"), 0),
        (("*", *ANY, "false"), 0),
    ],
)
def test_a_number_is_believed_only_while_exactly_its_job_has_it(file: str, words: tuple[str, ...], code: int) -> None:
    assert both(item_texts.CRON_IS, "cron-is", file, *words).exit == code


def test_no_file_is_no_jobs(tmp_path: Path) -> None:
    none = str(tmp_path / "cron.conf")
    assert both(item_texts.CRON_LINES, "cron-lines", none) == Reply(0, "end=1\n")
    assert both(item_texts.CRON_IS, "cron-is", none, "*", *ANY, "true").exit == 0
    assert both(item_texts.CRON_IS, "cron-is", none, "1", *ANY, "true").exit == 64


def test_the_lines_come_as_they_stand(file: str) -> None:
    assert both(item_texts.CRON_LINES, "cron-lines", file).stdout.splitlines() == [*FILE, "end=1"]
