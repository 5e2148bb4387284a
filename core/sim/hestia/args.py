"""Positional arguments as a Hestia script sees them."""

from __future__ import annotations

from collections.abc import Sequence


class Args:
    """Arguments counted from 1; one that is absent reads as the empty string, like an unset shell variable."""

    def __init__(self, values: Sequence[str]) -> None:
        self.values = tuple(values)

    def __len__(self) -> int:
        return len(self.values)

    def __getitem__(self, place: int) -> str:
        return self.values[place - 1] if place <= len(self.values) else ""

    def absent(self, place: int, default: str) -> str:
        """`${N-default}`: the default holds only when the argument is absent, not when empty (`hestia.md` 3.1)."""
        return self.values[place - 1] if place <= len(self.values) else default
