"""How an operator left their lists: filter, order, columns, and where the cursor was; and the views they named."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

FOLDER = "console"
NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")


class ListView(BaseModel):
    """`order`: a column's key, and whether it is turned round. `cursor`: the key of a row."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    filter: str = ""
    order: tuple[str, bool] | None = None
    hidden: frozenset[str] = frozenset()
    wide: bool = False
    cursor: int | str | None = None


class NamedView(BaseModel):
    """A view of the list under that section, to come back to by its own `:` word."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    section: str
    view: ListView


class Kept(BaseModel):
    model_config = ConfigDict(extra="ignore")

    lists: dict[str, ListView] = {}
    named: dict[str, NamedView] = {}
    typed: list[str] = []


TYPED = 100
"""So many `:` lines are remembered."""


class ListViews:
    """Kept in `console/ACTOR.json` below the home, each operator's own; without a home, or read-only, for this session.
    A file that can't be read is as none: nothing of the fleet is in it."""

    def __init__(self, home: Path | None, actor: str, *, read_only: bool = False) -> None:
        name = re.sub(r"[^A-Za-z0-9_.-]", "_", actor).lstrip(".") or "somebody"
        self._path = home / FOLDER / f"{name[:64]}.json" if home else None
        self._read_only = read_only
        self._kept = self._load()
        self._written = self._kept.model_dump_json()

    def _load(self) -> Kept:
        if self._path is None:
            return Kept()
        try:
            return Kept.model_validate_json(self._path.read_bytes())
        except (OSError, ValidationError):
            return Kept()

    def of(self, name: str) -> ListView:
        return self._kept.lists.get(name, ListView())

    def put(self, name: str, view: ListView) -> None:
        self._kept.lists[name] = view

    def name(self, word: str, section: str, view: ListView) -> None:
        self._kept.named[word] = NamedView(section=section, view=view)

    def forget(self, word: str) -> bool:
        """False where there was none."""
        return self._kept.named.pop(word, None) is not None

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
        kept = [old for old in self._kept.typed if old != line]
        self._kept.typed = [*kept, line][-TYPED:]

    def write(self) -> None:
        """OSError where the folder can't be written."""
        text = self._kept.model_dump_json()
        if self._path is None or self._read_only or text == self._written:
            return
        self._path.parent.mkdir(mode=0o700, exist_ok=True)
        new = self._path.with_suffix(f".{os.getpid()}.new")
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        new.replace(self._path)
        self._written = text
