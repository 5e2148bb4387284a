"""What leaves the console: files, the clipboard, and the terminal itself while the operator's own ssh has it."""

from __future__ import annotations

import asyncio
import os
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from textual.app import SuspendNotSupported

from hostdeck.core.errors import HostdeckError
from hostdeck.tui.clipboard import Way, way
from hostdeck.tui.exports import create_export, save_export
from hostdeck.tui.face import Face
from hostdeck.tui.theme import Tone
from hostdeck.tui.widgets.words import plural

if TYPE_CHECKING:
    from hostdeck.core.queries.views import ServerRow


class Outlets(Face):
    """`unreadable` are what a database that can't be reached raises."""

    @property
    def unreadable(self) -> tuple[type[Exception], ...]:
        raise NotImplementedError

    def keep(self, name: str, text: str) -> str:
        """Saves a file for the engineer, readable by nobody else; its path. In a browser it is downloaded."""
        if self.is_web:
            self.deliver_text(StringIO(text), save_filename=name)
            return f"{name} to the browser's downloads"
        return str(save_export(self._home or Path.cwd(), name, text))

    def create(self, name: str) -> tuple[str, TextIO]:
        path, file = create_export(self._home or Path.cwd(), name)
        return str(path), file

    def copy(self, text: str) -> None:
        self.run_worker(self._copy(text))

    async def _copy(self, text: str) -> None:
        """What can't be brought to the terminal is a file: nothing is said to be copied that may not have been."""
        size = f"{plural(len(text.splitlines()), 'line')}, {len(text.encode()):,} bytes"
        by = Way("file", why="a browser keeps its clipboard to itself")
        if not self.is_web:
            by = await asyncio.to_thread(way, text, os.environ)
        if by.sequence and self._driver is not None:
            self._clipboard = text
            self._driver.write(by.sequence)
            self.say(f"copied {size}, by {by.words}")
            return
        try:
            path = await asyncio.to_thread(self.keep, "copied.txt", text)
        except OSError as error:
            self.say(f"copied.txt: {error}", Tone.WRONG)
        else:
            self.say(f"{size} in {path}: {by.why}")

    def open_shell(self, name: str) -> None:
        """The console stands aside while the operator's own ssh has the terminal."""
        if self.is_web:
            self.say("a browser can't be handed over to a shell; in a terminal: hostdeck, or ssh to it", Tone.WAITING)
        elif self.door.read_only:
            self.say("hostdeck runs read-only here; it opens no shell", Tone.WAITING)
        else:
            self.run_worker(self._open_shell(name))

    async def _open_shell(self, name: str) -> None:
        from hostdeck.core.queries import fleet, servers

        def looked() -> tuple[ServerRow, str]:
            return fleet.server(name), servers.pinned_key(name)

        from hostdeck.tui.shell import run_shell

        try:
            row, key = await self.feed.read(looked)
            with self.suspend():
                code = run_shell(row, key)
        except SuspendNotSupported:
            self.say("this terminal can't be handed over; in another one: ssh to the node", Tone.WAITING)
        except FileNotFoundError:
            self.say("there is no ssh on this machine; install OpenSSH's client", Tone.WRONG)
        except HostdeckError as error:
            self.say(str(error), Tone.WRONG)
        except self.unreadable as error:
            self.say(str(error), Tone.WRONG)
        else:
            self.say(f"back from {name}; ssh ended with {code}")
