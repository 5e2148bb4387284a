"""`hostdeck serve`: the console in a browser."""

from __future__ import annotations

import importlib.util
import shlex
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from hostdeck.tui.cli import output
from hostdeck.tui.cli.given import given
from hostdeck.tui.cli.session import settings
from hostdeck.tui.cli.shape import table, verb

if TYPE_CHECKING:
    from hostdeck.core.settings import Settings

lone = table()
TABLES = {"": lone}


@verb(lone, "serve", "hostdeck serve --port 8000")
def serve(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Where it listens.")] = 8000,
    host: Annotated[str, typer.Option(metavar="ADDRESS", help="The address it listens on.")] = "127.0.0.1",
    write: Annotated[bool, typer.Option("--write", help="Let it change things; on this machine only.")] = False,
    public_url: Annotated[
        str | None, typer.Option(metavar="URL", help="How a proxy with a login is reached.", show_default=False)
    ] = None,
) -> int:
    """The console in a browser: read-only, and for this machine alone where nothing else is said. Ctrl-C ends it."""
    from hostdeck.core.errors import Refused

    loaded = settings()
    if given.json:
        raise Refused("serve", "it draws screens, no JSON; name a command, see 'hostdeck --help'", "NO_JSON")
    if importlib.util.find_spec("textual_serve") is None:
        raise Refused("serve", "the browser needs the extra: pip install 'hostdeck[serve]'", "SERVE_MISSING")
    from hostdeck.tui.browser.server import Browser, is_loopback

    if write and loaded.read_only:
        raise Refused("serve", "hostdeck runs read-only here; leave out --write", "READ_ONLY")
    if write and (public_url or not is_loopback(host)):
        text = (
            "--write is for this machine alone, since a page has no login; from elsewhere: "
            f"ssh -L {port}:127.0.0.1:{port} HOST, and open http://127.0.0.1:{port}/ there"
        )
        raise Refused("serve", text, "SERVE_WRITE")

    from hostdeck.core.store.db import close_store, open_store
    from hostdeck.core.store.home import check_home

    check_home(loaded)
    open_store(loaded, read_only=not write)
    close_store()

    def started(address: str) -> None:
        output.text(f"the console, {'able to change things' if write else 'read-only'}: {address}")
        if not is_loopback(host):
            output.note(f"whoever reaches {host}:{port} sees the whole fleet: a page has no login of its own")

    server = Browser(_command(loaded, write), host, port, public_url=public_url, write=write, started=started)
    try:
        server.serve()
    except OSError as error:
        raise Refused("serve", f"can't listen on {host}:{port}: {error.strerror or error}", "SERVE_PORT") from None
    return 0


def _command(loaded: Settings, write: bool) -> str:
    words = [sys.executable, "-W", "ignore", "-m", "hostdeck", "--home", str(loaded.home)]
    return shlex.join(words if write else [*words, "--read-only"])
