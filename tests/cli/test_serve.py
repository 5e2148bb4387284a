"""The console in a browser: a real one shows its rows and takes its keys, and nobody else gets in."""

from __future__ import annotations

import asyncio
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.chromium import Page, browser, program
from tests.cli import seed
from tests.cli.conftest import Call
from tests.postgres import free_port

from hostdeck.core.domain.vocabulary import ServiceStatus, TaskStatus
from hostdeck.core.store.db import connection
from hostdeck.tui.place import place_words

pytest.importorskip("textual_serve", reason="the browser's extra is not installed: pip install 'hostdeck[serve]'")
import aiohttp

BYTES = re.compile(r"\x1b\[[0-9;?$ ]*[A-Za-z~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b.")
Served = tuple[str, subprocess.Popen[str]]


@pytest.fixture
def fleet(home: Path) -> Path:
    with connection():
        seed.service("one.example.com", ServiceStatus.ACTIVE, [TaskStatus.SUCCESS])
    return home


@contextmanager
def served(home: Path, *flags: str) -> Iterator[Served]:
    """The address that is printed, and the process behind it."""
    command = [sys.executable, "-W", "ignore", "-m", "hostdeck", "--home", str(home), "serve"]
    command += ["--port", str(free_port()), *flags]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=pipe, stderr=subprocess.STDOUT, text=True
    ) as server:
        assert server.stdout is not None
        try:
            line = server.stdout.readline()
            found = re.search(r"http://\S+", line)
            assert found, line + server.stdout.read()
            yield found[0], server
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(30)
            server.stdout.read()


def drawn(page: Page) -> str:
    """All text that the terminal was sent, without what places and colours it."""
    return BYTES.sub(" ", "".join(frame for frame in page.frames if not frame.startswith("[")))


INK = """(() => {
  let ink = 0;
  for (const canvas of document.querySelectorAll('.xterm-screen canvas')) {
    const context = canvas.getContext('2d');
    if (!context || !canvas.width) continue;
    const data = context.getImageData(0, 0, canvas.width, canvas.height).data;
    for (let at = 0; at < data.length; at += 4) if (data[at] > 150 && data[at + 3] > 150) ink++;
  }
  return ink;
})()"""
"""How many bright points the terminal has drawn."""


@pytest.mark.timeout(180)
@pytest.mark.xdist_group("chromium")
async def test_a_browser_shows_the_rows_takes_keys_and_comes_back_to_the_same_place(
    fleet: Path, tmp_path: Path
) -> None:
    program()
    with served(fleet) as (address, _):
        async with browser(tmp_path / "profile") as page:
            await page.call("Page.navigate", url=address)
            await page.until(lambda: "Needs attention" in drawn(page) and "web01" in drawn(page))
            assert " RO " in drawn(page)
            assert await page.value(INK) > 1000

            page.frames.clear()
            await typed(page, "4")
            await page.until(lambda: "one.example.com" in drawn(page) and '["place", "services"]' in page.frames)
            assert await page.value("location.hash") == "#services"

            page.frames.clear()
            await page.call("Page.reload")
            await page.until(lambda: "one.example.com" in drawn(page) and '["place", "services"]' in page.frames)
            assert '["place", "home"]' not in page.frames

            page.frames.clear()
            await typed(page, "2")
            await page.until(lambda: "web01" in drawn(page) and '["place", "servers"]' in page.frames)
            await typed(page, "s")
            await page.until(lambda: "hostdeck runs read-only here" in drawn(page))

            await typed(page, "qq")
            while not await page.value("document.body.classList.contains('-closed')"):
                await page.value("new Promise(done => setTimeout(done, 50))")
            elsewhere = [url for url in page.asked if not re.match(r"(http|ws)://127\.0\.0\.1:|data:|about:", url)]
            assert (elsewhere, page.errors) == ([], [])


async def typed(page: Page, keys: str) -> None:
    await page.value("document.querySelector('.xterm-helper-textarea').focus()")
    for key in keys:
        await page.press(key)


# ------------------------------------------------------------------------------------------- the same without a browser


@asynccontextmanager
async def opened(address: str, place: str = "") -> AsyncIterator[tuple[Any, Callable[..., Any]]]:
    """A page's socket, and what waits until it has brought this."""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        async with session.get(address) as answer:
            assert answer.status == 200
        base = address.split("?")[0]
        async with session.ws_connect(f"{base}ws{place}?width=100&height=30", origin=base.rstrip("/")) as socket:
            seen = [""]

            async def until(words: str, keys: str = "") -> str:
                if keys:
                    seen[0] = ""
                    await socket.send_json(["stdin", keys])
                async with asyncio.timeout(40):
                    while words not in seen[0]:
                        message = await socket.receive()
                        if isinstance(message.data, bytes):
                            seen[0] += BYTES.sub(" ", message.data.decode("utf-8", "replace"))
                        elif isinstance(message.data, str):
                            seen[0] += message.data
                        else:
                            raise AssertionError(f"the page was closed: {message}, after {seen[0][-500:]}")
                return seen[0]

            yield session, until


async def test_what_is_saved_is_downloaded(fleet: Path) -> None:
    with served(fleet) as (address, _):
        async with opened(address, "/stats") as (session, until):
            await until("one.example.com")
            told = await until('["download"', "\x13")
            key = re.search(r'\["download", "(\w+)"\]', told)
            assert key
            async with session.get(f"{address}download/{key[1]}") as answer:
                assert (answer.status, "one.example.com" in await answer.text()) == (200, True)
    assert not (fleet / "export").exists()


async def test_only_our_own_page_gets_in_and_a_console_ends_with_its_page(fleet: Path) -> None:
    with served(fleet) as (address, server):
        async with aiohttp.ClientSession() as session:
            for headers, status in (
                ({}, 200),
                ({"Host": "localhost:1"}, 200),
                ({"Host": "evil.example"}, 403),
                ({"Host": "evil.example", "Origin": "http://evil.example"}, 403),
                ({"Origin": "http://evil.example"}, 403),
                ({"Origin": "http://127.0.0.1:1"}, 403),
            ):
                async with session.get(address, headers=headers) as answer:
                    assert answer.status == status, headers
            with pytest.raises(aiohttp.WSServerHandshakeError):
                await session.ws_connect(f"{address}ws", origin="http://evil.example")
        assert children(server.pid) == []
        async with opened(address) as (_, until):
            await until("Needs attention")
            started = children(server.pid)
            assert len(started) == 1
        until_so(lambda: not children(server.pid))
        async with opened(address) as (_, until):
            await until("Needs attention")
            (left,) = children(server.pid)
            server.send_signal(signal.SIGTERM)
            assert await asyncio.to_thread(server.wait, 30) == 0
            until_so(lambda: not Path(f"/proc/{left}").exists())


def children(process: int) -> list[str]:
    return Path(f"/proc/{process}/task/{process}/children").read_text().split()


def until_so(is_so: Callable[[], bool]) -> None:
    """What is watched is another process, which sends no event."""
    end = time.monotonic() + 30
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.05)


async def test_only_who_has_the_printed_address_can_change_something(fleet: Path) -> None:
    with served(fleet, "--write") as (address, _):
        base = address.split("?")[0]
        async with aiohttp.ClientSession() as session:
            for path in ("", "?key=guessed", "ws", "static/js/textual.js", "page.js"):
                async with session.get(f"{base}{path}") as answer:
                    assert answer.status == 403, path
        async with opened(address) as (_, until):
            assert " RW " in await until("Needs attention")
            await until("web01", "2")
            await until("a browser can't be handed over to a shell", "s")


@pytest.mark.parametrize(
    ("host", "public", "asked", "ours"),
    [
        ("127.0.0.1", None, "[::1]:9000", True), ("127.0.0.1", None, "mgmt01:8000", False),
        ("127.0.0.1", "https://deck.example.com", "deck.example.com", True),
        ("0.0.0.0", None, "192.0.2.7:8000", True), ("0.0.0.0", None, f"{socket.gethostname()}:8000", True),
        ("0.0.0.0", None, "evil.example:8000", False), ("0.0.0.0", None, "", False),
    ],
)  # fmt: skip
def test_a_name_that_somebody_else_may_turn_to_this_address_is_not_ours(
    host: str, public: str | None, asked: str, ours: bool
) -> None:
    from hostdeck.tui.browser.server import Browser

    assert Browser("true", host, 8000, public_url=public).is_ours(asked) is ours


def test_the_page_names_no_other_site() -> None:
    from hostdeck.tui.browser import server

    folder = Path(server.__file__).parent
    for file in ("page.html", "page.js"):
        assert not re.search(r"(https?:)?//[a-z]", (folder / file).read_text())


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (("--write", "--host", "0.0.0.0"), "ssh -L 8000:127.0.0.1:8000 HOST"),
        (("--write", "--public-url", "https://deck.example.com"), "--write is for this machine alone"),
        (("--write", "--read-only"), "hostdeck runs read-only here"),
        (("--json",), "it draws screens, no JSON"),
    ],
)
def test_what_is_refused_says_what_to_do(call: Call, argv: tuple[str, ...], said: str) -> None:
    told = call("serve", *argv)
    assert told.code == 4
    assert said in told.out + told.err


def test_a_port_that_is_taken_is_said(call: Call) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        told = call("serve", "--port", str(other.getsockname()[1]))
    assert (told.code, told.err.count("\n")) == (4, 1)
    assert "can't listen on 127.0.0.1:" in told.err


def test_without_the_extra_it_says_how_to_get_it(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hostdeck.tui.cli.serve.importlib.util.find_spec", lambda name: None)
    told = call("serve")
    assert (told.code, told.err) == (
        4, "hostdeck: serve: the browser needs the extra: pip install 'hostdeck[serve]'\n"
    )  # fmt: skip


def test_the_command_line_loads_no_server_before_it_is_asked_for() -> None:
    code = "import sys, hostdeck.tui.app, hostdeck.tui.cli.serve; print([n for n in sys.modules if 'aiohttp' in n])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("services", ("services", "")), ("services/customer.com", ("services", "customer.com")),
        ("tasks/12", ("tasks", "12")), ("order", None), ("quit", None), ("services/../x", None), ("stats/x", None),
        ("services/a b", None), ("", None), ("servers/-x", None),
    ],
)  # fmt: skip
def test_an_address_opens_a_place_and_nothing_else(place: str, words: tuple[str, str] | None) -> None:
    assert place_words(place) == words
