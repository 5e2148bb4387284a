"""A pretend node: an SSH server on the loopback which answers as a Hestia or PowerDNS node would."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import asyncssh

from hostdeck.core.sim.faults import CONNECT, Fault, Faults, Kind
from hostdeck.core.sim.guard import BadCall, Guard, parse, split
from hostdeck.core.sim.hestia import Files, HestiaNode, MemoryFiles
from hostdeck.core.sim.lock import NodeLock
from hostdeck.core.sim.powerdns import PowerDnsNode
from hostdeck.core.sim.runner import STDERR, STDOUT, Account, Emit, Ran, Runner

HOME = "/usr/local/hestia"
PANELS = {"hestiacp": HOME, "powerdns": "/etc/powerdns"}
CRASHED = 70  # the simulator itself fell over; the loop's exception handler tells why
_IDENTIFY = re.compile(r"(echo; echo (?P<mark>@[0-9a-f]{16}); )?id -u; \[ -O (?P<path>.+) \] && echo own; true")
_PROBE = re.compile(r"(env( \S+=\S*)* )?sh -s")
Process = asyncssh.SSHServerProcess[bytes]
PublicKey = str | asyncssh.SSHKey


class _Door(asyncssh.SSHServer):
    """Who may come in, and what happens to those who try."""

    def __init__(self, node: SimNode) -> None:
        self._node = node
        self._conn: asyncssh.SSHServerConnection | None = None
        self._fault: Fault | None = None

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._conn = conn
        self._node.connections.add(conn)
        self._fault = self._node.faults.take(CONNECT)
        if self._fault is not None and self._fault.kind is Kind.REFUSE:
            conn.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._conn is not None:
            self._node.connections.discard(self._conn)

    async def begin_auth(self, username: str) -> bool:
        if self._fault is not None and self._conn is not None:
            await asyncio.sleep(self._fault.seconds)
            if self._fault.kind is Kind.HANG:
                self._conn.abort()
        return True

    def password_auth_supported(self) -> bool:
        return self._node.password is not None or self._node.open_house

    def validate_password(self, username: str, password: str) -> bool:
        return self._node.open_house or (username == self._node.user and password == self._node.password)

    def public_key_auth_supported(self) -> bool:
        return bool(self._node.authorized) or self._node.open_house

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        return self._node.open_house or (username == self._node.user and key.public_data in self._node.authorized)


_LINE = 1 << 20
"""Bytes of the longest line a client may send: a standard file travels as one."""


class SimNode:
    """One node. Its account book is `account`; `journal` and `overlaps` tell what it was asked to do."""

    def __init__(
        self,
        name: str,
        port: int = 0,
        driver: str = "hestiacp",
        latency_ms: float = 0,
        faults: Iterable[str | Fault] = (),
        user: str = "root",
        host_key: asyncssh.SSHKey | None = None,
        authorized: Sequence[PublicKey] | None = None,
        password: str | None = None,
        *,
        account: Account | None = None,
        files: Files | None = None,
        ip: str = "203.0.113.10",
    ) -> None:
        self.name, self.user, self.password, self.driver = name, user, password, driver
        self.host_key = host_key or asyncssh.generate_private_key("ssh-ed25519")
        self.authorized = {_public_data(key) for key in authorized or ()}
        self.open_house = not self.authorized and password is None
        self.faults = Faults(faults)
        self.files = files if files is not None else MemoryFiles()
        self.account = account or _account(driver, name, ip, self.files)
        self.runner = Runner(self.account, latency_ms, self.faults)
        self.connections: set[asyncssh.SSHServerConnection] = set()
        self.sudo: str | None = "(ALL : ALL) NOPASSWD: ALL"
        """What sudo lists for a login that is not root; None: it asks for a password."""
        self._home = PANELS[driver]
        self._asked_port = port
        self._lock = NodeLock()
        self._acceptor: asyncssh.SSHAcceptor | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def port(self) -> int:
        return self._acceptor.get_port() if self._acceptor is not None else self._asked_port

    @property
    def host_key_fingerprint(self) -> str:
        return self.host_key.get_fingerprint()

    @property
    def journal(self) -> list[Ran]:
        return self.runner.journal

    @property
    def overlaps(self) -> list[str]:
        return self.runner.overlaps

    async def start(self) -> None:
        self._acceptor = await asyncssh.listen(
            "127.0.0.1",
            self.port,
            server_factory=lambda: _Door(self),
            server_host_keys=[self.host_key],
            process_factory=self._begin,
            encoding=None,
            allow_pty=False,
            login_timeout=60,
        )
        self._asked_port = self._acceptor.get_port()

    async def stop(self) -> None:
        """Closes the door, every connection, and what was under way: a node whose power went."""
        if self._acceptor is not None:
            self._acceptor.close()
            await self._acceptor.wait_closed()
            self._acceptor = None
        for conn in list(self.connections):
            conn.abort()
            await conn.wait_closed()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def idle(self) -> None:
        """Waits until nothing is under way, also what a client left behind."""
        while self._tasks:
            await asyncio.wait(set(self._tasks))

    async def __aenter__(self) -> SimNode:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    def _begin(self, process: Process) -> None:
        # A task of the node's own: a client that goes away ends its channel, not the command.
        task = asyncio.get_running_loop().create_task(self._serve(process))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, process: Process) -> None:
        stdin = asyncio.StreamReader(limit=_LINE)
        pump = asyncio.create_task(_pump(process, stdin))
        code: int | None = CRASHED
        try:
            code = await self._answer(process, stdin)
        finally:
            pump.cancel()
            if code is not None:
                process.exit(code)

    async def _answer(self, process: Process, stdin: asyncio.StreamReader) -> int | None:
        command, emit = process.command or "", _emitter(process)
        root = process.get_extra_info("username") == "root"
        if (form := _IDENTIFY.fullmatch(command)) is not None:
            if form["mark"]:
                await emit(STDOUT, f"\n{form['mark']}\n".encode())
            await emit(STDOUT, b"0\n" if root else b"1000\n")
            if root and form["path"] in (f"{self._home}/bin", f"{self._home}/pdns.conf"):
                await emit(STDOUT, b"own\n")
            return 0
        try:
            sudo, words = split(command)
            call = parse(words)
        except BadCall as error:
            await emit(STDERR, f"hdk: {error}\n".encode())
            return 127
        if words == ["-l"] and sudo:
            return await self._list_sudo(emit)
        if sudo and not root and "NOPASSWD: ALL" not in (self.sudo or ""):
            await emit(STDERR, b"sudo: a password is required\n")
            return 1
        root = root or sudo
        drop = _dropper(process)
        if call is not None:
            guard = Guard(call, self.runner, self._lock, self.files, stdin, emit, drop, root=root, home=self._home)
            return await guard.serve()
        if _PROBE.fullmatch(" ".join(words)):
            await stdin.read()
            await emit(STDOUT, re.sub(r"(?m)^lock=.*$", f"lock={self._lock}", self.account.probe()).encode())
            return 0
        if words == ["id", "-u"]:
            await emit(STDOUT, b"0\n" if root else b"1000\n")
            return 0
        if not words or _has_operators(command):
            await emit(STDERR, f"bash: line 1: {command[:200]}: not something this pretend node does\n".encode())
            return 127
        return await self.runner.run(words, emit, drop)

    async def _list_sudo(self, emit: Emit) -> int:
        """`sudo -n -l`."""
        if self.sudo is None:
            await emit(STDERR, b"sudo: a password is required\n")
            return 1
        text = f"User {self.user} may run the following commands on {self.name}:\n    {self.sudo}\n"
        await emit(STDOUT, text.encode())
        return 0


async def _pump(process: Process, stdin: asyncio.StreamReader) -> None:
    """Carries stdin over; signals are heard and ignored, as the guard's traps do. A lost client is an end of file."""
    while True:
        try:
            data = await process.stdin.read(65536)
        except (asyncssh.SignalReceived, asyncssh.BreakReceived, asyncssh.TerminalSizeChanged):
            continue
        except (asyncssh.Error, OSError):
            break
        if not data:
            break
        stdin.feed_data(data)
    stdin.feed_eof()


def _emitter(process: Process) -> Emit:
    writers = {STDOUT: process.stdout, STDERR: process.stderr}

    async def emit(stream: int, data: bytes) -> None:
        try:
            writers[stream].write(data)
            await writers[stream].drain()
        except (asyncssh.Error, OSError):
            pass  # nobody listens any more; the command goes on

    return emit


def _dropper(process: Process) -> Callable[[], None]:
    conn: Any = process.get_extra_info("connection")
    return lambda: conn.abort()


def _has_operators(command: str) -> bool:
    """Whether a shell would see more than one plain command outside quotes."""
    bare = re.sub(r"'[^']*'|\"[^\"]*\"|\\.", "", command)
    return re.search(r"[;&|<>`$()\n]", bare) is not None


def _public_data(key: PublicKey) -> bytes:
    return (asyncssh.import_public_key(key) if isinstance(key, str) else key).public_data


def _account(driver: str, name: str, ip: str, files: Files) -> Account:
    if driver == "powerdns":
        return PowerDnsNode(name, ip, files=files)
    if driver == "hestiacp":
        return HestiaNode(name, ip, files=files, home=HOME)
    raise ValueError(f"no pretend node for the driver {driver!r}; known: hestiacp, powerdns")
