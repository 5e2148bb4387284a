"""A terminal that goes away without a hangup takes its console with it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from tests.terminal import Terminal

from hostdeck.core.settings import Settings
from hostdeck.core.store.db import close_store
from hostdeck.core.store.home import make_home
from hostdeck.tui.hangup import HUNG_UP


@pytest.mark.parametrize(("words", "seen"), [((), b"new order"), (("wall",), b"UTC")], ids=["console", "wall"])
def test_it_ends_where_nobody_holds_its_terminal(tmp_path: Path, words: tuple[str, ...], seen: bytes) -> None:
    home = tmp_path / "home"
    make_home(Settings(home=home))
    close_store()
    terminal = Terminal([sys.executable, "-m", "hostdeck", "--home", str(home), *words])
    terminal.read_until(seen)
    os.close(terminal.master)
    assert terminal.process.wait() == HUNG_UP
