"""Listings as Hestia prints them: JSON put together by hand, all values strings (`hestia.md` 3.2)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

Entry = tuple[str, Sequence[tuple[str, str]]]


def pick(row: Mapping[str, str], keys: Iterable[str]) -> list[tuple[str, str]]:
    """The named values in order; a key that is missing prints as empty."""
    return [(key, row.get(key, "")) for key in keys]


def _pair(key: str, value: str, tight: Iterable[str]) -> str:
    return f'        "{key}":{"" if key in tight else " "}"{value}"'


def listing(entries: Iterable[Entry], *, close: str = "    }", tight: Iterable[str] = (), end: str = "\n") -> str:
    """`{"name": {...}}`; no entry at all gives two lines. Nothing is escaped here."""
    tight = frozenset(tight)
    bodies = [
        f'    "{name}": {{\n' + ",\n".join(_pair(key, value, tight) for key, value in pairs) + f"\n{close}"
        for name, pairs in entries
    ]
    if not bodies:
        return "{\n}\n"
    return "{\n" + ",\n".join(bodies) + end + "}\n"


def array(names: Iterable[str], indent: str = "\t") -> str:
    """A JSON array of names, one a line."""
    lines = [f'{indent}"{name}"' for name in names]
    return "[\n" + ",\n".join(lines) + ("\n" if lines else "") + "]\n"


def plain(rows: Iterable[Sequence[str]]) -> str:
    """Tab-separated lines."""
    return "".join("\t".join(row) + "\n" for row in rows)
