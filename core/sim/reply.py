"""What a command on a simulated node gives back."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reply:
    """Exit code and the two outputs of one finished command."""

    exit: int
    stdout: str = ""
    stderr: str = ""
