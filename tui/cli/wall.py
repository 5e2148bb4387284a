"""`hostdeck wall`: the screen for everybody to look at."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from hostdeck.tui.cli import looking
from hostdeck.tui.cli.given import given
from hostdeck.tui.cli.session import settings
from hostdeck.tui.cli.shape import table, verb

lone = table()
TABLES = {"": lone}
PAGES = "home,tasks,zones"


@verb(lone, "wall", "hostdeck wall --rotate 20 --pages home,tasks")
def wall(
    rotate: Annotated[int, typer.Option(min=0, max=86400, help="Seconds a page stays; 0: until turned.")] = 20,
    pages: Annotated[str, typer.Option(metavar="PAGE,PAGE", help="Which pages, in which order.")] = PAGES,
) -> int:
    """A screen for the wall: read-only, big numbers, the worst first; its pages turn by themselves."""
    from hostdeck.core.errors import Refused

    loaded = settings()
    if given.json:
        raise Refused("wall", "it draws screens, no JSON; see 'hostdeck server list --json'", "NO_JSON")
    chosen = chosen_pages(pages)
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise Refused("wall", "it needs a terminal; for scripts see 'hostdeck --help'", "NO_TERMINAL")

    from hostdeck.core.store.db import close_store, open_store
    from hostdeck.core.store.home import check_home

    check_home(loaded)
    open_store(loaded, read_only=True)
    looking.set_up(loaded.console)
    close_store()  # the reader's thread has a connection of its own

    from hostdeck.core.queries.reader import Reader
    from hostdeck.tui.wall import WallApp

    reader = Reader()
    try:
        app = WallApp(reader, rotate, chosen, loaded.env, home=loaded.home, theme=looking.theme_of(loaded.console))
        app.run(mouse=False)
        return app.return_code or 0
    finally:
        reader.close()


def chosen_pages(text: str) -> tuple[str, ...]:
    """The pages named, each once; Invalid where one does not exist."""
    known = PAGES.split(",")
    named = tuple(dict.fromkeys(word for word in text.lower().replace(" ", "").split(",") if word))
    unknown = next((word for word in named if word not in known), None)
    if unknown is not None or not named:
        from hostdeck.core.errors import Invalid

        said = f"there is no page '{unknown[:32]}'" if unknown else "name at least one page"
        raise Invalid("pages", f"{said}; there are {', '.join(known)}", "WALL_PAGE")
    return named
