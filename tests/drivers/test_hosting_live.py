"""The fixed text that asks a node's own web server as a visitor would, run by bash against a real server."""

from __future__ import annotations

import http.server
import os
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from hostdeck.core.drivers.hestia.scripts import HOSTING_LIVE, script

IP = f"127.77.{os.getpid() // 250 % 250}.{os.getpid() % 250 + 1}"
"""Loopback of this process's own, since visitors come to port 80."""

PAGES = {
    "live.example": "<html><title>Welcome</title>",
    "shut.example": "<html><head><title>Access Denied</title></head>",
}

needs_port_80 = pytest.mark.skipif(os.geteuid() != 0, reason="only root may listen on port 80; CI is root")


class Site(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = PAGES[self.headers["Host"]].encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def node(tmp_path: Path) -> Path:
    """The data folder of one user with three domains, and the mail server's links."""
    user = tmp_path / "users" / "u1"
    user.mkdir(parents=True)
    lines = [f"DOMAIN='{name}' IP='{IP}' IP6='' WEB_TPL='default' SUSPENDED='no'" for name in (*PAGES, "gone.example")]
    (user / "web.conf").write_text("\n".join(lines) + "\n")
    (tmp_path / "exim").mkdir()
    (tmp_path / "exim" / "live.example").write_text("")
    return tmp_path


@pytest.fixture
def server() -> Iterator[None]:
    with http.server.ThreadingHTTPServer((IP, 80), Site) as serving:
        thread = threading.Thread(target=serving.serve_forever)
        thread.start()
        yield
        serving.shutdown()
        thread.join()


def said(node: Path, domain: str) -> str:
    argv = script(HOSTING_LIVE, "hosting-live", "u1", domain, str(node / "users"), str(node / "exim"))
    return subprocess.run(argv, capture_output=True, text=True, check=True).stdout


@needs_port_80
@pytest.mark.usefixtures("server")
@pytest.mark.parametrize(
    ("domain", "wanted"),
    [
        ("live.example", "site=live\nmail=1\n"),
        ("shut.example", "site=suspended\nmail=0\n"),
        ("other.example", "site=none\nmail=0\n"),
    ],
)
def test_it_tells_the_site_from_the_notice(node: Path, domain: str, wanted: str) -> None:
    assert said(node, domain) == wanted


def test_a_web_server_that_does_not_answer_serves_nothing(node: Path) -> None:
    assert said(node, "gone.example") == "site=none\nmail=0\n"
