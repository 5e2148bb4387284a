"""What lies over a screen."""

from __future__ import annotations

from pathlib import Path
from typing import Generic, TypeVar

from textual.screen import ModalScreen

R = TypeVar("R")
FURTHER = Path(__file__).parent.parent / "further.tcss"
"""The styles of all screens but the first, which Textual reads before it shows one of them."""


class Dialog(ModalScreen[R], Generic[R]):
    CSS_PATH = FURTHER
