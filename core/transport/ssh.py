"""SSH by asyncssh: pinned host key given in memory, one key or one password, nothing of the user's own configuration.

Channels carry bytes: with text, one bad byte from a node closes the whole connection (`stack.md` 0.4).
"""

from __future__ import annotations

import asyncio
import secrets
import shlex
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import asyncssh

from hostdeck.core.errors import NotYet, Permanent, StepError, Transient
from hostdeck.core.transport.base import Arrival, Channel, HostKeyChanged, Login, LoginRefused, Unreachable
from hostdeck.core.transport.reasons import reason_of

CHANNELS = 4
"""Sessions used of one connection; sshd's default allows 10, and frees one a little after its exit status."""

RECONNECT = (0.2, 0.5, 1.0)
"""Pauses before a connect that died before login is tried again: v-add-user restarts sshd (`hestia-recipes.md` 2)."""

CHUNK = 65536

FAST_CIPHERS = "aes256-gcm@openssh.com,aes128-gcm@openssh.com"
"""Tried first: they take a sixth less of our time than asyncssh's own first choice, ChaCha20."""
LOOK_EVERY = 0.1


class Visit(asyncssh.SSHClient):
    """Our side of one connection; what it has come to can be asked when it has failed."""

    def __init__(self) -> None:
        self._connection: asyncssh.SSHClientConnection | None = None

    def connection_made(self, conn: asyncssh.SSHClientConnection) -> None:
        self._connection = conn

    @property
    def banner(self) -> str:
        return str(self._connection.get_extra_info("server_version") or "") if self._connection else ""

    @property
    def key_agreed(self) -> bool:
        return self._connection is not None and self._connection.get_server_host_key() is not None


class SshNode:
    """One node: at most one kept connection, opened when first needed, and a few channels on it."""

    def __init__(self, login: Login, dials: asyncio.Semaphore | None = None) -> None:
        """`dials` bounds how many connections are being made at once, to all nodes together."""
        self.login = login
        self._dials = dials or asyncio.Semaphore(1)
        self._connection: asyncssh.SSHClientConnection | None = None
        self._visit = Visit()
        self._connecting = asyncio.Lock()
        self._limit = CHANNELS
        self._taken = self._running = 0
        self._freed = asyncio.Condition()
        self._prefix: dict[str, tuple[str, ...]] = {}

    @property
    def is_connected(self) -> bool:
        return self._connection is not None and not self._connection.is_closed()

    @asynccontextmanager
    async def open(self, command: str) -> AsyncIterator[Channel]:
        if "\0" in command:
            raise Permanent(f"{self.login.server}: a command may not contain NUL")
        process = None
        while process is None:
            async with self._session():
                process = await self._start(command)
                if process is None:
                    continue
                self._running += 1
                try:
                    yield SshChannel(process)
                finally:
                    self._running -= 1
                    # Closing does not end the command on the node; the guard sees to that.
                    process.close()

    @asynccontextmanager
    async def _session(self) -> AsyncIterator[None]:
        """One of the few sessions; waits until one is free."""
        async with self._freed:
            await self._freed.wait_for(lambda: self._taken < self._limit)
            self._taken += 1
        try:
            yield
        finally:
            self._taken -= 1
            async with self._freed:
                self._freed.notify_all()

    async def _start(self, command: str) -> asyncssh.SSHClientProcess[bytes] | None:
        """None where the node allows no more sessions than run now: that many are used from then on."""
        for pause in (*RECONNECT, None):
            connection = await self._connected()
            try:
                return await connection.create_process(command, encoding=None, term_type=None)
            except asyncssh.ChannelOpenError as error:
                if pause is not None:
                    await asyncio.sleep(pause)
                elif self._running:
                    self._limit = self._running
                else:
                    text = f"{self.login.server}: opens no more sessions ({error.reason}); see MaxSessions in its sshd"
                    raise NotYet(text) from None
        return None

    async def _connected(self) -> asyncssh.SSHClientConnection:
        async with self._connecting:
            if self._connection is None or self._connection.is_closed():
                self._connection = await self._connect()
                self._limit = CHANNELS
            return self._connection

    async def _connect(self) -> asyncssh.SSHClientConnection:
        for pause in (*RECONNECT, None):
            try:
                async with self._dials:
                    return await asyncio.wait_for(self._dial(), self.login.connect_timeout + self.login.login_timeout)
            except asyncssh.HostKeyNotVerifiable:
                name = self.login.server
                raise HostKeyChanged(
                    f"{name}: its host key is not the pinned one; nothing was sent. Compare the key on the node's own "
                    f"console; if it is right: hostdeck server activate {name} --host-key SHA256:…"
                ) from None
            except asyncssh.PermissionDenied:
                how = "key" if self.login.key else "password"
                raise LoginRefused(
                    f"{self.login.server}: login as {self.login.username} with this {how} is refused; "
                    "put the public key into its authorized_keys or enter the credential again"
                ) from None
            except (ConnectionRefusedError, TimeoutError, OSError, asyncssh.Error) as error:
                died_before_login = isinstance(error, ConnectionResetError | asyncssh.ConnectionLost)
                if pause is None or not died_before_login:
                    reason = _words(error, self._visit)
                    raise Unreachable(f"{self.login.server}: not reachable at {self._where()} ({reason})") from None
                await asyncio.sleep(pause)
        raise AssertionError("the last pause is None")

    def _where(self) -> str:
        return f"{self.login.host}:{self.login.port}"

    async def _dial(self) -> asyncssh.SSHClientConnection:
        login = self.login
        self._visit = visit = Visit()
        pinned = asyncssh.import_public_key(login.host_key)
        return await asyncssh.connect(
            login.host,
            login.port,
            client_factory=lambda: visit,
            username=login.username,
            client_keys=[asyncssh.import_private_key(login.key.reveal())] if login.key else [],
            password=login.password.reveal() if login.password else None,
            known_hosts=([pinned], [], []),
            config=None,
            agent_path=None,
            connect_timeout=login.connect_timeout,
            login_timeout=login.login_timeout,
            keepalive_interval=10,
            keepalive_count_max=3,
            encryption_algs=f"^{FAST_CIPHERS}",
        )

    async def prefix(self, owned: str) -> tuple[str, ...]:
        """Asked once a node, of all but root; what a login shell says before our mark does not count."""
        if self.login.username == "root":
            return ()  # where that is not uid 0, the guard says so
        if owned not in self._prefix:
            mark = f"@{secrets.token_hex(8)}"
            async with self.open(f"echo; echo {mark}; id -u; [ -O {shlex.quote(owned)} ] && echo own; true") as channel:
                text = b"".join([part async for part in channel.stdout()])
                said = text.partition(f"\n{mark}\n".encode())[2].split()
                if await channel.exit_status() is None:
                    raise Transient(f"{self.login.server}: the line was lost while asking who we are")
            if not said or not said[0].isdigit():
                raise Permanent(
                    f"{self.login.server}: 'id -u' gave no number; the login shell must be a plain POSIX shell"
                )
            direct = said[0] == b"0" or b"own" in said
            self._prefix[owned] = () if direct else ("sudo", "-n", "--")
        return self._prefix[owned]

    async def arrive(self, seen: Callable[[Arrival], None]) -> Arrival:
        """Comes in anew where nobody uses the kept connection just now; who we are there is asked anew too."""
        if self._connection is not None and not self._running:
            self._connection.abort()
            self._connection = None
        self._prefix.clear()
        trouble: StepError | None = None
        coming = asyncio.ensure_future(self._connected())
        try:
            # Nothing tells of a banner or a key that came; a peer that then says no more is waited for long.
            while not (await asyncio.wait((coming,), timeout=LOOK_EVERY))[0]:
                seen(Arrival(self._visit.banner, self._visit.key_agreed, None))
            await coming
        except StepError as error:
            trouble = error
        finally:
            coming.cancel()
        return Arrival(self._visit.banner, self._visit.key_agreed, trouble)

    async def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            await self._connection.wait_closed()
            self._connection = None


def _words(error: Exception, visit: Visit) -> str:
    words = reason_of(error)
    junk = isinstance(error, asyncssh.ProtocolError | asyncssh.ProtocolNotSupported) and not visit.banner
    return f"bad banner: {words}" if junk else words


class SshChannel:
    """An exec under way on a connection of asyncssh's."""

    def __init__(self, process: asyncssh.SSHClientProcess[bytes]) -> None:
        self._process = process

    def stdout(self) -> AsyncIterator[bytes]:
        return _chunks(self._process.stdout)

    def stderr(self) -> AsyncIterator[bytes]:
        return _chunks(self._process.stderr)

    def write(self, data: bytes) -> None:
        try:
            self._process.stdin.write(data)
        except BrokenPipeError:
            pass  # the command ended without reading all of it; its frames say how

    def write_eof(self) -> None:
        try:
            self._process.stdin.write_eof()
        except BrokenPipeError:
            pass

    async def exit_status(self) -> int | None:
        await self._process.wait_closed()
        status = self._process.exit_status
        return status if status is not None and status >= 0 else None


async def _chunks(reader: asyncssh.SSHReader[bytes]) -> AsyncIterator[bytes]:
    """What arrives, as it arrives; a connection that dies ends the stream, and the exit status stays None."""
    while True:
        try:
            data = await reader.read(CHUNK)
        except (asyncssh.Error, OSError):
            return
        if not data:
            return
        yield data
