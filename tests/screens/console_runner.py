"""The console on a seeded home, for tests that look at what goes down the terminal line: `console_runner.py HOME`."""

from __future__ import annotations

import sys
from datetime import UTC
from pathlib import Path

from moving_clock import moving_clock

from hostdeck.core.intents.base import Door
from hostdeck.core.queries.reader import Reader
from hostdeck.core.settings import Settings
from hostdeck.core.store.db import close_store, open_store
from hostdeck.tui.app import HostdeckApp


def main() -> None:
    home = Path(sys.argv[1])
    open_store(Settings(home=home))
    close_store()
    reader = Reader()
    HostdeckApp(reader, Door("ops1"), env="prod", clock=moving_clock, zone=UTC, host="mgmt01", home=home).run()
    reader.close()


if __name__ == "__main__":
    main()
