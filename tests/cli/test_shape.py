"""Global flags everywhere, help everywhere, and nothing loaded that a command does not need."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.cli import seed
from tests.cli.commands import CHANGING, NESTED, OUTSIDE, READING, name_of
from tests.cli.conftest import Call

from hostdeck.core.domain.vocabulary import ServiceStatus, TaskStatus
from hostdeck.core.store.db import connection
from hostdeck.core.store.fleet_models import Audit
from hostdeck.tui.cli.shape import PLACES

pytestmark = pytest.mark.timeout(30)
LONE = ("worker", "init", "demo", "wall", "serve", "stats", "apply", "export", "doctor", "gate")
NAMES = sorted({argv[:1] if argv[0] in LONE else name_of(argv) for argv in READING + CHANGING + OUTSIDE})


def verbs() -> set[tuple[str, ...]]:
    found: set[tuple[str, ...]] = set()
    for word, place in PLACES.items():
        tables = importlib.import_module(f"hostdeck.tui.cli.{place.module}").TABLES
        if word in tables:
            found |= {(word, str(info.name)) for info in tables[word].registered_commands}
            within = {name: one for name, one in tables.items() if name.startswith(f"{word} ")}
            assert {tuple(name.split()) for name in within} == {name for name in NESTED if name[0] == word}
            for name, one in within.items():
                found |= {(*name.split(), str(info.name)) for info in one.registered_commands}
        else:
            found.add((word,))
    return found


def test_every_command_is_in_the_tables_of_these_tests() -> None:
    assert verbs() == set(NAMES)


@pytest.mark.parametrize("name", NAMES, ids=" ".join)
def test_help_has_an_example_and_the_global_flags(call: Call, name: tuple[str, ...]) -> None:
    said = call(*name, "--help")
    assert (said.code, said.err) == (0, "")
    assert f"Example:\n    hostdeck {' '.join(name)}" in said.out
    assert all(flag in said.out for flag in ("--home", "--read-only", "--json"))
    assert "\x1b" not in said.out


@pytest.mark.parametrize("area", ["", *(word for word in PLACES if word not in LONE)])
def test_help_of_an_area_lists_its_verbs(call: Call, area: str) -> None:
    said = call(*area.split(), "--help")
    assert said.code == 0
    assert all(
        name[-1] in said.out for name in verbs() if not area or name[0] == area for name in [name[: 1 + bool(area)]]
    )


def test_areas_that_share_a_module_do_not_list_each_other(call: Call) -> None:
    assert call("audit", "--help").out.partition("Commands:")[2].split()[0] == "list"
    assert call("audit", "task", "list").code == 2


# `info` is left out: it tells who said `read_only`, which is said twice out of three times here.
@pytest.mark.parametrize("argv", [argv for argv in READING if argv != ("info",)], ids=" ".join)
def test_global_flags_stand_before_between_and_after(
    call: Call, home: Path, tmp_path: Path, argv: tuple[str, ...]
) -> None:
    with connection():
        seed.service("one.example.com", ServiceStatus.ACTIVE, [TaskStatus.SUCCESS])
        seed.lines(1, 1)
    os.environ["HOSTDECK_HOME"] = str(tmp_path / "elsewhere")  # undone with the fixture's own setting
    where = ("--home", str(home))
    before = call(*where, "--json", "--read-only", *argv)
    between = call(argv[0], *where, "--json", *argv[1:])
    after = call(*argv, *where, "--json", "--read-only")
    assert before == between == after
    assert before.code == 0
    assert before.out.startswith(("[", "{"))


@pytest.mark.parametrize(
    ("argv", "code"),
    [(("--help",), 0), (("service", "create", "a-b.com", "--product", "web-s", "--json"), 0), (("service", "list"), 0)],
)
def test_a_short_command_loads_nothing_heavy(home: Path, argv: tuple[str, ...], code: int) -> None:
    program = (
        "import sys; from hostdeck.tui.cli.main import run; code = run(sys.argv[1:]);"
        "print(sorted({'textual', 'asyncssh', 'huey', 'playhouse', 'cryptography'} & set(sys.modules)), code,"
        "sys.modules.get('psycopg'), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", program, *argv], capture_output=True, text=True, check=True)
    assert done.stderr.splitlines()[-1] == f"[] {code} None"


def test_a_shell_is_told_how_a_word_may_end(home: Path) -> None:
    """It calls the program with no word at all, as one does who wants the console."""
    asked = {"_HOSTDECK_COMPLETE": "complete_bash", "COMP_WORDS": "hostdeck ser", "COMP_CWORD": "1"}
    command = [sys.executable, "-c", "from hostdeck.tui.cli.main import main; main()"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=os.environ | asked)
    assert {"server", "service"} <= set(done.stdout.split())


def test_the_program_says_its_version(call: Call) -> None:
    assert call("--version").out.startswith("hostdeck ")


@pytest.mark.parametrize("logged_in_by", ["key", "password", "nothing"])
def test_the_audit_names_the_key_somebody_came_with(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, logged_in_by: str
) -> None:
    told = tmp_path / "auth"
    told.write_text(f"publickey {seed.HOST_KEY}\n" if logged_in_by == "key" else "password\n")
    if logged_in_by != "nothing":
        monkeypatch.setenv("SSH_USER_AUTH", str(told))
    assert call("group", "add", "us").code == 0
    with connection():
        actor = Audit.get().actor
    assert actor.startswith("SHA256:") == (logged_in_by == "key")
    assert actor
