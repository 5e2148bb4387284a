"""Statements that are put every time a task moves, put together once.

Peewee makes the text of a statement anew each time from a tree of its parts. For the long ones, such as a claim's, that
takes several times as long as the database does.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from peewee import Value

from hostdeck.core.store.base import database


class _Blank:
    """Stands in a statement for what is filled in each time."""

    def __init__(self, name: str) -> None:
        self.name = name


class Kept:
    """A statement as a function of what is filled in, each by name. Values go in as the database has them: a time by
    its field's `db_value`."""

    def __init__(self, make: Callable[..., Any]) -> None:
        self._make = make
        self._texts: dict[type, tuple[str, list[Any]]] = {}

    def changed(self, **values: Any) -> int:
        """Carries it out; the number of rows it has changed."""
        return int(self._put(values).rowcount)

    def first(self, **values: Any) -> tuple[Any, ...] | None:
        """Its first row, as the database has it."""
        row: tuple[Any, ...] | None = self._put(values).fetchone()
        return row

    def _put(self, values: dict[str, Any]) -> Any:
        text, parts = self._texts.get(type(database.obj)) or self._put_together()
        return database.execute_sql(text, [values[part.name] if isinstance(part, _Blank) else part for part in parts])

    def _put_together(self) -> tuple[str, list[Any]]:
        names = inspect.signature(self._make).parameters
        query = self._make(**{name: Value(_Blank(name), converter=False) for name in names})
        found = self._texts[type(database.obj)] = query.sql()
        return found
