"""What the worker tells systemd (`sd_notify(3)`): that it is ready, what it does, that it lives, that it stops.

A datagram of a few bytes to the address in NOTIFY_SOCKET; the libraries for it have no upkeep any more.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
from collections.abc import Callable, Mapping

log = logging.getLogger("hostdeck.worker")


class Systemd:
    """Silent where nobody listens: not under systemd, every call does nothing."""

    def __init__(self, environ: Mapping[str, str] = os.environ) -> None:
        self._address = environ.get("NOTIFY_SOCKET", "")
        self.watchdog = _watchdog(environ)

    def tell(self, *lines: str) -> None:
        """Sends lines such as `READY=1`; a supervisor that does not take them is no reason to stop working."""
        if not self._address:
            return
        # "@" stands for the zero byte that begins an abstract address.
        address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as link:
                link.settimeout(1.0)
                link.sendto("\n".join(lines).encode(), address)
        except OSError as error:
            log.warning("systemd could not be told %s: %s", lines[0], error)


def _watchdog(environ: Mapping[str, str]) -> float | None:
    """Seconds within which systemd wants to hear from this process; None where it does not."""
    usec, pid = environ.get("WATCHDOG_USEC", ""), environ.get("WATCHDOG_PID", "")
    if not usec.isdecimal() or int(usec) == 0 or (pid and pid != str(os.getpid())):
        return None
    return int(usec) / 1_000_000


class Alive(threading.Thread):
    """Says that the worker lives, as long as `trouble` finds none; where it finds some, nothing is said, and systemd
    starts the worker anew once its patience ends. `status` is the line that `systemctl status` shows."""

    def __init__(
        self,
        systemd: Systemd,
        trouble: Callable[[], str | None],
        status: Callable[[], str],
        stop: threading.Event,
        every: float | None = None,
    ) -> None:
        super().__init__(name="alive", daemon=True)
        self._systemd = systemd
        self._trouble = trouble
        self._status = status
        self._stop_asked = stop
        # Half of the patience, so that one look that takes its time is not a death.
        self._every = every or min(20.0, (systemd.watchdog or 40.0) / 2)

    def run(self) -> None:
        while not self._stop_asked.wait(self._every):
            trouble = self._trouble()
            if trouble is None:
                self._systemd.tell("WATCHDOG=1", f"STATUS={self._status()}")
            else:
                log.error("the worker hangs: %s", trouble, extra={"event": "hang"})
                self._systemd.tell(f"STATUS=hangs: {trouble}")
