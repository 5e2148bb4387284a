"""`hostdeck` alone: the console, which is to be seen at once. What takes long to load waits for the first picture."""

from __future__ import annotations

import os
import sys
from functools import partial
from typing import TYPE_CHECKING

from hostdeck.core.settings import sqlite_path, without_password
from hostdeck.tui.cli import looking
from hostdeck.tui.cli.given import given
from hostdeck.tui.cli.session import door_for, settings, spare_psycopg

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hostdeck.core.domain.doctor import Check
    from hostdeck.core.settings import Settings


def console() -> int:
    """`hostdeck` alone: the screens, in this terminal."""
    from hostdeck.core.errors import Refused

    loaded = settings()
    if given.json:
        raise Refused("console", "it draws screens, no JSON; name a command, see 'hostdeck --help'", "NO_JSON")
    if not (in_browser() or (sys.stdin.isatty() and sys.stdout.isatty())):
        raise Refused("console", "it needs a terminal; for scripts see 'hostdeck --help'", "NO_TERMINAL")
    if is_first_run(loaded):
        return first_run(loaded)
    return run_console(loaded)


def in_browser() -> bool:
    """Whether a server for browsers has started this process: it brings the screen."""
    return "WebDriver" in os.environ.get("TEXTUAL_DRIVER", "")


def is_first_run(loaded: Settings) -> bool:
    """Whether nothing was made yet, and may be made. A database on a server somebody else has to speak of."""
    path = sqlite_path(loaded.database)
    return path is not None and not path.exists() and not loaded.read_only


def first_run(loaded: Settings) -> int:
    """Asks what shall be done, and does it."""
    looking.set_up(loaded.console)
    from hostdeck.tui.first_run import MAKE, TRY, FirstRun

    app = FirstRun(loaded.home, without_password(loaded.database), looking.theme_of(loaded.console))
    way = app.run()
    if way == MAKE:
        from hostdeck.core.store.home import make_home

        make_home(loaded)
        return run_console(loaded)
    if way == TRY:
        from hostdeck.tui.cli.demo import run_demo

        return run_demo(None, headless=False)
    return app.return_code or 0


def run_console(loaded: Settings, worker_hint: str = "") -> int:
    looking.set_up(loaded.console)
    spare_psycopg()
    from hostdeck.core.queries.reader import Reader
    from hostdeck.tui.app import HostdeckApp

    reader = Reader(partial(_open, loaded))
    try:
        app = HostdeckApp(
            reader,
            door_for(loaded),
            env=loaded.env,
            demo=loaded.demo,
            worker_hint=lambda: worker_hint or f"start it: {loaded.command('worker')}",
            home=loaded.home,
            dns_port=loaded.dns_port,
            examine=partial(_examine, loaded),
            looks=looking.looks_of(loaded),
        )
        app.run(mouse=loaded.console.mouse)
        if app.not_opened is not None:
            raise app.not_opened
        return app.return_code or 0
    finally:
        reader.close()


def _open(loaded: Settings) -> None:
    """While the first picture is drawn."""
    from hostdeck.core.store.db import open_store
    from hostdeck.core.store.home import check_home

    check_home(loaded)
    open_store(loaded, read_only=loaded.read_only)


def _examine(loaded: Settings) -> Sequence[Check]:
    from hostdeck.tui.examination import examine

    return examine(loaded, bound=True)
