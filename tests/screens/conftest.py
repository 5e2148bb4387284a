"""A seeded store, an app whose clock stands still, and a folder of pictures for each test module."""

from __future__ import annotations

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
from textual import _wait
from textual.css.stylesheet import Stylesheet

from hostdeck.core.intents.base import Door
from hostdeck.core.queries.reader import Reader
from hostdeck.core.settings import Settings
from hostdeck.core.store.db import close_store, open_store
from hostdeck.tui.app import HostdeckApp

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


def _is_due(screen: Any) -> bool:
    """Whether it will ask by itself in a moment: a form shows its plan once its fields have been left alone."""
    timers = [timer for timer in screen._timers if timer._repeat == 0 and timer._interval < 1]
    return any(timer._task is not None and not timer._task.done() for timer in timers)


def _is_asking(app: Any) -> bool:
    """Whether something that was asked on another thread has not been answered. The pulse alone goes on for ever."""
    return any(not worker.is_finished for worker in app.workers if worker.name != "feed")


async def settle(pilot: Any) -> None:
    """Until the feed has been round with nothing left to ask, and what it brought is drawn: the same picture thrice."""
    seen: list[Any] = []
    same = 0
    for _ in range(200):
        await pilot.app.feed.beat()
        await pilot.pause()
        screens = (*pilot.app._background_screens, pilot.app.screen)
        shown = [screen._compositor.render_strips() for screen in screens]
        asking = _is_asking(pilot.app) or any(_is_due(screen) for screen in screens)
        asked = pilot.app.feed.answered and not asking
        same = same + 1 if shown == seen and asked else 0
        if same == 2:
            return
        seen = shown


@pytest.fixture
def settled(monkeypatch: pytest.MonkeyPatch) -> Callable[[Any], Any]:
    """After each key a pilot sleeps until the process has been idle for a fiftieth of a second, which was two thirds of
    these tests' time; a two-hundredth does for those who look three times."""
    monkeypatch.setattr(_wait, "SLEEP_GRANULARITY", 1 / 200)
    monkeypatch.setattr(_wait, "SLEEP_IDLE", 1 / 200 / 20)
    return settle
