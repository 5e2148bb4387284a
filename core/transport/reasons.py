"""Why a host was not reached, in the system's own words."""

from __future__ import annotations

import os


def reason_of(error: Exception) -> str:
    """`Connection refused` for what asyncio words `[Errno 111] Connect call failed ('192.0.2.1', 22)`: the address
    stands in the sentence already. A name that is not known has a number below zero and words of its own."""
    if isinstance(error, OSError) and error.errno is not None:
        return os.strerror(error.errno) if error.errno > 0 else error.strerror or str(error)
    if isinstance(error, TimeoutError):
        return "no answer in time"
    return str(error) or type(error).__name__
