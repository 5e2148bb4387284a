"""When two names of a mail domain are the same to HestiaCP: it takes a name for a pattern, in which a dot is any
character (`hestia.md` 1.6, 7). A command about `a.b` then reaches `axb` too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_PLAIN = re.compile(r"[A-Za-z0-9]|[A-Za-z0-9_][A-Za-z0-9_.-]{0,62}[A-Za-z0-9_]")


def is_plain(name: str) -> bool:
    """Whether nothing in a name but a dot means anything to HestiaCP's tools."""
    return _PLAIN.fullmatch(name) is not None


def looks_like(name: str, other: str) -> bool:
    """Whether a command about `name` would reach `other`, which is another name."""
    return name != other and len(name) == len(other) and all(a in (".", b) for a, b in zip(name, other, strict=True))


def reached(names: Iterable[str], others: Iterable[str]) -> str | None:
    """One of the others that a command about any of the names would reach."""
    there = tuple(others)
    return next((other for name in names for other in there if looks_like(name, other)), None)


def in_the_way(name: str, others: Iterable[str]) -> str | None:
    """What keeps a new name from standing beside the others: the same, one it reaches, or one that would reach it."""
    return next((other for other in others if name == other or alike(name, other)), None)


def alike(name: str, other: str) -> bool:
    return looks_like(name, other) or looks_like(other, name)


def _order(address: str) -> tuple[int, int, str]:
    return len(address), -address.count("."), address


def _counts_as_there(address: str, forwards: Iterable[str]) -> bool:
    """HestiaCP looks for a forward as a pattern between word ends: `bob@x.org` counts as there once `jim.bob@x.org`
    is."""
    pattern = re.escape(address).replace(r"\.", ".")
    return re.search(rf"(?<!\w){pattern}(?!\w)", ",".join(forwards), re.ASCII) is not None


def forward_moves(there: Iterable[str], wanted: Iterable[str]) -> tuple[tuple[bool, str], ...]:
    """What turns some forwards into others, one after the other: (True, address) adds, (False, address) takes away.
    New ones come first where they can, so that mail always has somewhere to go."""
    now, goal, moves = list(dict.fromkeys(there)), set(wanted), []

    def add(address: str) -> None:
        moves.append((True, address))
        now.append(address)

    def take(address: str) -> None:
        moves.append((False, address))
        now[:] = [one for one in now if one != address and not looks_like(address, one)]

    for address in sorted(goal - set(now), key=_order):
        if not _counts_as_there(address, now):
            add(address)
    for address in [one for one in now if one not in goal]:
        if address in now:
            take(address)
    while missing := goal - set(now):
        address = min(missing, key=_order)
        for other in [one for one in now if _counts_as_there(address, [one])]:
            if other in now:
                take(other)
        add(address)
    return tuple(moves)
