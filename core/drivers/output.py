"""What one stream of one guarded step brings, while it runs: whole lines to the log, a bounded rest to the parser."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from hostdeck.core.domain.text import LineCleaner
from hostdeck.core.domain.vocabulary import Stream

STRAGGLER = 2.0
"""Seconds that stderr may come after the frame that counted it."""

Sink = Callable[[Stream, str], None]


class Output:
    """One stream of one step: kept up to a bound, passed on line by line, and waited for until it is all here."""

    def __init__(self, stream: Stream, keep: int, log: Sink | None) -> None:
        self._stream = stream
        self._keep = keep
        self._log = log
        self._kept = bytearray()
        self._total = 0
        self._lines = LineCleaner()
        self._in_line = False
        self._ended_early = False
        self._arrived = asyncio.Event()

    def take(self, data: bytes) -> None:
        """The next bytes; none at all where the stream rests on a newline that `frames` has to hold back."""
        if not data:
            self._end_line()
            return
        self._total += len(data)
        self._kept += data[: self._keep - len(self._kept)]
        self._in_line = not data.endswith((b"\n", b"\r"))
        self._pass_on(self._lines.feed(data.removeprefix(b"\n") if self._ended_early else data))
        self._ended_early = False
        self._arrived.set()

    def _end_line(self) -> None:
        """A line is shown when it is whole, not when the next one comes; its newline is then passed over."""
        if self._in_line and not self._ended_early:
            self._pass_on(self._lines.flush())
            self._ended_early = True

    def _pass_on(self, lines: list[str]) -> None:
        if self._log is not None:
            for line in lines:
                self._log(self._stream, line)

    async def whole(self, size: int) -> bytes:
        """The kept bytes, once `size` have come: the two streams travel apart. A lost line ends the wait."""
        try:
            async with asyncio.timeout(STRAGGLER):
                while self._total < size:
                    self._arrived.clear()
                    await self._arrived.wait()
        except TimeoutError:
            pass  # the rest is lost with the line; the exit code is what decides
        self._pass_on(self._lines.flush())
        return bytes(self._kept)
