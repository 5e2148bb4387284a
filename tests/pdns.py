"""A real PowerDNS on the loopback for one test: own database, own configuration, ended by its own pid."""

from __future__ import annotations

import shutil
import socket
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import dns.exception
import dns.message
import dns.query
import dns.rcode

SCHEMA = Path("/usr/share/pdns-backend-sqlite3/schema/schema.sqlite3.sql")
AVAILABLE = SCHEMA.exists() and bool(shutil.which("pdns_server", path="/usr/sbin:/usr/bin"))
ADDRESS = "local-address=127.0.0.1\nlocal-port={port}"


@dataclass(frozen=True)
class Pdns:
    """`folder` is its configuration folder: what a server's --node-dir says."""

    folder: Path
    port: int

    def ask(self, name: str, kind: str) -> tuple[str, list[str]]:
        """The response code and the records, as the running server gives them."""
        query = dns.message.make_query(name, kind)
        reply = dns.query.tcp(query, "127.0.0.1", port=self.port, timeout=5)
        return dns.rcode.to_text(reply.rcode()), sorted(str(item) for rrset in reply.answer for item in rrset)

    def util(self, *args: str) -> str:
        command = ["pdnsutil", f"--config-dir={self.folder}", *args]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@contextmanager
def real_pdns(address: str = ADDRESS) -> Iterator[Pdns]:
    """Starts one and returns when it answers. Its folder's path is short: sockets lie in it. `address` are the lines
    of its configuration that say where it listens."""
    folder = Path(tempfile.mkdtemp(prefix="hdk-pdns-"))
    try:
        with sqlite3.connect(folder / "pdns.db") as database:
            database.executescript(SCHEMA.read_text())
        for _ in range(3):  # the port may be taken between looking and binding
            port = _free_port()
            process = _start(folder, port, address.format(port=port))
            if process is not None:
                try:
                    yield Pdns(folder, port)
                finally:
                    process.terminate()
                    process.wait(10)
                return
        raise RuntimeError(f"pdns_server does not start:\n{(folder / 'log').read_text()}")
    finally:
        shutil.rmtree(folder)


def _start(folder: Path, port: int, address: str) -> subprocess.Popen[bytes] | None:
    (folder / "pdns.conf").write_text(
        f"launch=gsqlite3\ngsqlite3-database={folder}/pdns.db\ngsqlite3-dnssec=yes\n{address}\n"
        f"socket-dir={folder}\nsetuid=\nsetgid=\nguardian=no\ndaemon=no\nsecurity-poll-suffix=\n"
    )
    with (folder / "log").open("wb") as log:
        command = ["/usr/sbin/pdns_server", f"--config-dir={folder}"]
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    query = dns.message.make_query("ready.invalid", "SOA")
    for _ in range(100):
        if process.poll() is not None:
            return None
        try:
            dns.query.udp(query, "127.0.0.1", port=port, timeout=0.1)
        except (dns.exception.Timeout, OSError):
            continue
        return process
    process.terminate()
    process.wait(10)
    return None


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port
