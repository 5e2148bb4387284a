"""A terminal as far as the console uses one: what stands on it after some bytes. Colours are not kept."""

from __future__ import annotations

import re

SEQUENCE = re.compile(
    r"\x1b\[([?>=]?)([\d;]*)(\$?[A-Za-z])|\x1b[\]P].*?(?:\x07|\x1b\\)|\x1b.|[\r\n]|[^\x1b\r\n]+", re.S
)


class Screen:
    """`feed` takes bytes as they come, also cut inside a sequence."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self.rows = [[" "] * width for _ in range(height)]
        self.x = self.y = 0
        self.top, self.bottom = 0, height - 1
        self.scrolled = 0
        self._left = b""

    def feed(self, data: bytes) -> None:
        data = self._left + data
        cut = data.rfind(b"\x1b")
        whole = cut < 0 or re.match(rb"\x1b\[[?>=]?[\d;]*\$?[A-Za-z]|\x1b[^\[\]P]", data[cut:]) is not None
        self._left = b"" if whole else data[cut:]
        text = (data if whole else data[:cut]).decode("utf-8", "replace")
        for found in SEQUENCE.finditer(text):
            if found.group(3):
                self._control(found.group(1), found.group(2), found.group(3))
            elif found.group() == "\r":
                self.x = 0
            elif found.group() == "\n":
                self._next()
            elif not found.group().startswith("\x1b"):
                self._write(found.group())

    @property
    def lines(self) -> list[str]:
        return ["".join(row).rstrip() for row in self.rows]

    def _next(self) -> None:
        if self.y == self.bottom:
            self._scroll(1)
        else:
            self.y = min(self.height - 1, self.y + 1)

    def _scroll(self, count: int) -> None:
        for _ in range(count):
            del self.rows[self.top]
            self.rows.insert(self.bottom, [" "] * self.width)
        self.scrolled += count

    def _write(self, text: str) -> None:
        for char in text:
            if self.x < self.width:
                self.rows[self.y][self.x] = char
            self.x += 1

    def _control(self, private: str, words: str, letter: str) -> None:
        numbers = [int(word or 0) for word in words.split(";")]
        if private:
            return
        if letter == "H":
            self.y = max(1, numbers[0]) - 1
            self.x = max(1, numbers[1] if len(numbers) > 1 else 1) - 1
        elif letter == "r":
            self.top = max(1, numbers[0]) - 1
            self.bottom = (numbers[1] if len(numbers) > 1 else self.height) - 1
            self.x = self.y = 0
        elif letter == "S":
            self._scroll(numbers[0] or 1)
        elif letter == "K":
            self.rows[self.y][self.x :] = [" "] * (self.width - self.x)
        elif letter == "J":
            self.rows = [[" "] * self.width for _ in range(self.height)]
