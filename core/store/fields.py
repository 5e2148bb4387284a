"""Column types that keep what the domain speaks: enums as their words, times as UTC."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from peewee import CharField, DateTimeField


class WordField(CharField):
    """A StrEnum as its value; a word this program does not know is an error, not a guess."""

    def __init__(self, words: type[StrEnum], **kwargs: Any) -> None:
        self.words = words
        super().__init__(max_length=32, **kwargs)

    def db_value(self, value: Any) -> Any:
        return None if value is None else str(self.words(value))

    def python_value(self, value: Any) -> Any:
        return None if value is None else self.words(value)


class UtcField(DateTimeField):
    """An aware UTC time in the program, a naive UTC time in the row: one order, on every database."""

    def db_value(self, value: Any) -> Any:
        if isinstance(value, datetime) and value.tzinfo is not None:
            value = value.astimezone(UTC).replace(tzinfo=None)
        return super().db_value(value)

    def python_value(self, value: Any) -> Any:
        value = super().python_value(value)
        return value.replace(tzinfo=UTC) if isinstance(value, datetime) else value


def utcnow() -> datetime:
    """The wall clock; leases never use it."""
    return datetime.now(UTC)
