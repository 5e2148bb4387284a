"""A PostgreSQL of the tests' own: a throw-away cluster on a free loopback port, ended by its pid."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def binaries() -> Path | None:
    """The newest installed server's programs (Debian keeps them off PATH)."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if found:
        return found[-1].parent
    where = shutil.which("initdb")
    return Path(where).parent if where else None


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def start_postgres(bin_dir: Path) -> Iterator[str]:
    """Yields the address of an empty database's server, without a database name at its end."""
    folder = Path(tempfile.mkdtemp(prefix="hdk-pg-"))
    # The server refuses to run as root; Debian's package brings a user for it.
    as_user = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
    if as_user:
        shutil.chown(folder, "postgres", "postgres")
    data, port = folder / "data", free_port()
    try:
        subprocess.run(
            [*as_user, bin_dir / "initdb", "-D", data, "-U", "hostdeck", "-A", "trust", "-N", "-E", "UTF8"],
            check=True,
            capture_output=True,
            cwd=folder,
        )
        options = f"-p {port} -h 127.0.0.1 -k {folder} -F -c max_connections=50"
        control = [*as_user, bin_dir / "pg_ctl", "-D", data, "-w"]
        subprocess.run(
            [*control, "-o", options, "-l", folder / "log", "start"], check=True, capture_output=True, cwd=folder
        )
        try:
            yield f"postgresql://hostdeck@127.0.0.1:{port}"
        finally:
            subprocess.run([*control, "-m", "immediate", "stop"], check=True, capture_output=True, cwd=folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
