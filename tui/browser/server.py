"""The console in a browser: one process of it for each page that is open, behind a door that only our own page passes.

On top of textual-serve: a page that fetches nothing from outside, an address that follows the browser's, a reload that
comes back to the same place, and no way in for other sites.
"""

from __future__ import annotations

import hmac
import ipaddress
import json
import logging
import secrets
from collections.abc import Awaitable, Callable
from importlib import resources
from socket import getfqdn, gethostname
from urllib.parse import urlsplit

from aiohttp import web
from textual_serve.app_service import AppService
from textual_serve.server import Server, to_int

from hostdeck.tui.place import VARIABLE, place_words

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches it."""
    name = host.strip("[]")
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name == "localhost"


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


class Console(AppService):
    """A console that was told where to open, and tells where it is."""

    place = ""

    def _build_environment(self, width: int = 80, height: int = 24) -> dict[str, str]:
        environment = super()._build_environment(width, height)
        # What the terminal of this server is says nothing of the browser's.
        return environment | {"TERM": "xterm-256color", "PYTHONUTF8": "1", VARIABLE: self.place}

    async def on_meta(self, data: bytes) -> None:
        said = json.loads(data)
        if said["type"] == "place":
            await self.remote_write_str(json.dumps(["place", said["place"]]))
        else:
            await super().on_meta(data)

    async def run(self) -> None:
        """A console that ends, or does not even start, closes its page."""
        await super().run()
        await self.remote_close()


class Browser(Server):
    """`secret`: what a page must bring along where something can be changed; empty where nothing can."""

    def __init__(
        self, command: str, host: str, port: int, *, public_url: str | None = None, write: bool = False,
        started: Callable[[str], None] = lambda address: None,
    ) -> None:  # fmt: skip
        super().__init__(command, host, port, "hostdeck", public_url)
        self.secret = secrets.token_urlsafe(24) if write else ""
        self._known = urlsplit(public_url).netloc if public_url else ""
        self._started = started
        self._open: set[web.WebSocketResponse] = set()
        self._page = resources.files("hostdeck.tui.browser").joinpath("page.html").read_text("utf-8")
        self._script = resources.files("hostdeck.tui.browser").joinpath("page.js").read_text("utf-8")

    @property
    def cookie(self) -> str:
        return f"hostdeck-{self.port}"

    def initialize_logging(self) -> None:
        logging.basicConfig(level="WARNING", format="%(message)s")

    async def on_startup(self, app: web.Application) -> None:
        """Nothing is said before the port is ours."""

    async def on_shutdown(self, app: web.Application) -> None:
        for socket in list(self._open):
            await socket.close()

    def serve(self, debug: bool = False) -> None:
        """Until SIGINT or SIGTERM; OSError where the port is taken. No request is logged: one has the secret."""
        self.initialize_logging()
        address = f"{self.public_url}/" + (f"?key={self.secret}" if self.secret else "")
        web.run_app(
            self._make_app(), host=self.host, port=self.port, access_log=None, shutdown_timeout=5.0,
            print=lambda *_: self._started(address),
        )  # fmt: skip

    async def _make_app(self) -> web.Application:
        app = await super()._make_app()
        app.router.add_get("/page.js", self.handle_script)
        app.router.add_get("/ws/{place}", self.handle_websocket)
        app.middlewares.append(self._guard)
        return app

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """403 for a name that is not ours (another site's, turned to this address), for another site's page, and for
        a page without the secret."""
        origin = request.headers.get("Origin")
        if not self.is_ours(request.host) or (origin is not None and urlsplit(origin).netloc != request.host):
            return web.Response(status=403, text=f"this page is not served to '{request.host}'\n")
        if self.secret and request.path == "/" and "key" in request.query:
            answer: web.StreamResponse = web.Response(status=302, headers={"Location": "/"})
            answer.set_cookie(self.cookie, request.query["key"], httponly=True, samesite="Lax", path="/")
        elif self.secret and not self._knows(request):
            return web.Response(status=403, text="open the address that 'hostdeck serve --write' has printed\n")
        else:
            answer = await handler(request)
        if not answer.prepared:
            answer.headers.update(HEADERS)
        return answer

    def is_ours(self, host: str) -> bool:
        """Whether a request's `Host` is a name of this server. An address is: no other site can be at it."""
        name = urlsplit(f"//{host}").hostname or ""
        if is_loopback(name) or (self._known and host == self._known):
            return True
        if is_loopback(self.host):
            return False
        return _is_address(name) or name in {self.host.lower(), gethostname().lower(), getfqdn().lower()}

    def _knows(self, request: web.Request) -> bool:
        return hmac.compare_digest(request.cookies.get(self.cookie, "").encode(), self.secret.encode())

    async def handle_index(self, request: web.Request) -> web.StreamResponse:
        size = min(48, max(8, to_int(request.query.get("fontsize", "16"), 16)))
        return web.Response(text=self._page.replace("{font_size}", str(size)), content_type="text/html")

    async def handle_script(self, request: web.Request) -> web.StreamResponse:
        return web.Response(text=self._script, content_type="text/javascript")

    async def handle_websocket(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(heartbeat=15)
        await socket.prepare(request)

        async def told(text: str) -> None:
            """A download is a link, not a window: browsers block those that nobody clicked."""
            type_, data = json.loads(text)
            await socket.send_str(json.dumps(["download" if type_ == "deliver_file_start" else type_, data]))

        async def close() -> None:
            await socket.close()

        console = Console(
            self.command, write_bytes=socket.send_bytes, write_str=told, close=close,
            download_manager=self.download_manager,
        )  # fmt: skip
        place = request.match_info.get("place", "")
        console.place = place if place_words(place) else ""
        width, height = (to_int(request.query.get(name, ""), usual) for name, usual in (("width", 80), ("height", 24)))
        self._open.add(socket)
        try:
            await console.start(width, height)
            await self._process_messages(socket, console)
        finally:
            self._open.discard(socket)
            await console.stop()
        return socket
