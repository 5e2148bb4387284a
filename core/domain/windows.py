"""A long list is read by windows: what is asked for, and what comes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

R = TypeVar("R")
WINDOW = 200
"""More than any terminal has lines, and read within a key's press among 100,000."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a list wants to see: `text` as typed after `/`, `order` a column and whether it is turned round, and `limit`
    rows from the one with index `first` on; or, where the row with the number `near` is kept, those around it."""

    text: str = ""
    order: tuple[str, bool] | None = None
    first: int = 0
    limit: int = WINDOW
    near: int | None = None


@dataclass(frozen=True, slots=True)
class Window(Generic[R]):
    """`rows` are those of `asked`, from its `first` on, of the `count` that are kept, of `total`; `states` counts all
    by state; `keys` are the qualifiers that it can be narrowed by."""

    rows: tuple[R, ...]
    asked: Asked
    count: int
    total: int
    states: Mapping[str, int] = field(default_factory=dict)
    keys: frozenset[str] = frozenset()
