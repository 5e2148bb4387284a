"""Where messages arrive in tests: a web server and a mail server on free ports of 127.0.0.1."""

from __future__ import annotations

import asyncio
import email
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage, Message
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session


@dataclass
class WebSink:
    """`got` holds the JSON documents; while `refuses` is above 0 a request is answered 503 instead and counts it
    down; `arrived` is set by each request that is taken."""

    port: int = 0
    got: list[dict[str, Any]] = field(default_factory=list)
    refuses: int = 0
    arrived: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"json://hook-user:hook-secret@127.0.0.1:{self.port}/hook-token"


@contextmanager
def web_sink(port: int = 0) -> Iterator[WebSink]:
    sink = WebSink()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if sink.refuses:
                sink.refuses -= 1
                self.send_error(503, "hook-token is not served just now")
                return
            sink.got.append(json.loads(body))
            self.send_response(200)
            self.end_headers()
            sink.arrived.set()

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    sink.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield sink
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass
class MailSink:
    port: int = 0
    got: list[EmailMessage] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"mailto://ops:mail-secret@127.0.0.1:{self.port}?from=hostdeck@example.net&to=duty@example.net"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        raw: Message = email.message_from_bytes(cast(bytes, envelope.content), policy=default)
        self.got.append(cast(EmailMessage, raw))
        return "250 taken"


def _let_in(server: object, session: object, envelope: object, mechanism: str, auth: object) -> AuthResult:
    right = isinstance(auth, LoginPassword) and (auth.login, auth.password) == (b"ops", b"mail-secret")
    return AuthResult(success=right)


@contextmanager
def mail_sink() -> Iterator[MailSink]:
    """Takes mail of the one user `ops`."""
    sink = MailSink()
    loop = asyncio.new_event_loop()

    def protocol() -> SMTP:
        return SMTP(sink, hostname="sink", auth_require_tls=False, authenticator=_let_in, loop=loop)

    server = loop.run_until_complete(loop.create_server(protocol, "127.0.0.1", 0))
    sink.port = server.sockets[0].getsockname()[1]
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield sink
    finally:
        loop.call_soon_threadsafe(server.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
