"""A real browser for tests: headless Chromium with a profile of its own, driven by DevTools, ended by its pid."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import shutil
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any

import pytest

FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-component-update",
    "--disable-background-networking", "--disable-sync", "--disable-default-apps", "--disable-dev-shm-usage",
    "--no-proxy-server", "--remote-debugging-port=0", "--window-size=1280,800",
)  # fmt: skip


def program() -> str:
    """Chromium's name; where there is none the test is skipped, and fails on CI."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        if os.environ.get("CI"):
            pytest.fail("no Chromium on this machine; CI installs Debian's package 'chromium'")
        pytest.skip("no Chromium on this machine (Debian: apt install chromium)")
    return found


class Page:
    """One open page: what it asked the network for, what its sockets brought, and what was written to its console."""

    def __init__(self, socket: Any) -> None:
        self._socket = socket
        self._numbers = count(1)
        self._answers: dict[int, asyncio.Future[Any]] = {}
        self._news = asyncio.Event()
        self.asked: list[str] = []
        self.errors: list[str] = []
        self.frames: list[str] = []

    async def listen(self) -> None:
        async for message in self._socket:
            told = json.loads(message.data)
            if "id" in told:
                self._answers.pop(told["id"]).set_result(told)
            else:
                self._hear(told["method"], told["params"])
            self._news.set()

    def _hear(self, method: str, params: dict[str, Any]) -> None:
        if method == "Network.requestWillBeSent":
            self.asked.append(params["request"]["url"])
        elif method == "Network.webSocketCreated":
            self.asked.append(params["url"])
        elif method == "Network.webSocketFrameReceived":
            frame = params["response"]
            text = frame["payloadData"]
            self.frames.append(base64.b64decode(text).decode("utf-8", "replace") if frame["opcode"] == 2 else text)
        elif method == "Log.entryAdded" and params["entry"]["level"] == "error":
            self.errors.append(params["entry"]["text"])
        elif method == "Runtime.exceptionThrown":
            self.errors.append(json.dumps(params["exceptionDetails"])[:500])

    async def call(self, method: str, **params: Any) -> Any:
        number = next(self._numbers)
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        await self._socket.send_json({"id": number, "method": method, "params": params})
        told = await answer
        assert "error" not in told, told
        return told["result"]

    async def value(self, expression: str) -> Any:
        told = await self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in told, told
        return told["result"].get("value")

    async def until(self, is_so: Callable[[], bool], seconds: float = 40.0) -> None:
        """Looks whenever the browser has told something."""
        async with asyncio.timeout(seconds):
            while not is_so():
                self._news.clear()
                await self._news.wait()

    async def press(self, key: str) -> None:
        await self.call("Input.dispatchKeyEvent", type="keyDown", key=key, text=key)
        await self.call("Input.dispatchKeyEvent", type="keyUp", key=key)


@asynccontextmanager
async def browser(profile: Path) -> AsyncIterator[Page]:
    """An empty page; the browser is ended with the block."""
    import aiohttp

    command = [program(), *FLAGS, f"--user-data-dir={profile}", "about:blank"]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        async with asyncio.timeout(60):
            while not (lines := _port_of(profile)):
                assert process.poll() is None, "Chromium ended by itself"
                await asyncio.sleep(0.1)  # it writes its port into a file, which sends no event
        async with aiohttp.ClientSession() as session:
            async with session.get(f"http://127.0.0.1:{lines[0]}/json") as answer:
                target = next(one for one in await answer.json() if one["type"] == "page")
            async with session.ws_connect(target["webSocketDebuggerUrl"], max_msg_size=0) as socket:
                page = Page(socket)
                listening = asyncio.create_task(page.listen())
                for domain in ("Network", "Page", "Log", "Runtime"):
                    await page.call(f"{domain}.enable")
                yield page
                listening.cancel()
                with suppress(asyncio.CancelledError):
                    await listening
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _port_of(profile: Path) -> list[str]:
    try:
        lines = (profile / "DevToolsActivePort").read_text().split()
    except FileNotFoundError:
        return []
    return lines if len(lines) == 2 else []
