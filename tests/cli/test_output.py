"""What people see: plain where it is not a terminal, and inert whatever the rows hold."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest
from tests.cli import seed
from tests.cli.commands import READING
from tests.cli.conftest import Call

from hostdeck.core.domain.vocabulary import ServiceStatus, TaskStatus
from hostdeck.core.store.db import connection
from hostdeck.core.store.fleet_models import Server
from hostdeck.core.store.work_models import Task, Ticket
from hostdeck.tui.cli import output

pytestmark = pytest.mark.timeout(30)
EVIL = "a\x1b]0;x\x07b\x1b[31mc\x9b1m[/red][bold]d\u202ee\r\nf"
CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]")


@pytest.fixture
def evil(home: Path) -> None:
    with connection():
        seed.service(EVIL, ServiceStatus.ERROR, [TaskStatus.FAILED], error=EVIL)
        Task.update(error=EVIL, target=EVIL).execute()
        Ticket.update(title=EVIL, incident=EVIL).execute()
        Server.update(health_error=EVIL).execute()
        seed.lines(1, 2, EVIL)


@pytest.mark.parametrize("flags", [(), ("--json",)], ids=["text", "json"])
@pytest.mark.parametrize("argv", READING, ids=" ".join)
def test_hostile_text_is_inert_everywhere(
    call: Call, evil: None, argv: tuple[str, ...], flags: tuple[str, ...]
) -> None:
    said = call(*argv, *flags)
    assert said.code == (1 if "watch" in argv else 0)
    assert not CONTROL.search(said.out + said.err)
    if flags:
        json.loads(said.out)


def test_markup_in_a_row_is_shown_as_it_is(call: Call, evil: None) -> None:
    assert "[/red][bold]d" in call("service", "list").out


def test_json_holds_the_text_unchanged(call: Call, evil: None) -> None:
    assert json.loads(call("service", "list", "--json").out)[0]["domain"] == EVIL


def test_a_piped_table_is_cut_nowhere(call: Call, home: Path) -> None:
    with connection():
        seed.service(f"{'a' * 60}.{'b' * 60}.example.com", ServiceStatus.ERROR, [TaskStatus.FAILED], error="e" * 500)
    said = call("service", "list")
    assert len(said.out.splitlines()) == 2
    assert "e" * 500 in said.out


@pytest.mark.parametrize(
    ("environment", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)]
)
def test_only_a_terminal_that_wants_colour_gets_it(home: Path, environment: dict[str, str], coloured: bool) -> None:
    with connection():
        seed.service("one.example.com", ServiceStatus.ACTIVE, [TaskStatus.SUCCESS])
    master, slave = pty.openpty()
    env = {**os.environ, "TERM": "xterm-256color", **environment}
    subprocess.run(
        [sys.executable, "-m", "hostdeck", "service", "list"], stdout=slave, stderr=slave, env=env, check=True
    )
    os.close(slave)
    said = os.read(master, 65536).decode()
    os.close(master)
    assert "one.example.com" in said
    assert ("\x1b[" in said) == coloured


@pytest.mark.parametrize(("value", "shown"), [(None, "-"), ((), "-"), (("a", "b"), "a, b"), (True, "yes"), (3, "3")])
def test_a_cell_has_a_word_for_everything(value: object, shown: str) -> None:
    assert output.word(value) == shown
