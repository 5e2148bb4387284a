"""What a screen has to know of a log to let it be searched by its prompt; the log itself takes long to load."""

from __future__ import annotations


class Searched:
    """`needle`: what is looked for, if anything."""

    needle: str

    @property
    def narrowed(self) -> str:
        """What it is narrowed to, as it was typed."""
        raise NotImplementedError

    def find(self, needle: str) -> None:
        raise NotImplementedError

    def filter(self, text: str) -> None:
        raise NotImplementedError

    def step_back(self) -> bool:
        """False where nothing is looked for and nothing is left out."""
        raise NotImplementedError
