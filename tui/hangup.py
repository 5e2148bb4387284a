"""A terminal that went away without a word: a container's exec that was left, a login that ignores hangups. Nothing
tells the program, which would read its end for ever, as fast as it can.
"""

from __future__ import annotations

import select

HUNG_UP = 129
"""The exit code of a program that a hangup has ended, as a shell tells it."""

GONE = select.POLLHUP | select.POLLERR | select.POLLNVAL


def is_gone(terminal: int) -> bool:
    """Whether nobody holds the other end of that terminal any more."""
    poll = select.poll()
    poll.register(terminal, 0)
    return any(what & GONE for _, what in poll.poll(0))
