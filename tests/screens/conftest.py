"""A seeded store, an app whose clock stands still, and a folder of pictures for each test module."""

from __future__ import annotations

import gc
import importlib.util
import shutil
import sys
from collections.abc import Callable, Iterator
from datetime import UTC
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import pytest_textual_snapshot as pictures
from tests.screens import seeing
from textual import _wait
from textual.css.stylesheet import Stylesheet

from hostdeck.core.intents.base import Door
from hostdeck.core.queries.reader import Reader
from hostdeck.core.settings import Settings
from hostdeck.core.store.db import close_store, open_store
from hostdeck.tui.app import HostdeckApp

SETTLING = ("settle", "press", "pressing", "command")
ROOT = Path(__file__).resolve().parents[2]


def _load(name: str) -> ModuleType:
    """Test modules are no package: the seed is loaded by its path."""
    spec = importlib.util.spec_from_file_location(f"screens_{name}", Path(__file__).with_name(f"{name}.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


class RootSvg(pictures.SVGImageExtension):  # type: ignore[misc]
    @classmethod
    def dirname(cls, *, test_location: Any) -> str:
        return str(ROOT / "snapshots" / Path(test_location.filepath).stem)


pictures.SVGImageExtension = RootSvg


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """What has been imported by now lives to the end: going through it at each collection was a tenth of all time."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def seeds() -> ModuleType:
    return _load("seed")


@pytest.fixture(scope="session")
def filled_home(tmp_path_factory: pytest.TempPathFactory, seeds: ModuleType) -> Path:
    """Filled once; each test gets a copy."""
    home = tmp_path_factory.mktemp("filled")
    seeds.seed(home)
    close_store()
    return home


@pytest.fixture
def seeded(tmp_path: Path, filled_home: Path) -> Iterator[Path]:
    shutil.copytree(filled_home, tmp_path, dirs_exist_ok=True)
    open_store(Settings(home=tmp_path))
    yield tmp_path
    close_store()


@pytest.fixture(scope="session", autouse=True)
def style_sheets_are_read_once() -> Iterator[None]:
    """Each console reads the same style sheets, which takes a tenth of a test; what was read does not change."""
    read, kept = Stylesheet._parse_rules, {}

    def once(self: Stylesheet, *given: Any, **named: Any) -> Any:
        key = (given, tuple(named.items()), frozenset(self._variables.items()))
        if key not in kept:
            kept[key] = read(self, *given, **named)
        return kept[key]

    patch = pytest.MonkeyPatch()
    patch.setattr(Stylesheet, "_parse_rules", once)
    yield
    patch.undo()


@pytest.fixture
def empty(tmp_path: Path, seeds: ModuleType) -> Iterator[Path]:
    seeds.open_empty(tmp_path)
    yield tmp_path
    close_store()


@pytest.fixture
def make_app(seeds: ModuleType, tmp_path: Path) -> Iterator[Callable[..., HostdeckApp]]:
    readers: list[Reader] = []

    def make(**changes: Any) -> HostdeckApp:
        readers.append(Reader())
        door = Door("ops1", read_only=changes.pop("read_only", False), reserved_ok=True)
        values: dict[str, Any] = {"env": "prod", "clock": lambda: seeds.NOW, "zone": UTC, "host": "mgmt01"}
        return HostdeckApp(readers[-1], door, home=tmp_path, **(values | changes))

    yield make
    for reader in readers:
        reader.close()


@pytest.fixture(autouse=True)
def lasting_notices(monkeypatch: pytest.MonkeyPatch) -> None:
    """However slow the machine, a notice is still there when its picture is taken."""
    monkeypatch.setattr("hostdeck.tui.widgets.prompt.NOTICE_SECONDS", 3600.0)


@pytest.fixture
def app(seeded: Path, make_app: Callable[..., HostdeckApp]) -> HostdeckApp:
    return make_app()


@pytest.fixture(autouse=True)
def pilots_look_often(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """After each key a pilot sleeps until the process has been idle for a fiftieth of a second, which was two thirds of
    these tests' time; a two-hundredth does for those who settle, and look twice."""
    if not any(getattr(seeing, name) is getattr(request.module, name, None) for name in SETTLING):
        return
    monkeypatch.setattr(_wait, "SLEEP_GRANULARITY", 1 / 200)
    monkeypatch.setattr(_wait, "SLEEP_IDLE", 1 / 200 / 20)
