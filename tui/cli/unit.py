"""`init --systemd`: the worker's unit, written where it can be looked at, and what makes it run."""

from __future__ import annotations

import grp
import os
import pwd
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hostdeck.core.settings import Settings


def write_unit(settings: Settings, folder: Path | None) -> Path:
    """The unit for this home, this Unix user and this installation, in `folder` or in the home."""
    from hostdeck.core.errors import Refused
    from hostdeck.core.settings import sqlite_path
    from hostdeck.queue.systemd_unit import NAME, unit_text

    script = Path(sys.executable).with_name("hostdeck")
    program = [str(script)] if os.access(script, os.X_OK) else [sys.executable, "-m", "hostdeck"]
    files = [sqlite_path(settings.database), sqlite_path(settings.queue), settings.worker_log]
    writes = [settings.home, *(path.parent for path in files if path and not path.is_relative_to(settings.home))]
    reads = [Path(sys.prefix), Path(sys.base_prefix), Path(__file__), settings.worker_key]
    command = [*program, "--home", str(settings.home), "worker"]
    user, group = pwd.getpwuid(os.getuid()).pw_name, grp.getgrgid(os.getgid()).gr_name
    path = (folder or settings.home).expanduser().absolute() / NAME
    text = unit_text(command, user, group, writes, reads)
    try:
        path.write_text(text, "utf-8")
        path.chmod(0o644)
    except OSError as error:
        raise Refused("systemd", f"{path}: {error.strerror or error}; name a folder with --systemd-dir") from None
    return path


def enabling(path: Path) -> tuple[str, ...]:
    """What somebody with root types to have the worker run from now on."""
    install = () if path.parent == Path("/etc/systemd/system") else (
        f"sudo install -m 644 {shlex.quote(str(path))} /etc/systemd/system/{path.name}",
    )  # fmt: skip
    return (*install, "sudo systemctl daemon-reload", f"sudo systemctl enable --now {path.name}")


def only_in_this_shell(environ: dict[str, str]) -> tuple[str, ...]:
    """Settings that the unit's worker would not see."""
    from hostdeck.core.settings import ENVIRONMENT

    return tuple(sorted(set(environ) & set(ENVIRONMENT)))
