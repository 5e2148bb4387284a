"""A real OpenSSH server on the loopback for one test: own key, own configuration, ended by its own pid.

with start_sshd(tmp_path) as sshd:
    async with asyncssh.connect("127.0.0.1", sshd.port, username=sshd.user,
                                client_keys=[str(sshd.client_key_path)], known_hosts=sshd.known_hosts, ...)
"""

from __future__ import annotations

import getpass
import os
import signal
import socket
import subprocess
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import asyncssh

SSHD = Path("/usr/sbin/sshd")
AVAILABLE = SSHD.exists()


@dataclass
class Sshd:
    port: int
    fingerprint: str
    host_public_key: str
    client_key_path: Path
    client_public_key: str
    user: str
    process: subprocess.Popen[bytes]
    log: list[str] = field(default_factory=list)

    @property
    def known_hosts(self) -> tuple[list[asyncssh.SSHKey], list[asyncssh.SSHKey], list[asyncssh.SSHKey]]:
        return [asyncssh.import_public_key(self.host_public_key)], [], []

    @property
    def options(self) -> dict[str, object]:
        """What `asyncssh.connect` needs to come in."""
        return {
            "host": "127.0.0.1",
            "port": self.port,
            "username": self.user,
            "client_keys": [str(self.client_key_path)],
            "known_hosts": self.known_hosts,
            "agent_path": None,
            "config": None,
        }

    def stop(self) -> None:
        """Ends it with its sessions: they outlive the listener, and a connection kept by a pool would never end."""
        sessions = _sessions(self.process.pid)
        self.process.terminate()
        self.process.wait(10)
        for pid in sessions:
            try:
                os.kill(pid, signal.SIGTERM)
            except ProcessLookupError:
                pass

    def __enter__(self) -> Sshd:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def start_sshd(folder: Path, user: str = "", settings: str = "") -> Sshd:
    """Starts one in `folder/sshd` and returns when it listens. `user` is who shall log in, by default the running user;
    `settings` are lines of sshd_config that win over the usual ones: the first value of a keyword holds."""
    folder = folder / "sshd"
    folder.mkdir()
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    host_key, client_key = (asyncssh.generate_private_key("ssh-ed25519") for _ in range(2))
    for name, key in (("host_key", host_key), ("client_key", client_key)):
        (folder / name).touch(mode=0o600)
        key.write_private_key(folder / name)
    client_key.write_public_key(folder / "authorized_keys")
    for _ in range(3):  # the port may be taken between looking and binding
        port = _free_port()
        process, log = _listen(folder, port, settings)
        if process is not None:
            public = host_key.export_public_key().decode().strip()
            return Sshd(
                port,
                host_key.get_fingerprint(),
                public,
                folder / "client_key",
                client_key.export_public_key().decode().strip(),
                user or getpass.getuser(),
                process,
                log,
            )
    raise RuntimeError("sshd does not start:\n" + "\n".join(log))


def _listen(folder: Path, port: int, settings: str) -> tuple[subprocess.Popen[bytes] | None, list[str]]:
    config = folder / "sshd_config"
    config.write_text(
        f"{settings}\nPort {port}\nListenAddress 127.0.0.1\nHostKey {folder}/host_key\nPidFile none\n"
        f"AuthorizedKeysFile {folder}/authorized_keys\nStrictModes no\nUsePAM no\nUseDNS no\n"
        "PasswordAuthentication no\nKbdInteractiveAuthentication no\nPermitRootLogin prohibit-password\n"
        "PrintMotd no\nPrintLastLog no\nX11Forwarding no\nMaxStartups 100\n"
    )
    process = subprocess.Popen([SSHD, "-D", "-e", "-f", config], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
    stderr, log = process.stderr, []
    assert stderr is not None
    while line := stderr.readline():
        log.append(line.decode(errors="replace").rstrip())
        if "Server listening" in log[-1]:
            threading.Thread(target=_drain, args=(stderr, log), daemon=True).start()
            return process, log
    process.wait(10)
    stderr.close()
    return None, log


def _drain(stderr: IO[bytes], log: list[str]) -> None:
    with stderr:
        while line := stderr.readline():
            log.append(line.decode(errors="replace").rstrip())


def _sessions(pid: int) -> list[int]:
    """The sshd processes below one; what they run for a client is left alone. They may end while we look."""
    found = []
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    for child in map(int, children):
        try:
            name = Path(f"/proc/{child}/comm").read_text()
        except OSError:
            continue
        if name.startswith("sshd"):
            found += [child, *_sessions(child)]
    return found


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port
