"""A MariaDB of the tests' own: a throw-away folder on a free loopback port, ended by its pid."""

from __future__ import annotations

import getpass
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.postgres import free_port

SERVER = shutil.which("mariadbd") or "/usr/sbin/mariadbd"
PASSWORD = "it's \\ a word".replace("'", "")


@contextmanager
def start_mariadb() -> Iterator[int]:
    """Yields the port; `root` has PASSWORD, as on a node of HestiaCP."""
    folder, port = Path(tempfile.mkdtemp(prefix="hdk-my-")), free_port()
    own = ["--no-defaults", f"--datadir={folder / 'data'}", f"--user={getpass.getuser()}"]
    # A machine has few places for asynchronous reading and writing, and other servers may have taken them.
    own += ["--innodb-use-native-aio=0", "--innodb-buffer-pool-size=8M"]
    try:
        install = ["mariadb-install-db", *own, "--auth-root-authentication-method=normal", "--skip-test-db"]
        subprocess.run(install, check=True, capture_output=True)
        options = [f"--port={port}", "--bind-address=127.0.0.1", f"--socket={folder / 's'}"]
        options.append(f"--pid-file={folder / 'p'}")
        with (folder / "log").open("wb") as log:
            server = subprocess.Popen([SERVER, *own, *options], stdout=log, stderr=log)
        try:
            _wait_for(folder / "s", server)
            word = PASSWORD.replace("\\", "\\\\")
            sql(f"ALTER USER root@localhost IDENTIFIED BY '{word}'", "--socket", str(folder / "s"))
            yield port
        finally:
            server.terminate()
            server.wait(30)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _wait_for(socket: Path, server: subprocess.Popen[bytes]) -> None:
    while not socket.exists():
        assert server.poll() is None, "mariadbd has ended"
        time.sleep(0.05)


def sql(text: str, *how: str) -> str:
    argv = ["mariadb", "--no-defaults", "-u", "root", "-N", *how, "-e", text]
    return subprocess.run(argv, check=True, capture_output=True, text=True).stdout
