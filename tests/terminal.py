"""A program on a pseudo-terminal, as an engineer's SSH link sees it."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import subprocess
import termios
import time
from collections.abc import Sequence

UNWANTED = {"NO_COLOR", "TMUX", "COLUMNS", "LINES"}
"""What would make the console draw something else than 120x36 in colour; some test runners set a size."""


class Terminal:
    """120 columns and 36 lines, in colour."""

    def __init__(self, argv: Sequence[str]) -> None:
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 36, 120, 0, 0))
        keep = {key: value for key, value in os.environ.items() if key not in UNWANTED}
        env = keep | {"TERM": "xterm-256color", "COLORTERM": "truecolor", "PYTHONUTF8": "1"}
        self.process = subprocess.Popen(
            argv, stdin=slave, stdout=slave, stderr=slave, env=env, close_fds=True, start_new_session=True
        )
        os.close(slave)

    def read_for(self, seconds: float) -> bytes:
        data, end = b"", time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if select.select([self.master], [], [], left)[0]:
                data += os.read(self.master, 65536)
        return data

    def read_until(self, text: bytes) -> bytes:
        """All that came until this was drawn; the test's time limit ends the wait."""
        data = b""
        while text not in data:
            data += os.read(self.master, 65536)
        return data

    def answer(self, key: str, quiet: float = 0.1) -> float:
        """Seconds from a key to the first byte that it makes the program draw. Before, it has to be `quiet`."""
        while select.select([self.master], [], [], quiet)[0]:
            os.read(self.master, 65536)
        start = time.monotonic()
        self.press(key)
        select.select([self.master], [], [])
        return time.monotonic() - start

    def press(self, key: str) -> None:
        os.write(self.master, key.encode())

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self.master)
