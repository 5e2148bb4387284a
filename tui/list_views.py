"""How an operator left their lists: filter, order, columns, and where the cursor was; and the views they named."""

from __future__ import annotations

import fcntl
import os
import re
import threading
from collections.abc import Callable, Hashable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from hostdeck.tui.kept_views import Kept, ListView, NamedView, read, written

FOLDER = "console"
NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")


TYPED = 100
"""So many `:` lines are remembered."""


class ListViews:
    """Kept in `console/ACTOR.json` below the home, each operator's own; without a home, or read-only, for this session.
    A file that can't be read is as none: nothing of the fleet is in it. An operator may have several consoles: what is
    written is what has changed in this one, and the rest stays as another may have left it."""

    def __init__(self, home: Path | None, actor: str, *, read_only: bool = False) -> None:
        name = re.sub(r"[^A-Za-z0-9_.-]", "_", actor).lstrip(".") or "somebody"
        self._path = home / FOLDER / f"{name[:64]}.json" if home and not read_only else None
        self._changes: dict[Hashable, Callable[[Kept], None]] = {}
        self._writing = threading.Lock()
        self._kept = _read(home / FOLDER / f"{name[:64]}.json") if home else Kept()

    @property
    def lasting(self) -> bool:
        """Whether what is named here is there in the next session too."""
        return self._path is not None

    def of(self, name: str) -> ListView:
        return self._kept.lists.get(name, ListView())

    def put(self, name: str, view: ListView) -> None:
        if self.of(name) != view:
            self._change(("list", name), lambda kept: kept.lists.update({name: view}))

    def name(self, word: str, section: str, view: ListView) -> None:
        named = NamedView(section, view)
        self._change(("named", word), lambda kept: kept.named.update({word: named}))

    def forget(self, word: str) -> bool:
        """False where there was none."""

        def forgotten(kept: Kept) -> None:
            kept.named.pop(word, None)

        known = word in self._kept.named
        if known:
            self._change(("named", word), forgotten)
        return known

    def named(self, word: str) -> NamedView | None:
        return self._kept.named.get(word)

    @property
    def names(self) -> Iterable[str]:
        return sorted(self._kept.named)

    @property
    def typed(self) -> list[str]:
        """The `:` lines of before, the newest last, each once."""
        return self._kept.typed

    def remember(self, line: str) -> None:
        def remembered(kept: Kept) -> None:
            kept.typed = [*(old for old in kept.typed if old != line), line][-TYPED:]

        self._change(("typed", line), remembered)

    def _change(self, what: Hashable, change: Callable[[Kept], None]) -> None:
        """The last change of the same thing is the one that counts."""
        change(self._kept)
        if self._path is not None:
            self._changes.pop(what, None)
            self._changes[what] = change

    def write(self) -> None:
        """OSError where the folder can't be written; what has changed is then written the next time."""
        with self._writing:
            changes = dict(self._changes)
            if self._path is None or not changes:
                return
            self._path.parent.mkdir(mode=0o700, exist_ok=True)
            with _alone(self._path.with_suffix(".lock")):
                kept = _read(self._path, strict=True)
                for change in changes.values():
                    change(kept)
                new = self._path.with_suffix(f".{os.getpid()}.new")
                with os.fdopen(_open(new, os.O_TRUNC), "w", encoding="utf-8") as file:
                    file.write(written(kept))
                new.replace(self._path)
            for what, change in changes.items():
                if self._changes.get(what) is change:
                    del self._changes[what]


def _read(path: Path, *, strict: bool = False) -> Kept:
    """`strict`: OSError where there is a file that can't be read just now, since it is about to be replaced."""
    try:
        return read(path.read_bytes())
    except FileNotFoundError:
        return Kept()
    except OSError:
        if strict:
            raise
        return Kept()


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """While no other console of the operator's reads and writes the file."""
    with os.fdopen(_open(path), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _open(path: Path, flags: int = 0) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | flags, 0o600)
