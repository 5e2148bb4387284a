"""The wall on a seeded home, for tests that look at what goes down the terminal line: `wall_runner.py HOME`."""

from __future__ import annotations

import sys
from datetime import UTC
from pathlib import Path

from moving_clock import moving_clock

from hostdeck.core.queries.reader import Reader
from hostdeck.core.settings import Settings
from hostdeck.core.store.db import close_store, open_store
from hostdeck.tui.wall import WallApp


def main() -> None:
    home = Path(sys.argv[1])
    open_store(Settings(home=home), read_only=True)
    close_store()
    reader = Reader()
    WallApp(reader, 20, ("home", "tasks", "zones"), "prod", moving_clock, zone=UTC, home=home).run(mouse=False)
    reader.close()


if __name__ == "__main__":
    main()
