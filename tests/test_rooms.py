"""Who may know whom: the import statements of every module, and what a process has loaded."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
BELOW = {"core.errors", "core.settings"}

# Room -> the rooms and outside libraries it may import, beside the standard library, itself and what lies below.
TABLE: dict[str, set[str]] = {
    "core.errors": set(),
    "core.settings": {"pydantic", "platformdirs"},
    "core.domain": {"pydantic", "idna", "publicsuffixlist", "confusable_homoglyphs", "cryptography"},
    "core.transport": {"asyncssh"},
    "core.dns": {"core.domain", "dns"},
    "core.drivers": {"core.domain", "core.transport"},
    "core.steps": {"core.domain", "core.drivers", "core.transport", "pydantic"},
    "core.plans": {"core.domain", "core.drivers", "core.steps"},
    "core.sim": {"asyncssh", "publicsuffixlist", "cryptography"},
    "core.store": {"core.domain", "peewee", "playhouse", "psycopg", "cryptography"},
    "core.queries": {"core.domain", "core.store", "peewee", "pydantic"},
    "core.intents": {"core.domain", "core.plans", "core.store", "peewee"},
    "queue": {
        # The worker asks our nameservers before it asks for a certificate.
        "core.dns",
        "core.domain",
        "core.drivers",
        "core.transport",
        "core.store",
        "core.steps",
        "core.plans",
        "apprise",
        "huey",
        "peewee",
        "pythonjsonlogger",
        "cryptography",
    },
    "tui.lower": {"core.queries", "core.domain", "pydantic", "textual", "rich"},
    "screens": {"core.queries", "core.intents", "core.dns", "core.domain", "tui.lower", "pydantic", "textual", "rich"},
}
LOWER_FLOOR = (
    "tui/clipboard",
    "tui/feed",
    "tui/hangup",
    "tui/keymap",
    "tui/list_text",
    "tui/kept_views",
    "tui/list_views",
    "tui/notices",
    "tui/theme",
    "tui/widgets",
)


def room_of(path: str) -> str:
    """The room of a module by its path below the root."""
    if path.startswith(LOWER_FLOOR):
        return "tui.lower"
    parts = path.removesuffix(".py").split("/")
    return ".".join(parts[:2]) if parts[0] in ("core", "tui") else parts[0]


def modules() -> Iterator[tuple[str, Path]]:
    for folder in ("core", "queue", "screens", "tui"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield room_of(str(path.relative_to(ROOT))), path


def imported(path: Path) -> Iterator[str]:
    """Full names of what a module imports, at the top or later; what only the type checker sees does not count."""
    tree = ast.parse(path.read_text("utf-8"))
    hidden = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if id(node) in hidden:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_every_module_imports_only_what_its_room_may_know() -> None:
    wrong = []
    for room, path in modules():
        allowed = TABLE.get(room)
        if allowed is None:
            continue  # tui's upper floor wires everybody
        for name in imported(path):
            top = name.split(".")[0]
            if top == "hostdeck":
                inner = name.removeprefix("hostdeck.").replace(".", "/")
                other = room_of(inner)
                fine = other == room or other in allowed or other in BELOW
            else:
                fine = top in sys.stdlib_module_names or top in allowed
            if not fine:
                wrong.append(f"{path.relative_to(ROOT)} ({room}) imports {name}")
    assert wrong == []


def test_the_table_names_every_room() -> None:
    assert {room for room, _ in modules()} - set(TABLE) <= {"tui.app", "tui.cli", "tui.__init__", "core.__init__"} | {
        room for room, _ in modules() if room.startswith("tui.")
    }


def test_queue_has_no_init_so_that_the_standard_module_wins() -> None:
    assert not (ROOT / "queue" / "__init__.py").exists()
    code = "import queue, concurrent.futures, huey; print(queue.Queue)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True).stdout


@pytest.mark.parametrize(
    ("module", "never"),
    [
        ("hostdeck.queue.worker", ("textual", "apprise", "hostdeck.tui", "hostdeck.screens")),
        # All that a first picture needs; the rest is loaded behind it.
        (
            "hostdeck.tui.cli.main, hostdeck.tui.cli.console, hostdeck.tui.app, hostdeck.screens.home",
            (
                "pydantic",
                "peewee",
                "psycopg",
                "typer",
                "asyncssh",
                "huey",
                "hostdeck.core.store",
                "hostdeck.core.queries",
            ),
        ),
        ("hostdeck.core.intents.services", ("textual", "asyncssh", "huey", "hostdeck.queue")),
        ("hostdeck.core.queries.services", ("textual", "asyncssh", "huey", "hostdeck.queue")),
    ],
)
def test_a_room_loads_nothing_it_must_not(module: str, never: tuple[str, ...]) -> None:
    code = f"import sys, {module}; print('\\n'.join(sys.modules))"
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, check=True)
    loaded = {name for name in done.stdout.split() if name.startswith(never)}
    assert loaded == set()
