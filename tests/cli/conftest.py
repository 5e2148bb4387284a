"""A seeded home, and the command line called in this process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from tests.cli import seed

from hostdeck.core.store.db import close_store, connection
from hostdeck.tui.cli.main import run


class Said(NamedTuple):
    code: int
    out: str
    err: str


Call = Callable[..., Said]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home with the fleet of `seed` and no service yet."""
    for name in ("HOSTDECK_DATABASE_URL", "HOSTDECK_QUEUE_URL", "SSH_USER_AUTH"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOSTDECK_HOME", str(tmp_path / "home"))
    seed.make(tmp_path / "home")
    with connection():
        seed.fleet()
    yield tmp_path / "home"
    close_store()


@pytest.fixture
def call(home: Path, capsys: pytest.CaptureFixture[str]) -> Call:
    """`call("service", "list")`: exit code and what was written."""

    def called(*argv: str) -> Said:
        capsys.readouterr()
        code = run(list(argv))
        out, err = capsys.readouterr()
        return Said(code, out, err)

    return called
