"""The operator's own ssh to a node, held to the host key that is pinned for it. Nothing of hostdeck's credential goes
into it: who comes in, and with which key, is the operator's affair.
"""

from __future__ import annotations

import getpass
import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hostdeck.core.queries.views import ServerRow

ASK_SECONDS = 5.0
NO_COMMAND = "KnownHostsCommand=none"
FAILED = 255
"""ssh's own exit code: it did not come in; anything else is the remote shell's."""


@contextmanager
def known_hosts(name: str, key: str) -> Iterator[Path]:
    """A file with the pinned key under the server's alias, and nothing else; gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="hostdeck-ssh-") as folder:
        file = Path(folder) / "known_hosts"
        file.touch(mode=0o600)
        file.write_text(f"{alias(name)} {' '.join(key.split()[:2])}\n")
        yield file


def alias(name: str) -> str:
    """What the key is looked up under: the address may be spelt in several ways, the server's name in one."""
    return f"hostdeck-{name}"


@dataclass(frozen=True, slots=True)
class OwnSsh:
    """What the operator's ssh says of itself: the `user` to name, empty where its configuration does, and whether it
    knows KnownHostsCommand (OpenSSH 8.5), which could bring in other keys."""

    user: str
    commands: bool = True


def own_ssh(server: ServerRow) -> OwnSsh:
    """The server's login, unless the operator's ssh configuration names another for this host."""
    told = _configuration(server, "-o", NO_COMMAND)
    commands = told is not None
    told = told if told is not None else _configuration(server)
    lines = (told or "").splitlines()
    configured = next((line.partition(" ")[2] for line in lines if line.startswith("user ")), "")
    return OwnSsh(server.ssh_username if configured in ("", getpass.getuser()) else "", commands)


def _configuration(server: ServerRow, *more: str) -> str | None:
    argv = ["ssh", "-G", *more, "-p", str(server.ssh_port), "--", server.hostname]
    try:
        return subprocess.run(
            argv, capture_output=True, text=True, timeout=ASK_SECONDS, check=True, stdin=subprocess.DEVNULL
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return None


def shell_argv(server: ServerRow, hosts: Path, own: OwnSsh) -> list[str]:
    """The words of the call."""
    pinned = [
        f"UserKnownHostsFile={hosts}",
        "GlobalKnownHostsFile=/dev/null",
        "StrictHostKeyChecking=yes",
        f"HostKeyAlias={alias(server.name)}",
        "VerifyHostKeyDNS=no",
        "UpdateHostKeys=no",
        # A connection that stands already has compared its key with whatever its own call was told.
        "ControlPath=none",
        *((NO_COMMAND,) if own.commands else ()),
    ]
    options = [word for option in pinned for word in ("-o", option)]
    to = f"{own.user}@{server.hostname}" if own.user else server.hostname
    return ["ssh", *options, "-p", str(server.ssh_port), "--", to]


def run_shell(server: ServerRow, key: str) -> int:
    """Says what is run, runs it on this terminal, and gives its exit code; OSError where there is no ssh."""
    with known_hosts(server.name, key) as hosts:
        argv = shell_argv(server, hosts, own_ssh(server))
        sys.stdout.write(
            f"hostdeck: {shlex.join(argv)}\n"
            f"Held to the pinned host key {server.host_key}; your own key or password is used. `exit` comes back.\n"
        )
        sys.stdout.flush()
        code = subprocess.run(argv, check=False).returncode
    if code == FAILED and os.isatty(0):
        sys.stdout.write("ssh did not come in; Enter goes back to hostdeck ")
        sys.stdout.flush()
        sys.stdin.readline()
    return code
